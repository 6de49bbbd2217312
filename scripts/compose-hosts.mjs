#!/usr/bin/env node
// Writes the fixture hosts that nobody could capture: the hosts of incidents V, E and T at their worst moment, with
// the incidents' own figures in the kernel's own formats. Which is which: test/fixtures/hosts/README.md
//
//   node scripts/compose-hosts.mjs     (rewrites those folders below test/fixtures/hosts)
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const fixtures = join(import.meta.dirname, '..', 'test', 'fixtures', 'hosts')
const kib = 1024
const mib = 1024 ** 2
const gib = 1024 ** 3
const ticksPerSecond = 100

const lines = (...all) => `${all.flat().join('\n')}\n`

const writeHost = (name, files) => {
  const root = join(fixtures, name)
  rmSync(root, { recursive: true, force: true })
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  process.stdout.write(`${name}: ${Object.keys(files).length} files\n`)
}

// --- /proc -----------------------------------------------------------------------------------------------------

const meminfo = (kilobytes) =>
  lines(Object.entries(kilobytes).map(([name, n]) => `${`${name}:`.padEnd(15)} ${String(n).padStart(8)} kB`))

const auxiliaryVector = (pageBytes) => {
  // (AT_PAGESZ 6), (AT_CLKTCK 17), (AT_NULL 0) as pairs of 64-bit words.
  const words = [6, pageBytes, 17, ticksPerSecond, 0, 0]
  const data = Buffer.alloc(words.length * 8)
  words.forEach((word, i) => {
    data.writeBigUInt64LE(BigInt(word), i * 8)
  })
  return data
}

const statLine = (p, pageBytes) => {
  const rssPages = Math.round((p.anon + p.file + p.shmem) / pageBytes)
  const kernelThread = p.args.length === 0
  return lines(
    [
      p.pid,
      `(${p.comm})`,
      p.state,
      p.ppid,
      kernelThread ? '0 0' : `${p.pid} ${p.pid}`,
      '0 -1',
      kernelThread ? 2129984 : 4194560,
      '15204 0 31 0',
      p.userTicks,
      p.systemTicks,
      '0 0 20 0',
      p.threads,
      '0',
      p.startTicks,
      kernelThread ? 0 : p.anon + p.file + 64 * mib,
      rssPages,
      '18446744073709551615 1 1 0 0 0 0 0 4096 81987 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0',
    ].join(' '),
  )
}

const stateNames = { S: 'sleeping', R: 'running', I: 'idle', Z: 'zombie', D: 'disk sleep' }

const statusText = (p) => {
  const kb = (bytes) => `${String(Math.round(bytes / kib)).padStart(8)} kB`
  const ids = `${p.uid}\t${p.uid}\t${p.uid}\t${p.uid}`
  const memory =
    p.args.length === 0
      ? []
      : [
          `VmPeak:\t${kb(p.anon + p.file + 96 * mib)}`,
          `VmSize:\t${kb(p.anon + p.file + 64 * mib)}`,
          `VmHWM:\t${kb(p.anon + p.file + p.shmem)}`,
          `VmRSS:\t${kb(p.anon + p.file + p.shmem)}`,
          `RssAnon:\t${kb(p.anon)}`,
          `RssFile:\t${kb(p.file)}`,
          `RssShmem:\t${kb(p.shmem)}`,
          `VmSwap:\t${kb(p.swap)}`,
        ]
  return lines(
    `Name:\t${p.comm}`,
    'Umask:\t0022',
    `State:\t${p.state} (${stateNames[p.state]})`,
    `Tgid:\t${p.pid}`,
    `Pid:\t${p.pid}`,
    `PPid:\t${p.ppid}`,
    'TracerPid:\t0',
    `Uid:\t${ids}`,
    `Gid:\t${ids}`,
    memory,
    `Threads:\t${p.threads}`,
  )
}

const processDefaults = {
  state: 'S',
  ppid: 1,
  args: [],
  uid: 0,
  threads: 1,
  anon: 0,
  file: 0,
  shmem: 0,
  swap: 0,
  userTicks: 12,
  systemTicks: 7,
  startTicks: 150,
  openFiles: 0,
  cgroup: null,
}

const kernelThread = (pid, comm) => ({ pid, comm, ppid: pid === 2 ? 0 : 2, state: pid === 2 ? 'S' : 'I' })

const processFiles = (processes, pageBytes) =>
  Object.fromEntries(
    processes
      .map((given) => ({ ...processDefaults, ...given }))
      .flatMap((p) => [[`proc/${p.pid}/stat`, statLine(p, pageBytes)], ...(p.statOnly ? [] : otherFiles(p))]),
  )

const otherFiles = (p) => [
  [`proc/${p.pid}/status`, statusText(p)],
  [`proc/${p.pid}/cmdline`, p.args.map((a) => `${a}\0`).join('')],
  ...(p.cgroup === null ? [] : [[`proc/${p.pid}/cgroup`, lines(`0::${p.cgroup}`)]]),
  ...Array.from({ length: p.openFiles }, (_, fd) => [`proc/${p.pid}/fd/${fd}`, '']),
]

const cpuStat = (bootAt, processes, [user, system, idle]) =>
  lines(
    `cpu  ${user} 0 ${system} ${idle} 5120 0 911 0 0 0`,
    `cpu0 ${user} 0 ${system} ${idle} 5120 0 911 0 0 0`,
    'ctxt 918273645',
    `btime ${bootAt}`,
    `processes ${processes}`,
    'procs_running 2',
    'procs_blocked 0',
  )

const pressure = (some, full) => {
  const line = (kind, [avg10, avg60, avg300], total) =>
    `${kind} avg10=${avg10.toFixed(2)} avg60=${avg60.toFixed(2)} avg300=${avg300.toFixed(2)} total=${total}`
  return lines(line('some', some, 91823311), line('full', full, 40120987))
}

// --- cgroup v2 -------------------------------------------------------------------------------------------------

const memoryStat = ({ anon, file, inactiveFile, shmem, kernel }) => {
  const slab = Math.round(kernel * 0.7)
  const values = {
    anon,
    file: file + shmem,
    kernel,
    kernel_stack: 294912,
    pagetables: Math.round(kernel * 0.2),
    sec_pagetables: 0,
    percpu: 3312,
    sock: 8192,
    vmalloc: 0,
    shmem,
    file_mapped: Math.round(file / 3),
    file_dirty: 0,
    file_writeback: 0,
    swapcached: 0,
    inactive_anon: anon,
    active_anon: shmem,
    inactive_file: inactiveFile,
    active_file: file - inactiveFile,
    unevictable: 0,
    slab_reclaimable: Math.round(slab / 2),
    slab_unreclaimable: Math.round(slab / 2),
    slab,
    workingset_refault_anon: 0,
    workingset_refault_file: 0,
    pgfault: 8123311,
    pgmajfault: 1200,
  }
  return lines(Object.entries(values).map(([name, n]) => `${name} ${n}`))
}

// The root of cgroup v2 counts, but has neither a figure of its own nor a limit.
const rootCgroupV2 = (stat) => ({
  'sys/fs/cgroup/cgroup.controllers': lines('cpuset cpu io memory pids'),
  'sys/fs/cgroup/cgroup.procs': '',
  'sys/fs/cgroup/memory.stat': memoryStat(stat),
})

/** A cgroup of a kernel without the memory controller. */
const uncountedCgroup = (path, pids) => ({
  [`sys/fs/cgroup${path}/cgroup.controllers`]: lines('cpu pids'),
  [`sys/fs/cgroup${path}/cgroup.events`]: lines('populated 1', 'frozen 0'),
  [`sys/fs/cgroup${path}/cgroup.procs`]: pids.map((pid) => `${pid}\n`).join(''),
})

const cgroupV2 = (path, { stat, max = 'max', high = 'max', swap = 0, pids = [], events = {} }) => {
  const folder = `sys/fs/cgroup${path}`
  const { low = 0, high: highEvents = 0, max: maxEvents = 0, oom = 0, oomKill = 0 } = events
  return {
    [`${folder}/cgroup.controllers`]: lines('cpuset cpu io memory pids'),
    [`${folder}/cgroup.events`]: lines('populated 1', 'frozen 0'),
    [`${folder}/cgroup.procs`]: pids.map((pid) => `${pid}\n`).join(''),
    [`${folder}/memory.current`]: lines(stat.anon + stat.file + stat.shmem + stat.kernel),
    [`${folder}/memory.max`]: lines(max),
    [`${folder}/memory.high`]: lines(high),
    [`${folder}/memory.swap.current`]: lines(swap),
    [`${folder}/memory.swap.max`]: lines('max'),
    [`${folder}/memory.stat`]: memoryStat(stat),
    [`${folder}/memory.events`]: lines(
      `low ${low}`,
      `high ${highEvents}`,
      `max ${maxEvents}`,
      `oom ${oom}`,
      `oom_kill ${oomKill}`,
      'oom_group_kill 0',
    ),
  }
}

// --- cmd/ ------------------------------------------------------------------------------------------------------

const disk = (blockSize, totalBytes, usedPercent, files, filesUsedPercent) => {
  const blocks = Math.round(totalBytes / blockSize)
  const free = Math.round(blocks * (1 - usedPercent / 100))
  const filesFree = Math.round(files * (1 - filesUsedPercent / 100))
  return { blockSize, blocks, blocksAvailable: free, blocksFree: free, files, filesFree }
}

const unit = (id, given) => {
  const shown = {
    Type: 'simple',
    Restart: 'no',
    NRestarts: 0,
    RestartUSec: '100ms',
    MainPID: 0,
    Result: 'success',
    ControlGroup: '',
    MemoryHigh: 'infinity',
    MemoryMax: 'infinity',
    Id: id,
    LoadState: 'loaded',
    ActiveState: 'active',
    SubState: 'running',
    ActiveEnterTimestampMonotonic: 0,
    StartLimitIntervalUSec: '10s',
    StartLimitBurst: 5,
    InvocationID: '',
    ...given,
  }
  return Object.entries(shown)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')
}

const json = (data) => `${JSON.stringify(data, null, 1)}\n`

const system = ({ now, upSeconds, hostname, osRelease, passwd, pageBytes }) => ({
  'cmd/now': lines(now),
  'cmd/hostname': lines(hostname),
  'proc/uptime': lines(`${upSeconds}.41 ${upSeconds * 2}.90`),
  'proc/sys/kernel/random/boot_id': lines('7c1f8a52-3f0e-4d5b-9a61-0c2d4e6f8a1b'),
  'proc/self/auxv': auxiliaryVector(pageBytes),
  'proc/self/cgroup': lines('0::/user.slice/user-0.slice/session-4.scope'),
  // Of root with all capabilities, as the capture is taken.
  'proc/self/status': lines(
    'Name:\tnode',
    'Uid:\t0\t0\t0\t0',
    'Gid:\t0\t0\t0\t0',
    'Groups:\t0 ',
    'Threads:\t11',
    'CapEff:\t000001ffffffffff',
  ),
  'etc/os-release': lines(osRelease),
  'etc/passwd': lines(passwd.map(([name, uid]) => `${name}:x:${uid}:${uid}:::`)),
  'run/systemd/system/.keep': '',
})

// --- V: the Raspberry Pi whose capture_monitor.py had grown to 5.9 GB ------------------------------------------

const raspberryPi = () => {
  // 2026-01-14 10:30:00 UTC, ten hours and a bit after boot.
  const now = 1768386600
  const upSeconds = 37_840
  // A Raspberry Pi 5's own kernel has pages of 16 KiB.
  const pageBytes = 16_384
  const monitor = { anon: Math.round(5.9 * gib), file: 11 * mib }
  const slice = '/system.slice'
  const processes = [
    {
      pid: 1,
      comm: 'systemd',
      ppid: 0,
      args: ['/sbin/init', 'splash'],
      anon: 4 * mib,
      file: 7 * mib,
      startTicks: 2,
      cgroup: '/init.scope',
    },
    kernelThread(2, 'kthreadd'),
    kernelThread(14, 'ksoftirqd/0'),
    kernelThread(61, 'kswapd0'),
    kernelThread(96, 'mmc_complete'),
    {
      pid: 301,
      comm: 'systemd-journal',
      args: ['/lib/systemd/systemd-journald'],
      anon: 2 * mib,
      file: 9 * mib,
      shmem: 96 * mib,
      cgroup: `${slice}/systemd-journald.service`,
    },
    {
      pid: 322,
      comm: 'systemd-udevd',
      args: ['/lib/systemd/systemd-udevd'],
      anon: 3 * mib,
      file: 5 * mib,
      cgroup: `${slice}/systemd-udevd.service`,
    },
    {
      pid: 611,
      comm: 'cron',
      args: ['/usr/sbin/cron', '-f'],
      anon: mib,
      file: 2 * mib,
      cgroup: `${slice}/cron.service`,
    },
    {
      pid: 640,
      comm: 'dbus-daemon',
      uid: 100,
      args: ['/usr/bin/dbus-daemon', '--system', '--address=systemd:', '--nofork', '--nopidfile'],
      anon: 2 * mib,
      file: 3 * mib,
      cgroup: `${slice}/dbus.service`,
    },
    {
      pid: 702,
      comm: 'sshd',
      args: ['sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups'],
      anon: 2 * mib,
      file: 6 * mib,
      cgroup: `${slice}/ssh.service`,
    },
    {
      pid: 1203,
      comm: 'python3',
      uid: 1000,
      args: ['/home/pi/venv/bin/python3', '-u', '/home/pi/backend_host/scripts/capture_monitor.py'],
      ...monitor,
      swap: 310 * mib,
      threads: 9,
      userTicks: 1_204_331,
      systemTicks: 201_442,
      startTicks: 3110,
      openFiles: 21,
      cgroup: `${slice}/capture-monitor.service`,
    },
    {
      pid: 1350,
      comm: 'ffmpeg',
      uid: 1000,
      args: ['ffmpeg', '-f', 'v4l2', '-i', '/dev/video0', '/var/www/html/stream/capture1/hot/out_%04d.ts'],
      anon: 118 * mib,
      file: 41 * mib,
      threads: 14,
      startTicks: 3301,
      cgroup: `${slice}/stream-capture.service`,
    },
    {
      pid: 1351,
      comm: 'ffmpeg',
      uid: 1000,
      args: ['ffmpeg', '-f', 'v4l2', '-i', '/dev/video2', '/var/www/html/stream/capture2/hot/out_%04d.ts'],
      anon: 112 * mib,
      file: 40 * mib,
      threads: 14,
      startTicks: 3304,
      cgroup: `${slice}/stream-capture.service`,
    },
    // Ended between the capture of its stat and of the rest: only its pages tell its size.
    {
      pid: 1377,
      comm: 'rpicam-still',
      args: ['rpicam-still'],
      uid: 1000,
      anon: 64 * mib,
      file: 16 * mib,
      statOnly: true,
    },
    {
      pid: 1402,
      comm: 'nginx',
      uid: 33,
      args: ['nginx: worker process'],
      anon: 3 * mib,
      file: 4 * mib,
      cgroup: `${slice}/nginx.service`,
    },
  ]
  const hot = (n) => `/var/www/html/stream/capture${n}/hot`
  const total = 8_256_704
  writeHost('raspberry-pi', {
    ...system({
      now,
      upSeconds,
      pageBytes,
      hostname: 'pi-capture',
      osRelease: [
        'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"',
        'NAME="Debian GNU/Linux"',
        'VERSION_ID="12"',
        'VERSION="12 (bookworm)"',
        'ID=debian',
      ],
      passwd: [
        ['root', 0],
        ['www-data', 33],
        ['messagebus', 100],
        ['pi', 1000],
      ],
    }),
    'proc/version': lines(
      'Linux version 6.6.51+rpt-rpi-2712 (serge@raspberrypi.com) (gcc-12 (Debian 12.2.0-14) 12.2.0) #1 SMP PREEMPT Debian 1:6.6.51-1+rpt3 (2024-10-08)',
    ),
    // The firmware of a Raspberry Pi passes cgroup_disable=memory unless cmdline.txt says otherwise.
    'proc/cgroups': lines(
      '#subsys_name\thierarchy\tnum_cgroups\tenabled',
      'cpuset\t0\t61\t1',
      'cpu\t0\t61\t1',
      'cpuacct\t0\t61\t1',
      'blkio\t0\t61\t1',
      'memory\t0\t61\t0',
      'devices\t0\t61\t1',
      'pids\t0\t61\t1',
    ),
    'proc/meminfo': meminfo({
      MemTotal: total,
      MemFree: 181_920,
      MemAvailable: 700_272,
      Buffers: 20_448,
      Cached: 917_136,
      SwapCached: 1520,
      Shmem: 417_280,
      Slab: 121_312,
      SReclaimable: 41_888,
      SUnreclaim: 79_424,
      SwapTotal: 524_272,
      SwapFree: 141_552,
    }),
    'proc/stat': cpuStat(now - upSeconds, 48_211, [1_912_441, 402_118, 12_702_331]),
    'proc/self/mountinfo': lines(
      '22 28 0:21 / /sys rw,nosuid,nodev,noexec,relatime shared:6 - sysfs sysfs rw',
      '23 28 0:22 / /proc rw,relatime shared:12 - proc proc rw',
      '24 28 0:5 / /dev rw,nosuid,relatime shared:2 - devtmpfs udev rw,size=3985920k,nr_inodes=249120,mode=755',
      '26 28 0:24 / /run rw,nosuid,nodev,noexec,relatime shared:5 - tmpfs tmpfs rw,size=825680k,mode=755',
      '28 1 179:2 / / rw,noatime shared:1 - ext4 /dev/mmcblk0p2 rw',
      '30 22 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot',
      '33 24 0:27 / /dev/shm rw,nosuid,nodev shared:3 - tmpfs tmpfs rw',
      '41 28 179:1 / /boot/firmware rw,relatime shared:33 - vfat /dev/mmcblk0p1 rw,fmask=0022,dmask=0022,codepage=437,iocharset=ascii,shortname=mixed,errors=remount-ro',
      `52 28 0:41 / ${hot(1)} rw,noatime shared:60 - tmpfs tmpfs rw,size=204800k,mode=777`,
      `53 28 0:42 / ${hot(2)} rw,noatime shared:61 - tmpfs tmpfs rw,size=204800k,mode=777`,
    ),
    'sys/fs/cgroup/cgroup.controllers': lines('cpuset cpu io pids'),
    ...uncountedCgroup('/system.slice', []),
    ...uncountedCgroup(`${slice}/capture-monitor.service`, [1203]),
    ...uncountedCgroup(`${slice}/stream-capture.service`, [1350, 1351]),
    // Volatile storage: the journal lies in /run, that is, in RAM.
    'etc/systemd/journald.conf': lines('[Journal]', 'Storage=volatile'),
    'run/log/journal/5d41402abc4b2a76b9719d911017c592/system.journal': 'LPKSHHRH'.padEnd(8192, '\0'),
    ...processFiles(processes, pageBytes),
    'cmd/df.json': json({
      '/': disk(4096, 58 * gib, 61, 3_771_936, 9),
      '/boot/firmware': disk(512, 510 * mib, 14, 0, 0),
      '/run': disk(16_384, 825_680 * kib, 13, 819_200, 1),
      '/dev': disk(16_384, 3_985_920 * kib, 0, 249_120, 1),
      '/dev/shm': disk(16_384, 4_128_352 * kib, 0, 258_022, 0),
      [hot(1)]: disk(16_384, 200 * mib, 92, 258_022, 1),
      [hot(2)]: disk(16_384, 200 * mib, 41, 258_022, 1),
    }),
    'cmd/systemctl-show.txt': lines(
      [
        unit('capture-monitor.service', {
          Restart: 'always',
          RestartUSec: '10s',
          NRestarts: 2,
          MainPID: 1203,
          ControlGroup: `${slice}/capture-monitor.service`,
          InvocationID: '4be0643f1d98573b97cdca98a65347dd',
          ActiveEnterTimestampMonotonic: 31_098_112,
        }),
        unit('stream-capture.service', {
          MainPID: 1350,
          ControlGroup: `${slice}/stream-capture.service`,
          InvocationID: 'a87ff679a2f3471d9181a67b7542122c',
          ActiveEnterTimestampMonotonic: 33_010_977,
        }),
        unit('ssh.service', {
          Type: 'notify',
          Restart: 'on-failure',
          MainPID: 702,
          ControlGroup: `${slice}/ssh.service`,
          InvocationID: 'e4da3b7fbbce4345d7772b0674a318d5',
          ActiveEnterTimestampMonotonic: 12_882_310,
        }),
      ].join('\n\n'),
    ),
  })
}

// --- E: the wallet container with 200 orphaned python3 at 62.89 GB ---------------------------------------------

const electronCash = () => {
  // 2026-02-03 04:12:00 UTC, nine days after boot.
  const now = 1770091920
  const upSeconds = 790_000
  const pageBytes = 4096
  const id = '9f3c1d7e5b2a48609c4e8f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e'
  const cgroup = `/system.slice/docker-${id}.scope`
  const totalBytes = Math.round(62.89 * gib)
  const kernel = 410 * mib
  const file = 96 * mib
  const orphanCount = 200
  const daemonAnon = 61 * mib
  const orphanAnon =
    Math.floor((totalBytes - kernel - file - daemonAnon - 4 * mib) / orphanCount / 4096) * 4096
  const inside = { uid: 1000, cgroup, file: 9 * mib }
  const daemonArgs = ['python3', '/app/electron-cash', 'daemon', 'start']
  const processes = [
    {
      pid: 1,
      comm: 'systemd',
      ppid: 0,
      args: ['/sbin/init'],
      anon: 5 * mib,
      file: 8 * mib,
      startTicks: 3,
      cgroup: '/init.scope',
    },
    kernelThread(2, 'kthreadd'),
    kernelThread(88, 'kswapd0'),
    {
      pid: 912,
      comm: 'dockerd',
      args: ['/usr/bin/dockerd', '-H', 'fd://', '--containerd=/run/containerd/containerd.sock'],
      anon: 92 * mib,
      file: 58 * mib,
      threads: 41,
      startTicks: 1200,
      cgroup: '/system.slice/docker.service',
    },
    {
      pid: 20_001,
      comm: 'containerd-shim',
      args: ['/usr/bin/containerd-shim-runc-v2', '-namespace', 'moby', '-id', id],
      anon: 6 * mib,
      file: 8 * mib,
      threads: 12,
      startTicks: 70_400_000,
      cgroup: '/system.slice/containerd.service',
    },
    {
      pid: 20_030,
      comm: 'start.sh',
      ppid: 20_001,
      args: ['/bin/bash', '/app/start.sh'],
      anon: mib,
      startTicks: 70_400_040,
      ...inside,
      file: 2 * mib,
    },
    // Adopted by the container's init, the start script: PPID 1 would not find them.
    {
      pid: 20_051,
      comm: 'python3',
      ppid: 20_030,
      args: daemonArgs,
      anon: daemonAnon,
      threads: 4,
      startTicks: 78_990_000,
      openFiles: 18,
      ...inside,
    },
    ...Array.from({ length: orphanCount }, (_, i) => ({
      pid: 20_100 + i,
      comm: 'python3',
      ppid: 20_030,
      args: daemonArgs,
      anon: orphanAnon,
      threads: 3,
      // One more every two minutes: the failing daemon was restarted without any backoff.
      startTicks: 76_500_000 + i * 12_000,
      ...inside,
    })),
  ]
  const pids = processes.filter((p) => p.cgroup === cgroup).map((p) => p.pid)
  // cgroup files of the 200 orphans are left out: the container's own cgroup.procs names them.
  const files = processFiles(processes, pageBytes)
  for (const p of processes) if (p.pid >= 20_100) delete files[`proc/${p.pid}/cgroup`]
  const used = {
    anon: orphanCount * orphanAnon + daemonAnon + mib,
    shmem: 0,
    kernel,
    file,
    inactiveFile: 40 * mib,
  }
  const overlay = `/var/lib/docker/overlay2/${id.slice(0, 32)}/merged`
  writeHost('electron-cash', {
    ...system({
      now,
      upSeconds,
      pageBytes,
      hostname: 'wallet-host',
      osRelease: ['PRETTY_NAME="Ubuntu 22.04.5 LTS"', 'NAME="Ubuntu"', 'VERSION_ID="22.04"', 'ID=ubuntu'],
      passwd: [
        ['root', 0],
        ['ubuntu', 1000],
      ],
    }),
    'proc/meminfo': meminfo({
      MemTotal: 95_420_416,
      MemFree: 3_118_204,
      MemAvailable: 25_904_112,
      Buffers: 812_440,
      Cached: 21_004_812,
      SwapCached: 0,
      Shmem: 41_200,
      Slab: 2_204_118,
      SReclaimable: 1_502_004,
      SUnreclaim: 702_114,
      SwapTotal: 2_097_148,
      SwapFree: 2_080_764,
    }),
    'proc/stat': cpuStat(now - upSeconds, 2_104_882, [61_204_991, 9_120_334, 558_012_220]),
    'proc/pressure/cpu': pressure([2.1, 1.8, 1.7], [0, 0, 0]),
    'proc/pressure/memory': pressure([0.6, 0.4, 0.2], [0.4, 0.2, 0.1]),
    'proc/pressure/io': pressure([0.1, 0.1, 0.1], [0.1, 0.1, 0.1]),
    'proc/self/mountinfo': lines(
      '22 29 0:21 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw',
      '23 29 0:22 / /proc rw,nosuid,nodev,noexec,relatime shared:13 - proc proc rw',
      '26 29 0:24 / /run rw,nosuid,nodev,noexec,relatime shared:5 - tmpfs tmpfs rw,size=9542044k,mode=755,inode64',
      '29 1 259:1 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p1 rw,discard,errors=remount-ro',
      '31 22 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot',
      `640 29 0:52 / ${overlay} rw,relatime shared:310 - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/A:/var/lib/docker/overlay2/l/B,upperdir=${overlay.replace('merged', 'diff')},workdir=${overlay.replace('merged', 'work')}`,
    ),
    ...files,
    ...rootCgroupV2({ ...used, anon: used.anon + 300 * mib, file: 20 * gib, inactiveFile: 9 * gib }),
    ...cgroupV2('/system.slice', {
      stat: { ...used, anon: used.anon + 200 * mib, file: 18 * gib, inactiveFile: 8 * gib },
    }),
    ...cgroupV2(cgroup, { stat: used, pids }),
    'cmd/df.json': json({
      '/': disk(4096, 968 * gib, 44, 64_000_000, 3),
      '/run': disk(4096, 9_542_044 * kib, 1, 11_927_552, 1),
      [overlay]: disk(4096, 968 * gib, 44, 64_000_000, 3),
    }),
    'cmd/containers.json': json([
      {
        Id: id,
        Created: '2026-02-02T06:10:11.120031877Z',
        Path: '/app/start.sh',
        Args: [],
        State: {
          Status: 'running',
          Running: true,
          Paused: false,
          Restarting: false,
          OOMKilled: false,
          Dead: false,
          Pid: 20_030,
          ExitCode: 0,
          Error: '',
          StartedAt: '2026-02-02T20:19:00.401226611Z',
          FinishedAt: '2026-02-02T20:18:58.114900271Z',
        },
        Image: 'sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae',
        Name: '/electron-cash',
        RestartCount: 0,
        Driver: 'overlay2',
        HostConfig: {
          NetworkMode: 'wallet_default',
          RestartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 0 },
          Memory: 0,
          MemoryReservation: 0,
          MemorySwap: 0,
          CgroupParent: '',
          PidMode: '',
        },
        Config: {
          Hostname: id.slice(0, 12),
          Image: 'wallet-electron-cash',
          Labels: { 'com.docker.compose.project': 'wallet', 'com.docker.compose.service': 'electron-cash' },
        },
      },
    ]),
    'cmd/systemctl-show.txt': lines(
      unit('docker.service', {
        Type: 'notify',
        Restart: 'always',
        RestartUSec: '2s',
        MainPID: 912,
        ControlGroup: '/system.slice/docker.service',
        InvocationID: 'c9f0f895fb98ab9159f51fd0297e236d',
        ActiveEnterTimestampMonotonic: 13_002_118,
        StartLimitIntervalUSec: '1min',
        StartLimitBurst: 3,
      }),
    ),
  })
}

// --- T: the trading unit just below MemoryMax=6G, with the host deep in swap -----------------------------------

const trading = () => {
  // 2026-03-11 15:47:00 UTC; the service was restarted 26 minutes ago, as every 15 to 30 minutes.
  const now = 1773244020
  const upSeconds = 411_000
  const pageBytes = 4096
  const cgroup = '/system.slice/trading.service'
  const limit = 6 * gib
  const used = {
    anon: Math.round(5.78 * gib),
    file: 96 * mib,
    inactiveFile: 30 * mib,
    shmem: 0,
    kernel: 38 * mib,
  }
  const swap = 1740 * mib
  const processes = [
    {
      pid: 1,
      comm: 'systemd',
      ppid: 0,
      args: ['/lib/systemd/systemd', '--system', '--deserialize', '38'],
      anon: 4 * mib,
      file: 6 * mib,
      startTicks: 3,
      cgroup: '/init.scope',
    },
    kernelThread(2, 'kthreadd'),
    kernelThread(71, 'kswapd0'),
    {
      pid: 404,
      comm: 'systemd-journal',
      args: ['/lib/systemd/systemd-journald'],
      anon: 2 * mib,
      file: 11 * mib,
      shmem: 8 * mib,
      cgroup: '/system.slice/systemd-journald.service',
    },
    {
      pid: 688,
      comm: 'cron',
      args: ['/usr/sbin/cron', '-f', '-P'],
      anon: mib,
      file: mib,
      cgroup: '/system.slice/cron.service',
    },
    {
      pid: 731,
      comm: 'sshd',
      args: ['sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups'],
      anon: mib,
      file: 4 * mib,
      cgroup: '/system.slice/ssh.service',
    },
    {
      pid: 98_211,
      comm: 'node',
      uid: 998,
      args: ['/usr/bin/node', '/srv/trading/dist/main.js'],
      anon: used.anon - 40 * mib,
      file: 30 * mib,
      swap: swap - 8 * mib,
      threads: 23,
      userTicks: 148_002,
      systemTicks: 3110,
      startTicks: (upSeconds - 1560) * ticksPerSecond,
      openFiles: 40,
      cgroup,
    },
    {
      pid: 98_240,
      comm: 'node',
      ppid: 98_211,
      uid: 998,
      args: ['/usr/bin/node', '/srv/trading/dist/feed-worker.js'],
      anon: 40 * mib,
      file: 24 * mib,
      swap: 8 * mib,
      threads: 11,
      startTicks: (upSeconds - 1556) * ticksPerSecond,
      cgroup,
    },
  ]
  writeHost('trading', {
    ...system({
      now,
      upSeconds,
      pageBytes,
      hostname: 'vps-trading',
      osRelease: ['PRETTY_NAME="Ubuntu 24.04.1 LTS"', 'NAME="Ubuntu"', 'VERSION_ID="24.04"', 'ID=ubuntu'],
      passwd: [
        ['root', 0],
        ['trading', 998],
      ],
    }),
    'proc/meminfo': meminfo({
      MemTotal: 8_126_448,
      MemFree: 201_104,
      MemAvailable: 1_262_004,
      Buffers: 31_220,
      Cached: 1_201_116,
      SwapCached: 88_012,
      Shmem: 12_440,
      Slab: 188_120,
      SReclaimable: 80_004,
      SUnreclaim: 108_116,
      SwapTotal: 2_097_148,
      SwapFree: 104_852,
    }),
    'proc/stat': cpuStat(now - upSeconds, 401_238, [39_004_118, 2_110_470, 40_711_902]),
    'proc/pressure/cpu': pressure([88.1, 84.4, 79.2], [0, 0, 0]),
    'proc/pressure/memory': pressure([38.12, 31.77, 22.03], [21.4, 18.9, 12.51]),
    'proc/pressure/io': pressure([20.3, 18.1, 11.9], [15.2, 13.3, 9.1]),
    'proc/self/mountinfo': lines(
      '22 29 0:21 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw',
      '23 29 0:22 / /proc rw,nosuid,nodev,noexec,relatime shared:13 - proc proc rw',
      '26 29 0:24 / /run rw,nosuid,nodev,noexec,relatime shared:5 - tmpfs tmpfs rw,size=812648k,mode=755,inode64',
      '29 1 253:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,discard,errors=remount-ro',
      '31 22 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot',
    ),
    ...processFiles(processes, pageBytes),
    ...rootCgroupV2({ ...used, anon: used.anon + 60 * mib, file: 1024 * mib, inactiveFile: 500 * mib }),
    ...cgroupV2('/system.slice', {
      stat: { ...used, anon: used.anon + 40 * mib, file: 900 * mib, inactiveFile: 450 * mib },
      swap: swap + 100 * mib,
      events: { max: 41_208, oom: 3, oomKill: 3 },
    }),
    ...cgroupV2(cgroup, {
      stat: used,
      max: limit,
      swap,
      pids: [98_211, 98_240],
      events: { max: 20_117 },
    }),
    'cmd/df.json': json({
      '/': disk(4096, 77 * gib, 58, 10_321_920, 6),
      '/run': disk(4096, 812_648 * kib, 1, 1_015_806, 1),
    }),
    'cmd/systemctl-show.txt': lines(
      [
        unit('trading.service', {
          Restart: 'always',
          RestartUSec: '10s',
          NRestarts: 37,
          MainPID: 98_211,
          ControlGroup: cgroup,
          MemoryMax: limit,
          InvocationID: '45c48cce2e2d7fbdea1afc51c7c6ad26',
          ActiveEnterTimestampMonotonic: (upSeconds - 1560) * 1_000_000,
          StartLimitIntervalUSec: '5min',
        }),
        unit('ssh.service', {
          Type: 'notify',
          Restart: 'on-failure',
          MainPID: 731,
          ControlGroup: '/system.slice/ssh.service',
          InvocationID: 'd3d9446802a44259755d38e6d163e820',
          ActiveEnterTimestampMonotonic: 14_202_551,
        }),
      ].join('\n\n'),
    ),
  })
}

// Nothing at all: not one reading may turn into zero or "fine".
const empty = () => writeHost('empty', { '.keep': '' })

raspberryPi()
electronCash()
trading()
empty()
