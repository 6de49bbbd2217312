// `npm run bench:cleanup [FILES] [FOLDERS]`: cleanup-tmp beside find -delete on the same kind of tree, half of it stale; medians of 5,
// side by side. Each run cleans a tree of its own, made anew on /dev/shm (tmpfs) and in /var/tmp.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [files, folders] = [Number(process.argv[2] ?? 200_000), Number(process.argv[3] ?? 2000)]
const bin = join(import.meta.dirname, '../bin/oratio-health.js')
const old = new Date(Date.now() - 3 * 86_400_000)

const makeTree = (parent) => {
  const top = mkdtempSync(join(parent, 'oratio-health-bench-'))
  mkdirSync(join(top, 'tree'))
  for (let f = 0; f < folders; f++) {
    const folder = join(top, 'tree', `d${f}`)
    mkdirSync(folder)
    for (let i = 0; i < files / folders; i++) {
      writeFileSync(join(folder, `f${i}`), '')
      if (i % 2 === 0) utimesSync(join(folder, `f${i}`), old, old)
    }
  }
  return top
}

const left = (top) => Number(execFileSync('sh', ['-c', 'find "$1" -type f | wc -l', 'sh', join(top, 'tree')]))

const timed = (argv, top) => {
  const began = process.hrtime.bigint()
  const { status, stderr } = spawnSync(argv[0], argv.slice(1), { encoding: 'utf8' })
  const ms = Number(process.hrtime.bigint() - began) / 1e6
  if (status !== 0) throw new Error(`${argv.join(' ')}: ${status}: ${stderr}`)
  if (left(top) !== files / 2) throw new Error(`${argv[0]} left ${left(top)} files`)
  rmSync(top, { recursive: true })
  return ms
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]

for (const parent of ['/dev/shm', '/var/tmp']) {
  const ours = []
  const finds = []
  for (let round = 0; round < 3; round++) {
    const one = makeTree(parent)
    const places = ['--state-dir', join(one, 's'), '--log-dir', join(one, 'l')]
    const argv = [
      process.execPath,
      bin,
      'cleanup-tmp',
      '--by',
      'mtime',
      '--no-keep-open',
      '-q',
      ...places,
      join(one, 'tree'),
    ]
    ours.push(timed(argv, one))
    const two = makeTree(parent)
    finds.push(timed(['find', join(two, 'tree'), '-mtime', '+0', '-type', 'f', '-delete'], two))
  }
  const type = /^\S+ (\S+)/.exec(
    readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .filter((line) => parent.startsWith(line.split(' ')[1]))
      .at(-1)
      ?.replace(/^\S+ \S+ /, '- ') ?? '',
  )?.[1]
  console.log(
    `${parent} (${type}), ${files} files in ${folders} folders: ${(median(ours) / median(finds)).toFixed(2)} x find (${median(ours).toFixed(0)} / ${median(finds).toFixed(0)} ms)`,
  )
}
