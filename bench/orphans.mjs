// What kill-orphans takes to look and to decide, beside `ps aux`: `npm run bench:orphans [PROCESSES=5000] [RULES=40] [ROUNDS=11]`
//
// Starts that many orphans, each with a command line of its own, and takes turns (ours, ps, ours, ps …). Node's start-up is
// not counted, that of ps is (about 10 ms). Nothing is ended but what it started. Two sets of rules: `some`
// fit an eleventh of the processes, `all` every one, each four times. Prints a line each, with medians and the ratio.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { median } from './median.mjs'

const repo = dirname(dirname(fileURLToPath(import.meta.url)))
const [wanted, ruleCount, rounds] = [5000, 40, 11].map((usual, i) => Number(process.argv[i + 2] ?? usual))

const bundled = async (folder) => {
  const outfile = join(folder, 'orphans.mjs')
  const from = (path) => JSON.stringify(join(repo, path))
  await build({
    stdin: {
      contents: `export { judgeRules } from ${from('src/commands/orphans/judge-rules.ts')}
export { makeHost } from ${from('src/host/real.ts')}`,
      resolveDir: repo,
      loader: 'ts',
    },
    ...{ bundle: true, platform: 'node', format: 'esm', outfile, logLevel: 'error', external: ['koffi'] },
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url)",
    },
  })
  return import(pathToFileURL(outfile).href)
}

// As many programs as there are rules, and ten times as many that no rule is about. A shell starts them and ends, so that
// init has them. They end by themselves after ten minutes.
const startOrphans = () =>
  new Promise((resolve, reject) => {
    const body = `i=0; while [ $i -lt "$0" ]; do (exec -a "daemon-$((i % (11 * $1))) --queue $i" sleep 600) & echo $!; i=$((i+1)); done`
    const argv = ['-c', body, String(wanted), String(ruleCount)]
    const shell = spawn('/bin/bash', argv, { stdio: ['ignore', 'pipe', 'inherit'], detached: true })
    let text = ''
    shell.stdout.on('data', (part) => {
      text += part
      if (text.split('\n').length > wanted) resolve(text.match(/\d+/g).map(Number))
    })
    shell.on('error', reject)
  })

const rule = (name, match) => ({
  ...{ name, match, exe: null, user: null, container: null, unit: null, keep: 0, keep_by: 'newest' },
  ...{ older_than: 0, max_memory: null, warn: null, crit: null },
})

const numbered = (make) => Array.from({ length: ruleCount }, (_, r) => make(r))
const ruleSets = {
  some: numbered((r) => rule(`some-${r}`, `daemon-${r} .*--queue`)),
  all: numbered((r) => rule(`all-${r}`, `daemon-\\d* .*--queue \\d*${r % 10} 600$`)),
}

const timed = async (work) => {
  const from = process.hrtime.bigint()
  await work()
  return Number(process.hrtime.bigint() - from) / 1e6
}

/** CPU time of this program and of what it has waited for, in ms: other programs do not stretch it. */
const cpu = () => {
  const { user, system } = process.cpuUsage()
  const [ofUser, ofSystem] = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ').slice(13, 15)
  return { ours: (user + system) / 1000, ps: (Number(ofUser) + Number(ofSystem)) * 10 }
}

const ps = () => {
  const ran = spawnSync('ps', ['aux'], { stdio: ['ignore', 'ignore', 'inherit'] })
  if (ran.status !== 0) throw new Error(`ps ended with ${ran.status ?? ran.signal ?? ran.error}`)
}

const folder = mkdtempSync(join(tmpdir(), 'oratio-health-bench-'))
let pids = []
const results = []
try {
  const { judgeRules, makeHost } = await bundled(folder)
  pids = await startOrphans()
  const out = { columns: 80, isTerminal: false, write() {}, error() {} }
  const settings = { root: '/', dryRun: true, out, logAction() {}, onEndSignal() {} }
  for (const [name, rules] of Object.entries(ruleSets)) {
    let orphans = 0
    const ours = async () => {
      const verdicts = await judgeRules({ loaded: null, global: {}, host: makeHost(settings) }, rules)
      const blind = verdicts.find(({ kind }) => kind !== 'judged')
      if (blind !== undefined) throw new Error(`rule ${blind.rule.name}: ${blind.why}`)
      orphans = verdicts.reduce(
        (sum, { fates }) => sum + [...fates.values()].filter(({ kind }) => kind === 'orphan').length,
        0,
      )
    }
    const times = { ours: [], ps: [] }
    await ours()
    ps()
    const used = { ours: 0, ps: 0 }
    for (let i = 0; i < rounds; i++) {
      const before = cpu()
      times.ours.push(await timed(ours))
      const between = cpu()
      times.ps.push(await timed(ps))
      used.ours += between.ours - before.ours
      used.ps += cpu().ps - between.ps
    }
    const [a, b] = [median(times.ours), median(times.ps)]
    const row = {
      name,
      processes: wanted,
      rules: ruleCount,
      oursMs: a,
      psMs: b,
      ratio: a / b,
      cpuRatio: used.ours / used.ps,
    }
    results.push(row)
    console.log(
      `${name}: ${wanted} processes, ${ruleCount} rules, ${orphans} orphans: ${(a / b).toFixed(2)} x ps aux (${a.toFixed(0)} / ${b.toFixed(0)} ms), CPU ${(used.ours / used.ps).toFixed(2)} x (${(used.ours / rounds).toFixed(0)} / ${(used.ps / rounds).toFixed(0)} ms)`,
    )
  }
  console.log(JSON.stringify({ results }))
} finally {
  for (const pid of pids)
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended.
    }
  rmSync(folder, { recursive: true, force: true })
}
