// What the history costs: recording a sample, reading a window of it, and judging it; and a check's part of that for 50
// services.
//
//   node bench/history.mjs [DAYS=20]
//
// Records a sample a minute for that many days, counts the writes, then reads windows of a day, three days and two
// weeks, the median of 51 times each, from the page cache. Prints a JSON document.
import { copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { median } from './median.mjs'

const repo = dirname(dirname(fileURLToPath(import.meta.url)))
const services = 50
const days = Number(process.argv[2] ?? 20)
const folder = mkdtempSync(join(tmpdir(), 'oh-bench-history-'))

const load = async () => {
  const outfile = join(folder, 'history.mjs')
  const from = (path) => JSON.stringify(join(repo, 'src', path))
  await build({
    stdin: {
      contents: `export { makeSave } from ${from('host/save.ts')}
export { readHistory, writeHistory } from ${from('store/history-file.ts')}
export { recordSample } from ${from('store/history-record.ts')}
export { verdictOf } from ${from('store/history-verdict.ts')}
export { newestOf, seriesOf } from ${from('store/history-series.ts')}`,
      resolveDir: repo,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'error',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)",
    },
  })
  return import(pathToFileURL(outfile).href)
}

const timed = (work) => {
  const from = process.hrtime.bigint()
  work()
  return Number(process.hrtime.bigint() - from) / 1e6
}

try {
  const { makeSave, newestOf, readHistory, writeHistory, recordSample, seriesOf, verdictOf } = await load()
  const uid = process.getuid()
  const save = makeSave({ uid, pid: process.pid }, Date.now)
  const path = join(folder, 'web.hist')
  const minute = 60_000
  const start = Math.floor(1.8e12 / 86_400_000) * 86_400_000
  const written = { writes: 0, bytes: 0 }
  const recording = []
  for (let i = 0; i < days * 1440; i++) {
    const sample = {
      atMs: start + i * minute,
      leakBytes: 4e8 + i * 1e4,
      usedBytes: 5e8 + i * 1e4,
      limitBytes: 2e9,
      swapBytes: 0,
      cpuSeconds: i,
      processes: 4,
      openFiles: 30,
      threads: 12,
      identity: 7,
    }
    const ms = timed(() =>
      writeHistory(save, uid, path, 'web', (file) =>
        recordSample(
          {
            read: file.read,
            write(offset, bytes) {
              written.writes++
              written.bytes += bytes.length
              file.write(offset, bytes)
            },
          },
          sample,
        ),
      ),
    )
    recording.push(ms)
  }
  const now = start + days * 1440 * minute
  const reading = Object.fromEntries(
    [1, 3, 14].map((span) => {
      let points = 0
      const times = Array.from({ length: 51 }, () =>
        timed(() => {
          const read = readHistory(save, path, 'web', (file) =>
            seriesOf(file, now - span * 86_400_000, now, now),
          )
          points = read.value.length
        }),
      )
      return [`${span}d`, { points, medianMs: Number(median(times).toFixed(3)) }]
    }),
  )
  const judging = Array.from({ length: 21 }, () =>
    timed(() => readHistory(save, path, 'web', (file) => verdictOf(file, now, null))),
  )
  // 50 services as `check` has them: the sample, then the newest window; the verdicts where they are asked for.
  const paths = Array.from({ length: services }, (_, i) => join(folder, `web-${i}.hist`))
  for (const one of paths) copyFileSync(path, one)
  const sampleAt = (atMs) => ({
    ...{ atMs, leakBytes: 8e8, usedBytes: 9e8, limitBytes: 2e9, swapBytes: 0, cpuSeconds: 1, processes: 4 },
    ...{ openFiles: 30, threads: 12, identity: 7 },
  })
  const fiftyRounds = Array.from({ length: 15 }, (_, round) => {
    const recordMs = timed(() => {
      for (const one of paths) {
        writeHistory(save, uid, one, 'web', (file) => recordSample(file, sampleAt(now + round * minute)))
        readHistory(save, one, 'web', (file) => newestOf(file, 60))
      }
    })
    const verdictMs = timed(() => {
      for (const one of paths)
        readHistory(save, one, 'web', (file) => verdictOf(file, now + round * minute, null))
    })
    return { recordMs, verdictMs }
  })
  console.log(
    JSON.stringify({
      fifty: {
        recordMs: median(fiftyRounds.map(({ recordMs }) => recordMs)),
        verdictMs: median(fiftyRounds.map(({ verdictMs }) => verdictMs)),
      },
      days,
      recordMedianMs: Number(median(recording).toFixed(3)),
      writesPerDay: Math.round(written.writes / days),
      bytesPerDay: Math.round(written.bytes / days),
      fileBytes: statSync(path).size,
      reading,
      verdictMedianMs: Number(median(judging).toFixed(1)),
    }),
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
