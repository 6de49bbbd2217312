// Runs every measurement that a claim on speed or size rests on, one after the other, prints one table, and writes it into
// docs/performance.md between its two marks. Most need root on Debian, and install what they compare with. About a quarter
// of an hour on a quiet machine.
//
//   npm run bench [-- NAME…]        e.g. npm run bench -- check cleanup; then nothing is written
//
// Each bench/*.mjs prints a JSON document on a line of its own. The status is 1 when a budget is missed that
// bench/explained.json has no reason for, 2 when one could not be measured.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'

const here = import.meta.dirname
const page = join(here, '../docs/performance.md')
const marks = ['<!-- bench: written by npm run bench -->', '<!-- bench: end -->']
/** By the claim's words, where docs/performance.md says why a budget is missed. */
const explained = JSON.parse(readFileSync(join(here, 'explained.json'), 'utf8'))

const row = (claim, measured, bound, unit, detail) => ({ claim, measured, bound, unit, detail })
const ms = (number) => `${number.toFixed(number < 10 ? 1 : 0)} ms`

// What each measurement claims: its rows from its document. No bound: told for comparison.
const benches = [
  { name: 'check', rows: ({ claims }) => claims },
  { name: 'usual-host', rows: ({ claims }) => claims },
  {
    name: 'process-scan',
    rows: ({ processes, scanMs, psMs, ratio, microsecondsPerProcess, scanWithCommandsMs, pgrepMs }) => {
      const detail = `${ms(scanMs)} / ${ms(psMs)}, ${processes} processes`
      return [
        row('process scan / ps -eo pid,ppid,rss,comm', ratio, 0.4, '×', detail),
        row('process scan, for each process', microsecondsPerProcess, 20, 'µs', detail),
        row(
          'process scan with command lines / pgrep -f',
          scanWithCommandsMs / pgrepMs,
          null,
          '×',
          `${ms(scanWithCommandsMs)} / ${ms(pgrepMs)}`,
        ),
      ]
    },
  },
  {
    name: 'orphans',
    rows: ({ results }) =>
      results.map(({ name, processes, rules, oursMs, psMs, ratio, cpuRatio }) =>
        row(
          `kill-orphans, rules that fit ${name === 'all' ? 'all' : 'a few'} / ps aux`,
          ratio,
          0.5,
          '×',
          `${ms(oursMs)} / ${ms(psMs)}, CPU ${cpuRatio.toFixed(2)} ×, ${processes} processes, ${rules} rules`,
        ),
      ),
  },
  {
    name: 'history',
    rows: ({ fifty, fileBytes, days }) => [
      row(
        'history: record and newest window of 50 services',
        fifty.recordMs,
        10,
        'ms',
        `files of ${fileBytes} bytes`,
      ),
      row('history: verdicts of 50 services', fifty.verdictMs, 30, 'ms', `${days} days of samples each`),
    ],
  },
  {
    name: 'watch',
    args: ['3000'],
    rows: ({ rounds, roundCpuMs, percentOfCore, mib }) => [
      row('watch every 30 s, of one core', percentOfCore, 0.3, '%', `${ms(roundCpuMs)} of CPU time a round`),
      row(
        'watch, memory gained',
        mib.last - mib.first,
        2,
        'MiB',
        `${rounds} rounds, ${mib.first.toFixed(0)} to ${mib.last.toFixed(0)} MiB`,
      ),
    ],
  },
  {
    name: 'peers',
    rows: ({ rows }) =>
      rows.map(({ name, roundCpuMs, mib }) =>
        row(`a round of ${name}`, roundCpuMs, null, 'ms of CPU', `${mib.toFixed(0)} MiB`),
      ),
  },
  {
    name: 'growth',
    args: ['3'],
    rows: ({ rows }) =>
      rows.map(({ what, sizes, ms: times, microsecondsEach, growth }) =>
        row(
          `cost of a further one of ${sizes.at(-1)} ${what} / of ${sizes[1]}`,
          growth,
          1.25,
          '×',
          `${microsecondsEach.toFixed(1)} µs each; CPU ${times.map(ms).join(', ')} for ${sizes.join(', ')}`,
        ),
      ),
  },
  {
    name: 'cleanup',
    args: ['3'],
    mayFail: true,
    rows: ({ rows, claims }) => [
      ...claims.map(({ claim, measured, bound }) =>
        row(`cleanup-tmp: ${claim}`, measured, bound, claim.endsWith('MiB') ? '' : '×', ''),
      ),
      ...rows
        .filter(({ name, ratio }) => ratio !== null && name !== 'find' && name !== 'cleanup-tmp')
        .map(({ where, folders, name, ratio, ms: time }) =>
          row(
            `${name} on ${where}, ${folders === 1 ? 'flat' : `${folders} folders`}: time / find`,
            ratio,
            null,
            '×',
            ms(time),
          ),
        ),
    ],
  },
  {
    name: 'crash-report',
    args: ['1', '0.5'],
    mayFail: true,
    rows: ({ journal, files }) => [
      ...(journal === null
        ? []
        : [
            row(
              'crash-report, a journal of 1,000,000 lines / journalctl -o json',
              journal.ratio,
              1.3,
              '×',
              `${ms(journal.ms)} / ${ms(journal.journalctlMs)}`,
            ),
          ]),
      ...files.map(({ name, megabytesPerSecond, mib, bytes }) =>
        row(
          `crash-report, ${name} of ${(bytes / 1e9).toFixed(1)} GB`,
          mib,
          90,
          'MiB',
          `${megabytesPerSecond.toFixed(0)} MB/s`,
        ),
      ),
    ],
  },
]

// It costs Node 20 37 to 53 ms at each start (on both sides of a ratio).
delete process.env.NODE_EXTRA_CA_CERTS

const run = ({ name, args = [], mayFail = false, rows }) => {
  process.stderr.write(`${name} …\n`)
  const ran = spawnSync(process.execPath, [join(here, `${name}.mjs`), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 * 1024,
    timeout: 1_200_000,
  })
  const json = ran.stdout.split('\n').find((line) => line.startsWith('{'))
  // Some end with 1 for a bound that does not hold, and have measured all the same.
  const isDone = ran.status === 0 || (mayFail && (ran.status === 1 || ran.status === 2))
  if (isDone && json) return rows(JSON.parse(json))
  return [{ claim: name, measured: null, detail: `ended with ${ran.status ?? ran.signal ?? ran.error}` }]
}

const verdictOf = ({ claim, measured, bound }) => {
  if (measured === null) return 'not measured'
  if (bound === null) return ''
  if (measured <= bound) return 'holds'
  return claim in explained ? `missed: ${explained[claim]}` : 'MISSED'
}

const cellsOf = (one) => [
  one.claim,
  one.measured === null ? '-' : `${one.measured.toFixed(one.measured < 10 ? 2 : 0)} ${one.unit}`.trim(),
  one.measured === null || one.bound === null ? '' : `${Number(one.bound.toFixed(3))} ${one.unit}`.trim(),
  verdictOf(one),
  one.detail,
]

const wanted = process.argv.slice(2)
const unknown = wanted.find((name) => !benches.some((bench) => bench.name === name))
if (unknown !== undefined) {
  process.stderr.write(`no bench ${unknown}; there are ${benches.map(({ name }) => name).join(', ')}\n`)
  process.exit(64)
}
const loadBefore = loadavg()[0]
const rows = benches.filter(({ name }) => wanted.length === 0 || wanted.includes(name)).flatMap(run)
const machine = `Node ${process.version}, ${cpus().length} CPUs (${cpus()[0]?.model.trim()}), load ${loadBefore.toFixed(1)} before and ${loadavg()[0].toFixed(1)} after, ${new Date().toISOString().slice(0, 10)}.`
const table = [
  '| what | measured | budget | | how |',
  '|---|---|---|---|---|',
  ...rows.map((one) => `| ${cellsOf(one).join(' | ')} |`),
].join('\n')
process.stdout.write(`${machine}\n\n${table}\n`)
if (wanted.length === 0) {
  const text = readFileSync(page, 'utf8')
  const [from, to] = marks.map((mark) => text.indexOf(mark))
  if (from < 0 || to < from) throw new Error(`${page} lacks its marks`)
  writeFileSync(page, `${text.slice(0, from + marks[0].length)}\n${machine}\n\n${table}\n${text.slice(to)}`)
}
const verdicts = rows.map(verdictOf)
process.exitCode = verdicts.includes('not measured') ? 2 : verdicts.includes('MISSED') ? 1 : 0
