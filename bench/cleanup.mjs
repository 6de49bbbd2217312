// What cleanup-tmp costs beside find, tmpreaper and systemd-tmpfiles, on tmpfs and on ext4: wall time and peak memory.
//
//   npm run bench:cleanup -- [ROUNDS=5] [--files 200000] [--only tmpfs|ext4] [--quick] [--realtime]
//
// As root. Each run cleans a tree of its own, half of it stale; the tools take turns (A B C D A B C D …), the figures are
// medians. `--quick` leaves out tmpreaper and systemd-tmpfiles, which it installs otherwise, and the million. ext4 is an
// image in /dev/shm, so that no other user of the disk is measured. Prints a JSON document and a table; 1: a bound does
// not hold. `--realtime` runs each tool by chrt(1), before whatever else a shared machine does.
import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { median } from './median.mjs'

const args = process.argv.slice(2)
const optionOf = (name, otherwise) => (args.includes(name) ? args[args.indexOf(name) + 1] : otherwise)
const rounds = Number(args.find((word, i) => /^\d+$/.test(word) && args[i - 1] !== '--files') ?? 5)
const files = Number(optionOf('--files', 200_000))
const only = optionOf('--only', null)
const quick = args.includes('--quick')
const before = args.includes('--realtime') ? ['chrt', '-r', '1'] : []
const bin = join(import.meta.dirname, '../bin/oratio-health.js')
const old = new Date(Date.now() - 3 * 86_400_000)

const run = (argv, options = {}) => {
  const { status, stdout, stderr, error } = spawnSync(argv[0], argv.slice(1), {
    encoding: 'utf8',
    ...options,
  })
  if (status !== 0) throw new Error(`${argv.join(' ')}: ${status} ${error ?? ''}\n${stderr}`)
  return { stdout, stderr }
}

const install = () =>
  run([
    join(import.meta.dirname, '../scripts/real/packages.sh'),
    ...['/usr/bin/time=time', ...(quick ? [] : ['/usr/sbin/tmpreaper=tmpreaper'])],
  ])

/** Files `f0`, `f1` …, every other one three days old. */
const makeTree = (tree, folders, count) => {
  mkdirSync(tree)
  for (let f = 0; f < folders; f++) {
    const folder = folders === 1 ? tree : join(tree, `d${f}`)
    if (folders > 1) mkdirSync(folder)
    for (let i = 0; i < count / folders; i++) {
      const path = `${folder}/f${i}`
      closeSync(openSync(path, 'w'))
      if (i % 2 === 0) utimesSync(path, old, old)
    }
  }
}

const tools = {
  'cleanup-tmp': (tree, work) => [
    ...[process.execPath, bin, 'cleanup-tmp', '--by', 'mtime', '--no-keep-open', '-q'],
    ...['--state-dir', join(work, 's'), '--log-dir', join(work, 'l'), tree],
  ],
  find: (tree) => ['find', tree, '-mtime', '+0', '-type', 'f', '-delete'],
  ...(quick
    ? {}
    : {
        tmpreaper: (tree) => ['tmpreaper', '--mtime', '1d', tree],
        'systemd-tmpfiles': (tree, work) => {
          writeFileSync(join(work, 'rule.conf'), `e ${tree} - - - m:1d\n`)
          return ['systemd-tmpfiles', '--clean', `--prefix=${tree}`, join(work, 'rule.conf')]
        },
      }),
}

/** Wall time and the peak of the biggest process. */
const once = (name, parent, folders, count) => {
  const work = mkdtempSync(join(parent, 'oratio-bench-'))
  const tree = join(work, 'tree')
  makeTree(tree, folders, count)
  const argv = [
    ...before,
    '/usr/bin/time',
    '-q',
    '-f',
    '%M',
    '-o',
    join(work, 'kib'),
    ...tools[name](tree, work),
  ]
  // NODE_EXTRA_CA_CERTS costs Node 20 37 to 53 ms at its start.
  const env = { PATH: `${process.env.PATH}:/usr/sbin:/sbin`, HOME: work }
  const began = process.hrtime.bigint()
  run(argv, { env })
  const ms = Number(process.hrtime.bigint() - began) / 1e6
  const left = Number(run(['sh', '-c', 'find "$1" -type f | wc -l', 'sh', tree]).stdout)
  if (left !== count / 2) throw new Error(`${name} left ${left} of ${count} files`)
  const mib = Number(run(['cat', join(work, 'kib')]).stdout) / 1024
  rmSync(work, { recursive: true })
  return { ms, mib }
}

const compare = (where, parent, folders, count = files, names = Object.keys(tools), times = rounds) => {
  const seen = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = 0; round < times; round++)
    for (const name of names) seen[name].push(once(name, parent, folders, count))
  const figures = names.map((name) => ({
    name,
    ms: median(seen[name].map(({ ms }) => ms)),
    mib: Math.max(...seen[name].map(({ mib }) => mib)),
  }))
  const find = figures.find(({ name }) => name === 'find')?.ms
  return figures.map((one) => ({ where, folders, files: count, ...one, ratio: find ? one.ms / find : null }))
}

/** An ext4 of its own below /dev/shm, gone at the end. */
const withExt4 = (use) => {
  const work = mkdtempSync('/dev/shm/oratio-bench-ext4-')
  const image = join(work, 'image')
  const at = join(work, 'mnt')
  mkdirSync(at)
  run(['truncate', '-s', '2G', image])
  run(['/usr/sbin/mkfs.ext4', '-q', '-F', '-N', String(files * 2), image])
  run(['mount', '-o', 'loop', image, at])
  try {
    return use(at)
  } finally {
    run(['umount', at])
    rmSync(work, { recursive: true })
  }
}

install()
const rows = []
const measure = (where, parent) => {
  rows.push(...compare(where, parent, 2000), ...compare(where, parent, 1))
}
if (only !== 'ext4') measure('tmpfs', '/dev/shm')
if (only !== 'tmpfs') withExt4((at) => measure('ext4', at))
if (!quick && only !== 'ext4') {
  rows.push(...compare('tmpfs', '/dev/shm', 10_000, 1_000_000, ['cleanup-tmp'], 1))
  rows.push(...compare('tmpfs', '/dev/shm', 1, 1_000_000, ['cleanup-tmp'], 1))
}

const ours = rows.filter(({ name }) => name === 'cleanup-tmp')
const smallest = Math.min(...ours.map(({ mib }) => mib))
const claims = ours.flatMap(({ where, folders, files: count, ratio, mib }) => [
  ...(ratio === null
    ? [
        {
          claim: `${where}, ${count} files in ${folders}: memory / the least`,
          measured: mib / smallest,
          bound: 1.3,
        },
      ]
    : [
        {
          claim: `${where}, ${folders === 1 ? 'flat' : `${folders} folders`}: time / find`,
          measured: ratio,
          bound: folders === 1 ? 1.2 : 0.85,
        },
      ]),
  { claim: `${where}, ${count} files in ${folders}: MiB`, measured: mib, bound: 90 },
])
console.log(JSON.stringify({ rows, claims }))
console.log(
  `Node ${process.version}, ${cpus().length} CPUs (${cpus()[0]?.model}), load ${loadavg()[0].toFixed(1)}`,
)
for (const { where, folders, files: count, name, ms, ratio, mib } of rows)
  console.log(
    [
      where,
      `${count} in ${folders}`,
      name,
      `${ms.toFixed(0)} ms`,
      ratio === null ? '-' : `${ratio.toFixed(2)} x`,
      `${mib.toFixed(0)} MiB`,
    ].join('\t'),
  )
const broken = claims.filter(({ measured, bound }) => measured > bound)
for (const { claim, measured, bound } of broken)
  console.log(`DOES NOT HOLD: ${claim}: ${measured.toFixed(2)}, bound ${bound}`)
process.exitCode = broken.length > 0 ? 1 : 0
