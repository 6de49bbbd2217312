// What the history costs: recording a sample, and reading a window of it.
//
//   node bench/history.mjs [DAYS=20]
//
// Records a sample a minute for that many days, counts the writes, then reads windows of a day, three days and two
// weeks, the median of 51 times each, from the page cache. Prints a JSON document.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const repo = dirname(dirname(fileURLToPath(import.meta.url)))
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
export { seriesOf } from ${from('store/history-series.ts')}`,
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

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]

const timed = (work) => {
  const from = process.hrtime.bigint()
  work()
  return Number(process.hrtime.bigint() - from) / 1e6
}

try {
  const { makeSave, readHistory, writeHistory, recordSample, seriesOf, verdictOf } = await load()
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
  console.log(
    JSON.stringify(
      {
        days,
        recordMedianMs: Number(median(recording).toFixed(3)),
        writesPerDay: Math.round(written.writes / days),
        bytesPerDay: Math.round(written.bytes / days),
        fileBytes: statSync(path).size,
        reading,
        verdictMedianMs: Number(median(judging).toFixed(1)),
      },
      null,
      2,
    ),
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
