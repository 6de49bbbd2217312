// The least that a `check` without a config could be in Node: it opens, reads and writes what the program does, takes
// the few numbers out, and judges, tells and remembers nothing. What it costs beside `node -e 0` is what no program that
// looks at these files from Node can go below. Run by bench/check.mjs, with a folder to write to.
const fs = require('node:fs')

const folder = process.argv[2]
const buffer = Buffer.allocUnsafe(8192)

const read = (path) => {
  const fd = fs.openSync(path, 'r')
  try {
    return buffer.latin1Slice(0, fs.readSync(fd, buffer, 0, buffer.length, null))
  } finally {
    fs.closeSync(fd)
  }
}

/** Null: it is not there, or gone meanwhile. */
const readIfThere = (path) => {
  try {
    return read(path)
  } catch {
    return null
  }
}

const processes = []
for (const name of fs.readdirSync('/proc')) {
  if (!/^\d/.test(name)) continue
  const stat = readIfThere(`/proc/${name}/stat`)
  if (stat === null) continue
  const end = stat.lastIndexOf(')')
  const fields = stat.slice(end + 2).split(' ')
  processes.push({ pid: name, command: stat.slice(stat.indexOf('(') + 1, end), pages: Number(fields[21]) })
}
const byName = new Map()
for (const { command, pages } of processes) byName.set(command, (byName.get(command) ?? 0) + pages)
processes.sort((a, b) => b.pages - a.pages)
const biggest = processes.slice(0, 10).map(({ pid }) => readIfThere(`/proc/${pid}/cmdline`))
const available = /MemAvailable:\s+(\d+)/.exec(read('/proc/meminfo'))?.[1]
const looks = ['/proc/stat', '/proc/loadavg', '/proc/swaps', '/proc/self/cgroup'].map(readIfThere)
const pressure = ['cpu', 'memory', 'io'].map((what) => readIfThere(`/proc/pressure/${what}`))
const mounts = read('/proc/self/mountinfo').split('\n')
const disks = ['/', '/tmp'].map((path) => fs.statfsSync(path).bavail)

fs.writeFileSync(`${folder}/lock`, String(process.pid), { flag: 'wx' })
const state = readIfThere(`${folder}/state.json`)
const figures = { available, biggest, disks, looks, pressure, mounts: mounts.length, was: state?.length }
fs.appendFileSync(`${folder}/log`, `${JSON.stringify([...byName].slice(0, 10))}\n`)
const fd = fs.openSync(`${folder}/state.new`, 'w')
fs.writeSync(fd, JSON.stringify(figures))
fs.fsyncSync(fd)
fs.closeSync(fd)
fs.renameSync(`${folder}/state.new`, `${folder}/state.json`)
fs.unlinkSync(`${folder}/lock`)
process.exit(0)
