// Runs every measurement that a claim on speed or size rests on, one after the other, and prints one table.
//
//   npm run bench
//
// Each bench/*.mjs prints a JSON document on a line of its own. The status is 1 when a claim does not hold, 2 when
// one could not be measured.
import { spawnSync } from 'node:child_process'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'

// What each measurement claims: its rows from its document.
const benches = [
  { file: 'check.mjs', rows: (document) => document.claims },
  { file: 'usual-host.mjs', rows: (document) => document.claims },
  {
    file: 'process-scan.mjs',
    rows: ({ processes, scanMs, psMs, ratio }) => [
      {
        claim: 'process scan / ps -eo pid,ppid,rss,comm',
        measured: ratio,
        bound: 0.5,
        unit: '×',
        holds: ratio <= 0.5,
        detail: `${scanMs.toFixed(0)} ms / ${psMs.toFixed(0)} ms, ${processes} processes`,
      },
    ],
  },
]

// It costs Node 20 37 to 53 ms at each start (on both sides of a ratio).
delete process.env.NODE_EXTRA_CA_CERTS

const run = ({ file, rows }) => {
  const ran = spawnSync(process.execPath, [join(import.meta.dirname, file)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 600_000,
  })
  const json = ran.stdout.split('\n').find((line) => line.startsWith('{'))
  if (ran.status === 0 && json) return rows(JSON.parse(json))
  return [{ claim: file, holds: null, detail: `ended with ${ran.status ?? ran.signal ?? ran.error}` }]
}

const table = (rows) => {
  const cells = [
    ['claim', 'measured', 'bound', '', 'how'],
    ...rows.map((row) => [
      row.claim,
      row.holds === null ? '-' : `${row.measured.toFixed(row.measured < 10 ? 2 : 0)} ${row.unit}`,
      row.holds === null ? '-' : `≤ ${row.bound} ${row.unit}`,
      row.holds === null ? 'not measured' : row.holds ? 'holds' : 'DOES NOT HOLD',
      row.detail,
    ]),
  ]
  const widths = cells[0].map((_, i) => Math.max(...cells.map((line) => line[i].length)))
  return cells.map((line) =>
    line
      .map((cell, i) => cell.padEnd(widths[i]))
      .join('  ')
      .trimEnd(),
  )
}

const rows = benches.flatMap(run)
process.stdout.write(
  `Node ${process.version}, ${cpus().length} CPUs (${cpus()[0]?.model}), load ${loadavg()[0].toFixed(1)}\n\n`,
)
process.stdout.write(`${table(rows).join('\n')}\n`)
process.exitCode = rows.some((row) => row.holds === null) ? 2 : rows.some((row) => !row.holds) ? 1 : 0
