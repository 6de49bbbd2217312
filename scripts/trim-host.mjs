#!/usr/bin/env node
// Cuts a folder made by capture-host.mjs down to a fixture: a few processes, their cgroups, their units.
//
//   node scripts/trim-host.mjs CAPTURE OUT [PATTERN…]
//
// Kept: processes whose name or command line matches a pattern (a regular expression), their ancestors, pid 1 and 2;
// the cgroups of these and those above; units that have such a process, that failed or that keep restarting; at most
// 4 open files each.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'

const [capture, out, ...patterns] = process.argv.slice(2)
if (!capture || !out || existsSync(out)) {
  process.stderr.write('usage: node scripts/trim-host.mjs CAPTURE OUT [PATTERN…]   (OUT must not exist)\n')
  process.exit(64)
}

const text = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '')

const processes = new Map(
  readdirSync(join(capture, 'proc'))
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      const folder = join(capture, 'proc', pid)
      const stat = text(join(folder, 'stat'))
      return [
        pid,
        {
          parent: stat.slice(stat.lastIndexOf(')') + 4).split(' ')[0],
          words: `${text(join(folder, 'comm')).trim()} ${text(join(folder, 'cmdline')).replaceAll('\0', ' ')}`,
          cgroups: text(join(folder, 'cgroup'))
            .trim()
            .split('\n')
            .map((line) => line.split(':').slice(2).join(':')),
        },
      ]
    }),
)

const kept = new Set(['1', '2'].filter((pid) => processes.has(pid)))
for (const [pid, { words }] of processes) {
  if (!patterns.some((pattern) => new RegExp(pattern).test(words))) continue
  for (let at = pid; processes.has(at) && !kept.has(at); at = processes.get(at).parent) kept.add(at)
}

cpSync(capture, out, { recursive: true, verbatimSymlinks: true })
for (const pid of processes.keys()) {
  if (!kept.has(pid)) rmSync(join(out, 'proc', pid), { recursive: true })
}

// What this program does not read, and more open files than a fixture needs.
const unread =
  /\/(oom_score_adj|comm|cgroup\.type|memory\.(low|peak|events\.local|oom\.group|swap\.events|max_usage_in_bytes|soft_limit_in_bytes|memsw\..*|kmem\.tcp\..*|failcnt))$/
const maxOpenFiles = 4
for (const entry of readdirSync(out, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name)
  if (entry.isFile() && unread.test(path)) rmSync(path)
}
for (const pid of kept) {
  const folder = join(out, 'proc', pid, 'fd')
  if (!existsSync(folder)) continue
  for (const fd of readdirSync(folder).slice(maxOpenFiles)) rmSync(join(folder, fd))
}

const cgroups = new Set([...kept].flatMap((pid) => processes.get(pid).cgroups))
const trimCgroups = (folder, root) => {
  const path = `/${relative(root, folder)}`.split(sep).join('/')
  const needed =
    folder === root || [...cgroups].some((cgroup) => cgroup === path || cgroup.startsWith(`${path}/`))
  if (!needed) return rmSync(folder, { recursive: true })
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const at = join(folder, entry.name)
    if (entry.isDirectory()) trimCgroups(at, root)
    else if (entry.name === 'cgroup.procs') {
      const pids = text(at).split('\n')
      writeFileSync(
        at,
        pids
          .filter((pid) => kept.has(pid))
          .map((pid) => `${pid}\n`)
          .join(''),
      )
    }
  }
}
for (const line of text(join(out, 'proc/self/mountinfo')).split('\n')) {
  const [head, tail] = line.split(' - ')
  if (!tail?.startsWith('cgroup')) continue
  const root = join(out, head.split(' ')[4])
  if (existsSync(root)) trimCgroups(root, root)
}

const units = join(out, 'cmd/systemctl-show.txt')
if (existsSync(units)) {
  const wanted = text(units)
    .trim()
    .split('\n\n')
    .filter((unit) => {
      const of = (key) => new RegExp(`^${key}=(.*)$`, 'm').exec(unit)?.[1] ?? ''
      return (
        kept.has(of('MainPID')) ||
        of('ActiveState') === 'failed' ||
        Number(of('NRestarts')) > 0 ||
        cgroups.has(of('ControlGroup'))
      )
    })
  writeFileSync(units, `${wanted.join('\n\n')}\n`)
}

mkdirSync(dirname(out), { recursive: true })
process.stdout.write(`${basename(out)}: ${kept.size} of ${processes.size} processes kept\n`)
