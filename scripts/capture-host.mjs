#!/usr/bin/env node
// Records a host as a folder that `oratio-health check --root OUT` can look at: what the kernel, systemd and the
// container engine said at one moment. For fixtures, and for a report from a host nobody else can reach.
//
//   node scripts/capture-host.mjs OUT
//
// It only reads. Environments of processes are never touched, secrets in command lines and container settings are
// replaced by `[redacted]`, and the whole is bounded: 2,000 processes, 3,000 cgroups, 5 MiB.
import { execFileSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  statfsSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { request } from 'node:http'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'

const maxTotalBytes = 5 * 1024 * 1024
const maxFileBytes = 128 * 1024
const maxProcesses = 2000
const maxCgroups = 3000
const maxOpenFilesPerProcess = 64

const secretName =
  /pass(?:word|wd|phrase)?|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|auth|credential|cookie/i

let totalBytes = 0
const left = []

const write = (out, path, content) => {
  const data = typeof content === 'string' ? Buffer.from(content) : content
  if (totalBytes + data.length > maxTotalBytes) {
    left.push(path)
    return
  }
  totalBytes += data.length
  const target = join(out, path)
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, data)
}

// A /proc file says size 0, so it is read until its end; and it may vanish or refuse at any time.
const readBounded = (path) => {
  let fd
  try {
    fd = openSync(path, 'r')
  } catch {
    return null
  }
  try {
    const buffer = Buffer.alloc(maxFileBytes)
    let length = 0
    while (length < maxFileBytes) {
      const n = readSync(fd, buffer, length, maxFileBytes - length, null)
      if (n === 0) break
      length += n
    }
    return buffer.subarray(0, length)
  } catch {
    return null
  } finally {
    closeSync(fd)
  }
}

const copy = (out, path) => {
  const data = readBounded(path)
  if (data !== null) write(out, path, data)
}

const list = (path) => {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

/** Hides what looks like a secret in the arguments of a command; the shape of the command stays. */
export const redactArguments = (args) => {
  let hideNext = false
  return args.map((argument) => {
    if (hideNext && argument !== '' && !argument.startsWith('-')) {
      hideNext = false
      return '[redacted]'
    }
    hideNext = /^--?[\w-]+$/.test(argument) && secretName.test(argument)
    return redactText(argument)
  })
}

/** Hides secrets inside one piece of text: `name=value`, JSON, URLs with a password, bearer tokens, long keys. */
export const redactText = (text) => {
  let safe = text
    .replace(/(\w[\w+.-]*:\/\/)[^\s/@:]*:[^\s/@]*@/g, '$1[redacted]@')
    .replace(/\b(bearer|basic)\s+[\w.~+/=-]+/gi, '$1 [redacted]')
    .replace(/([\w.-]+)(\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;&}\]]+)/g, (all, name, between) =>
      secretName.test(name) ? `${name}${between}[redacted]` : all,
    )
    .replace(/("[^"]+")(\s*:\s*)"[^"]*"/g, (all, name, between) =>
      secretName.test(name) ? `${name}${between}"[redacted]"` : all,
    )
  // Keys and hashes: long, with letters and digits mixed. Container ids are 64 hex digits and no secret.
  safe = safe.replace(/(?<![\w/])[\w+=-]{32,}(?![\w/])/g, (word) =>
    /\d/.test(word) && /[A-Za-z]/.test(word) && !/^[0-9a-f]{64}$/.test(word) ? '[redacted]' : word,
  )
  return safe
}

const procFiles = [
  'meminfo',
  'stat',
  'uptime',
  'loadavg',
  'vmstat',
  'swaps',
  'cgroups',
  'filesystems',
  'version',
  'pressure/cpu',
  'pressure/memory',
  'pressure/io',
  'sys/kernel/random/boot_id',
  'sys/kernel/osrelease',
  'sys/kernel/pid_max',
  'sys/vm/swappiness',
  'sys/vm/overcommit_memory',
  'self/mountinfo',
  'self/cgroup',
  'self/status',
]

// Pairs of (key, value) words. Only the clock tick (17), the page size (6) and the end (0) are kept: the rest are
// addresses of this process.
const auxiliaryVector = () => {
  const data = readBounded('/proc/self/auxv')
  if (data === null) return null
  const word = process.arch === 'arm' || process.arch === 'ia32' ? 4 : 8
  const kept = []
  for (let at = 0; at + 2 * word <= data.length; at += 2 * word) {
    if ([0, 6, 17].includes(data.readUInt32LE(at))) kept.push(data.subarray(at, at + 2 * word))
  }
  return Buffer.concat(kept)
}

const captureProcess = (out, pid) => {
  const folder = `/proc/${pid}`
  const stat = readBounded(`${folder}/stat`)
  if (stat === null) return
  for (const name of ['status', 'cgroup', 'comm', 'oom_score_adj']) copy(out, `${folder}/${name}`)
  write(out, `${folder}/stat`, stat)
  const commandLine = readBounded(`${folder}/cmdline`)
  if (commandLine !== null) {
    const args = commandLine.toString('utf8').split('\0')
    write(out, `${folder}/cmdline`, redactArguments(args).join('\0'))
  }
  for (const fd of list(`${folder}/fd`).slice(0, maxOpenFilesPerProcess)) write(out, `${folder}/fd/${fd}`, '')
  try {
    symlinkSync(readlinkSync(`${folder}/exe`), join(out, folder, 'exe'))
  } catch {
    // Kernel threads and other users' processes have none to show.
  }
}

const captureProc = (out) => {
  for (const name of procFiles) copy(out, `/proc/${name}`)
  const vector = auxiliaryVector()
  if (vector !== null) write(out, '/proc/self/auxv', vector)
  const pids = list('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  for (const pid of biggest(pids)) captureProcess(out, pid)
  if (pids.length > maxProcesses) left.push(`${pids.length - maxProcesses} small processes`)
}

// Field 24 of stat is the resident set in pages (proc_pid_stat(5)); the name in field 2 may hold anything.
const residentPages = (pid) => {
  const stat = readBounded(`/proc/${pid}/stat`)?.toString('latin1') ?? ''
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[21] ?? 0)
}

const biggest = (pids) => {
  if (pids.length <= maxProcesses) return pids
  const pages = new Map(pids.map((pid) => [pid, residentPages(pid)]))
  return pids.toSorted((a, b) => pages.get(b) - pages.get(a)).slice(0, maxProcesses)
}

const cgroupFile =
  /^(cgroup\.(procs|controllers|events|type)|memory\.(current|max|high|low|peak|stat|events|events\.local|pressure|oom\.group|swap\.current|swap\.max|swap\.events|usage_in_bytes|limit_in_bytes|max_usage_in_bytes|soft_limit_in_bytes|memsw\.usage_in_bytes|memsw\.limit_in_bytes|failcnt|oom_control|use_hierarchy|kmem\.usage_in_bytes|kmem\.tcp\.usage_in_bytes))$/

const mounts = () =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [head, tail] = line.split(' - ')
      if (!head || !tail) return []
      const mountPoint = head
        .split(' ')[4]
        .replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)))
      const [type, , superOptions] = tail.split(' ')
      return [{ mountPoint, type, superOptions: superOptions.split(',') }]
    })

const captureCgroups = (out) => {
  const roots = mounts().filter(
    (m) => m.type === 'cgroup2' || (m.type === 'cgroup' && m.superOptions.includes('memory')),
  )
  const queue = roots.map((m) => m.mountPoint)
  let seen = 0
  while (queue.length > 0 && seen < maxCgroups) {
    const folder = queue.shift()
    seen++
    let entries = []
    try {
      entries = readdirSync(folder, { withFileTypes: true })
    } catch {
      continue
    }
    for (const entry of entries) {
      if (entry.isDirectory()) queue.push(join(folder, entry.name))
      else if (cgroupFile.test(entry.name)) copy(out, join(folder, entry.name))
    }
  }
  if (queue.length > 0) left.push(`${queue.length} cgroups`)
}

// A dead NFS server or an automounter can hold statfs for ever.
const mayHang = /^(nfs|nfs4|cifs|smb|smb3|ceph|glusterfs|9p|afs|autofs|fuse(\..*)?)$/
const kernelMade =
  /^(proc|sysfs|cgroup|cgroup2|devpts|securityfs|debugfs|tracefs|mqueue|pstore|bpf|configfs|fusectl|hugetlbfs|binfmt_misc|efivarfs|nsfs|rpc_pipefs)$/

const captureDisks = (out) => {
  const disks = {}
  for (const { mountPoint, type } of mounts()) {
    if (mayHang.test(type) || kernelMade.test(type)) continue
    try {
      const s = statfsSync(mountPoint)
      disks[mountPoint] = {
        blockSize: s.bsize,
        blocks: s.blocks,
        blocksAvailable: s.bavail,
        blocksFree: s.bfree,
        files: s.files,
        filesFree: s.ffree,
      }
    } catch {
      // Mounts of other users (fuse) may refuse.
    }
  }
  write(out, 'cmd/df.json', `${JSON.stringify(disks, null, 1)}\n`)
}

const captureEtc = (out) => {
  copy(out, '/etc/os-release')
  const passwd = readBounded('/etc/passwd')?.toString('utf8') ?? ''
  const names = passwd.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':')
    return name && uid ? [`${name}:x:${uid}:${gid}:::`] : []
  })
  if (names.length > 0) write(out, '/etc/passwd', `${names.join('\n')}\n`)
}

const unitProperties = [
  'Id',
  'Names',
  'LoadState',
  'ActiveState',
  'SubState',
  'Result',
  'Type',
  'MainPID',
  'ControlPID',
  'ControlGroup',
  'InvocationID',
  'NRestarts',
  'ActiveEnterTimestampMonotonic',
  'InactiveEnterTimestampMonotonic',
  'Restart',
  'RestartUSec',
  'StartLimitIntervalUSec',
  'StartLimitBurst',
  'MemoryMax',
  'MemoryLimit',
  'MemoryHigh',
]

// A host under heavy swapping needs long for it.
const captureSystemd = (out) => {
  // sd_booted(3): this folder is there exactly when systemd is the init.
  if (!existsSync('/run/systemd/system')) return
  write(out, '/run/systemd/system/.keep', '')
  try {
    const text = execFileSync(
      'systemctl',
      ['show', '--all', '*.service', `--property=${unitProperties.join(',')}`],
      {
        encoding: 'utf8',
        timeout: 180_000,
        maxBuffer: 4 * 1024 * 1024,
        env: { PATH: process.env.PATH, LC_ALL: 'C' },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    write(out, 'cmd/systemctl-show.txt', text)
  } catch (error) {
    left.push(`systemctl show: ${error.message}`)
  }
}

const ask = (socketPath, path) =>
  new Promise((resolve, reject) => {
    const call = request({ socketPath, path, timeout: 60_000 }, (response) => {
      const parts = []
      response.on('data', (part) => parts.push(part))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8')
        if (response.statusCode === 200) resolve(JSON.parse(text))
        else reject(new Error(`${path}: ${response.statusCode} ${text.slice(0, 200)}`))
      })
    })
    call.on('timeout', () => call.destroy(new Error(`${path}: no answer in 60 s`)))
    call.on('error', reject)
    call.end()
  })

const engineSocket = () => {
  const told = process.env.DOCKER_HOST
  if (told?.startsWith('unix://')) return told.slice('unix://'.length)
  return ['/var/run/docker.sock', '/run/podman/podman.sock'].find((path) => existsSync(path)) ?? null
}

// Environments and labels carry passwords; of the rest only what describes state and limits is kept.
const describeContainer = (c) => ({
  Id: c.Id,
  Created: c.Created,
  Path: c.Path,
  Args: redactArguments(c.Args ?? []),
  State: { ...c.State, Health: c.State?.Health ? { Status: c.State.Health.Status } : undefined },
  Image: c.Image,
  Name: c.Name,
  RestartCount: c.RestartCount,
  Driver: c.Driver,
  HostConfig: {
    NetworkMode: c.HostConfig?.NetworkMode,
    RestartPolicy: c.HostConfig?.RestartPolicy,
    Memory: c.HostConfig?.Memory,
    MemoryReservation: c.HostConfig?.MemoryReservation,
    MemorySwap: c.HostConfig?.MemorySwap,
    CgroupParent: c.HostConfig?.CgroupParent,
    PidMode: c.HostConfig?.PidMode,
  },
  Config: {
    Hostname: c.Config?.Hostname,
    Image: c.Config?.Image,
    Labels: Object.fromEntries(
      Object.entries(c.Config?.Labels ?? {}).filter(([name]) =>
        /^(com\.docker\.compose\.(project|service|container-number)|io\.podman\.compose\.project)$/.test(
          name,
        ),
      ),
    ),
  },
})

const captureContainers = async (out) => {
  const socket = engineSocket()
  if (socket === null) return
  try {
    const all = await ask(socket, '/containers/json?all=1')
    const documents = []
    for (const { Id } of all.slice(0, 500)) {
      // The engine holds back the answer for a container that it is just starting or stopping.
      try {
        documents.push(describeContainer(await ask(socket, `/containers/${Id}/json`)))
      } catch (error) {
        left.push(`a container: ${error.message}`)
      }
    }
    write(out, 'cmd/containers.json', `${JSON.stringify(documents, null, 1)}\n`)
  } catch (error) {
    left.push(`containers: ${error.message}`)
  }
}

const main = async () => {
  const out = process.argv[2]
  if (!out || out.startsWith('-') || process.argv.length > 3) {
    process.stderr.write('usage: node scripts/capture-host.mjs OUT   (a new or empty folder)\n')
    return 64
  }
  if (existsSync(out) && (!statSync(out).isDirectory() || readdirSync(out).length > 0)) {
    process.stderr.write(`${out} is there already and not an empty folder\n`)
    return 2
  }
  mkdirSync(out, { recursive: true, mode: 0o750 })
  write(out, 'cmd/now', `${Math.floor(Date.now() / 1000)}\n`)
  write(out, 'cmd/hostname', `${hostname()}\n`)
  captureProc(out)
  captureCgroups(out)
  captureEtc(out)
  captureDisks(out)
  captureSystemd(out)
  await captureContainers(out)
  process.stdout.write(`${out}: ${(totalBytes / 1024).toFixed(0)} KiB\n`)
  for (const item of left) process.stderr.write(`left out: ${item}\n`)
  return left.length > 0 ? 1 : 0
}

if (process.argv[1] && import.meta.filename === process.argv[1]) process.exitCode = await main()
