import type { ContainerFacts, UnitFacts } from '../../src/core/facts.ts'
import { absent, failed, type Reading } from '../../src/core/reading.ts'
import { makeCgroups } from '../../src/host/cgroups.ts'
import { makeFiles } from '../../src/host/files.ts'
import type { CommandRecord, Host } from '../../src/host/host.ts'
import { makeProcesses } from '../../src/host/processes.ts'
import { captureOf } from './captured-folder.ts'

export interface Scene {
  /** By path on that host. */
  files?: Record<string, string | Uint8Array>
  containers?: Reading<ContainerFacts[]>
  units?: Reading<UnitFacts[]>
  nowMs?: number
  /** What a command answers, e.g. `stat -f`. */
  run?: (argv: readonly string[]) => Reading<CommandRecord>
  /** Takes parts over, e.g. a `files` that counts what is asked. */
  over?: Partial<Host>
}

/** The boot of every scene: tick 0 lies here. */
export const bootAtMs = 1_700_000_000_000
export const sceneNowMs = bootAtMs + 3_600_000

/** A captured host of these files, read by the real factories; engine and systemd answer what the scene says. */
export const capturedHost = (scene: Scene = {}): Host => {
  const base = captureOf(scene.files ?? {})
  const notHere = (): never => {
    throw new Error('observing does not write')
  }
  return {
    ...base,
    hostname: 'captured',
    program: ['/usr/bin/node', '/usr/local/bin/oratio-health'],
    now: () => scene.nowMs ?? sceneNowMs,
    elapsedMs: () => performance.now(),
    timer: notHere,
    within: async (_, work) => ({ result: work() }),
    again: notHere,
    onEndSignal: notHere,
    files: makeFiles(base),
    processes: makeProcesses(base),
    cgroups: makeCgroups(base),
    engine: {
      containers: async () => scene.containers ?? absent('container engine'),
      endpoint: async () => absent('container engine'),
      logs: async () => absent('container engine'),
      events: async () => absent('container engine'),
    },
    logs: {
      file: async () => absent('log'),
      program: async ([name]) => absent(name),
      kernelRing: async () => absent('kmsg'),
    },
    tree: notHere,
    ownPart: notHere,
    net: { http: async () => absent('network'), connect: async () => absent('network') },
    systemd: { units: async () => scene.units ?? absent('systemd') },
    run: async (argv) => scene.run?.(argv) ?? failed('tool-missing', argv[0], 'not in the capture'),
    apply: notHere,
    save: new Proxy({} as Host['save'], { get: notHere }),
    out: new Proxy({} as Host['out'], { get: notHere }),
    ...scene.over,
  }
}

export interface FakeProcess {
  pid: number
  ppid?: number
  session?: number
  comm?: string
  state?: string
  args?: string[]
  uid?: number
  threads?: number
  startTicks?: number
  /** As /proc/PID/stat tells it; 0: it may not be seen. */
  startOfStack?: number
  kernelThread?: boolean
  anonKb?: number
  fileKb?: number
  shmemKb?: number
  swapKb?: number
  cgroup?: string
  openFiles?: number
}

const kernelThreadFlags = 0x0020_0000

/** The files of /proc/PID in the kernel's own format. */
export const processFiles = (fake: FakeProcess): Record<string, string> => {
  const {
    pid,
    ppid = 1,
    session = pid,
    comm = 'app',
    state = 'S',
    args = [comm],
    uid = 0,
    threads = 1,
    startTicks = 100,
  } = fake
  const { anonKb = 0, fileKb = 0, shmemKb = 0, swapKb = 0, kernelThread = false } = fake
  const rssKb = anonKb + fileKb + shmemKb
  const flags = kernelThread ? kernelThreadFlags : 0x0040_0000
  const at = `/proc/${pid}`
  return {
    [`${at}/stat`]: `${pid} (${comm}) ${state} ${ppid} ${pid} ${session} 0 -1 ${flags} 0 0 0 0 5 5 0 0 20 0 ${threads} 0 ${startTicks} 9999 ${Math.round(rssKb / 4)} 0 0 0 ${fake.startOfStack ?? 0} 0\n`,
    [`${at}/status`]: [
      `Name:\t${comm}`,
      `Pid:\t${pid}`,
      `NSpid:\t${pid}`,
      `Uid:\t${uid}\t${uid}\t${uid}\t${uid}`,
      ...(kernelThread
        ? []
        : [
            `VmRSS:\t${rssKb} kB`,
            `RssAnon:\t${anonKb} kB`,
            `RssFile:\t${fileKb} kB`,
            `RssShmem:\t${shmemKb} kB`,
            `VmSwap:\t${swapKb} kB`,
          ]),
      `Threads:\t${threads}\n`,
    ].join('\n'),
    [`${at}/cmdline`]: kernelThread ? '' : args.map((arg) => `${arg}\0`).join(''),
    ...(fake.cgroup === undefined ? {} : { [`${at}/cgroup`]: `0::${fake.cgroup}\n` }),
    ...Object.fromEntries(Array.from({ length: fake.openFiles ?? 0 }, (_, fd) => [`${at}/fd/${fd}`, ''])),
  }
}

export const manyProcesses = (...fakes: FakeProcess[]): Record<string, string> =>
  Object.assign(
    { '/proc/stat': `cpu  1 0 1 98 0 0 0 0 0 0\nbtime ${bootAtMs / 1000}\n` },
    ...fakes.map(processFiles),
  )

export interface FakeCgroup {
  path: string
  pids?: number[]
  currentBytes?: number
  anonBytes?: number
  shmemBytes?: number
  inactiveFileBytes?: number
  swapBytes?: number
  max?: number | 'max'
  oomKills?: number
}

/** The files of one cgroup v2, below /sys/fs/cgroup. */
export const cgroupFiles = (fake: FakeCgroup): Record<string, string> => {
  const at = `/sys/fs/cgroup${fake.path}`
  return {
    '/sys/fs/cgroup/cgroup.controllers': 'cpu memory pids\n',
    [`${at}/cgroup.controllers`]: 'cpu memory pids\n',
    ...(fake.path === '/' ? {} : { [`${at}/cgroup.events`]: 'populated 1\nfrozen 0\n' }),
    [`${at}/cgroup.procs`]: (fake.pids ?? []).map((pid) => `${pid}\n`).join(''),
    [`${at}/memory.current`]: `${fake.currentBytes ?? 0}\n`,
    [`${at}/memory.max`]: `${fake.max ?? 'max'}\n`,
    [`${at}/memory.swap.current`]: `${fake.swapBytes ?? 0}\n`,
    [`${at}/memory.events`]: `low 0\nhigh 0\nmax 0\noom ${fake.oomKills ?? 0}\noom_kill ${fake.oomKills ?? 0}\n`,
    [`${at}/memory.stat`]: [
      `anon ${fake.anonBytes ?? 0}`,
      'file 0',
      'kernel 0',
      'sock 0',
      `shmem ${fake.shmemBytes ?? 0}`,
      `inactive_file ${fake.inactiveFileBytes ?? 0}\n`,
    ].join('\n'),
  }
}

export const container = (facts: Partial<ContainerFacts> = {}): ContainerFacts => ({
  id: 'c0ffee'.padEnd(64, '0'),
  name: 'web',
  image: 'web:1',
  state: 'running',
  health: null,
  pid: null,
  startedAtMs: bootAtMs + 1000,
  finishedAtMs: null,
  exitCode: null,
  oomKilled: false,
  restartCount: 0,
  restartPolicy: 'no',
  memoryLimitBytes: null,
  memoryReservationBytes: null,
  networkMode: 'bridge',
  composeProject: null,
  composeService: null,
  labels: {},
  ...facts,
})

export const unit = (facts: Partial<UnitFacts> = {}): UnitFacts => {
  const id = facts.id ?? 'app.service'
  return {
    id,
    names: [id],
    loadState: 'loaded',
    activeState: 'active',
    subState: 'running',
    result: 'success',
    type: 'simple',
    mainPid: null,
    controlPid: null,
    controlGroup: null,
    invocationId: 'a1b2c3',
    restarts: 0,
    activeSinceMonotonicUs: null,
    inactiveSinceMonotonicUs: null,
    restartSetting: 'no',
    restartDelayUs: null,
    restartSteps: 0,
    restartMaxDelayUs: null,
    startLimitIntervalUs: null,
    startLimitBurst: null,
    memoryMaxBytes: null,
    memoryHighBytes: null,
    memoryLowBytes: null,
    ...facts,
  }
}

export const meminfo = (kilobytes: Record<string, number>): string =>
  Object.entries(kilobytes)
    .map(([name, kb]) => `${name}:   ${kb} kB\n`)
    .join('')
