import { realpathSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { resolve as resolvePath } from 'node:path'
import { exitCode, HealthError } from '../core/errors.ts'
import type { LogLine } from '../core/log-line.ts'
import { absent } from '../core/reading.ts'
import type { ApplyOptions } from './apply.ts'
import type { HostBase } from './base.ts'
import { atBelow, readCaptured } from './captured.ts'
import { makeCgroups } from './cgroups.ts'
import { makeFiles } from './files.ts'
import { findEngine } from './find-engine.ts'
import type { Host, HostEngine, HostLogs, HostNet, HostOutput, HostSave, HostSystemd } from './host.ts'
import type { HttpRequest } from './http.ts'
import { monotonicMs } from './monotonic.ts'
import { makeProcesses } from './processes.ts'
import { makeSave } from './save.ts'
import { systemdRuns } from './systemd-runs.ts'

export interface HostSettings {
  /** `/`, or the folder of --root. */
  root: string
  dryRun: boolean
  out: HostOutput
  /** Takes each change to the machine with its reason, before it is done, and what came of it. */
  logAction(host: Host, lines: readonly LogLine[]): void
  onEndSignal: Host['onEndSignal']
}

/** The machine this program runs on, or with another root the one that was captured there. */
export const makeHost = (settings: HostSettings): Host => {
  const base = makeBase(settings.root)
  return hostOf(settings, base, makeSave({ uid: base.uid, pid: base.pid }, clockOf(base)), 0)
}

const hostOf = (settings: HostSettings, base: HostBase, save: HostSave, beganAtMs: number): Host => {
  const { dryRun, out, logAction } = settings
  const run = lazyRun(base)
  const now = clockOf(base)
  const http = lazyHttp()
  const host: Host = {
    root: base.root,
    live: base.live,
    uid: base.uid,
    pid: base.pid,
    env: base.env,
    program: programOf(process),
    hostname: nameOf(base),
    now,
    elapsedMs: () => monotonicMs() - beganAtMs,
    timer,
    within: async (ms, work) => (await import('./within.ts')).withinMs(ms, work),
    again: () => hostOf(settings, base, save, monotonicMs()),
    onEndSignal: settings.onEndSignal,
    files: makeFiles(base),
    processes: makeProcesses(base),
    cgroups: makeCgroups(base),
    engine: lazyEngine(base, http),
    systemd: lazySystemd(base, run),
    net: base.live ? { http, connect } : capturedNet,
    logs: makeLogs(base),
    tree: async () => (await import('./tree.ts')).makeTree(base),
    run,
    apply: lazyApply({ base, dryRun, run, http, log: (...lines) => logAction(host, lines) }),
    save,
    out,
    ownPart: async (name) => (await import('./own-part.ts')).readOwnPart(name),
  }
  return host
}

/** What asks others is loaded where there is somebody to ask. */
const lazyEngine = (base: HostBase, http: HttpRequest): HostEngine => {
  const load = async () => (await import('./engine.ts')).makeEngine(base, http)
  return {
    containers: async () =>
      base.live && findEngine(base).kind === 'absent'
        ? absent('container engine')
        : (await load()).containers(),
    logs: async (...to) => (await load()).logs(...to),
    events: async (...to) => (await load()).events(...to),
    endpoint: async () => (await load()).endpoint(),
  }
}

const lazySystemd = (base: HostBase, run: Host['run']): HostSystemd => ({
  units: async (alsoNamed) =>
    base.live && !systemdRuns(base)
      ? absent('systemd')
      : (await import('./systemd.ts')).makeSystemd(base, run).units(alsoNamed),
})

const lazyRun = (base: HostBase): Host['run'] => {
  let run: Host['run'] | null = null
  return async (...to) => {
    run ??= (await import('./exec.ts')).makeRun(base)
    return run(...to)
  }
}

const lazyHttp = (): HttpRequest => {
  let http: HttpRequest | null = null
  return async (...to) => {
    http ??= (await import('./http.ts')).makeHttp()
    return http(...to)
  }
}

/** What changes the machine is loaded when something is to be changed: most runs only look. */
const lazyApply = (options: ApplyOptions): Host['apply'] => {
  let apply: Host['apply'] | null = null
  return async (action) => {
    apply ??= (await import('./apply.ts')).makeApply(options)
    return apply(action)
  }
}

const makeLogs = (base: HostBase): HostLogs => ({
  file: async (...to) => (await import('./log-lines.ts')).readFileLines(base, ...to),
  program: async (argv, ...to) =>
    base.live ? (await import('./log-lines.ts')).readProgramLines(base, argv, ...to) : absent(argv[0]),
  kernelRing: async (...to) => (await import('./kernel-ring.ts')).readKernelRing(base, ...to),
})

const connect: HostNet['connect'] = async (...to) => (await import('./tcp.ts')).connectTcp(...to)

/** The script by the name it was called by: a link in a folder of programs outlives what it leads to. */
const programOf = ({ execPath, argv }: Pick<NodeJS.Process, 'execPath' | 'argv'>): string[] => {
  const script = argv[1]
  return script === undefined || script === execPath ? [execPath] : [execPath, script]
}

const makeBase = (root: string): HostBase => {
  const common = { uid: process.getuid?.() ?? -1, pid: process.pid, env: process.env }
  if (resolvePath(root) === '/') return { ...common, root: '/', live: true, at: (path) => path }
  const folder = existingFolder(root)
  return { ...common, root: folder, live: false, at: atBelow(folder) }
}

const existingFolder = (root: string): string => {
  try {
    const folder = realpathSync(root)
    if (statSync(folder).isDirectory()) return folder
  } catch {
    // Missing or not to be read: the same words either way, with the path as it was given.
  }
  throw new HealthError(
    exitCode.usage,
    `--root ${root}: no such folder`,
    'name a captured host or a mounted disk',
  )
}

/** Who listened on the captured host is not known; here it would be somebody else. */
const capturedNet: HostNet = {
  http: async () => absent('network of a captured host'),
  connect: async () => absent('network of a captured host'),
}

const clockOf = (base: HostBase): (() => number) => {
  if (base.live) return Date.now
  const captured = readCaptured(base, 'now')
  const seconds = captured.kind === 'value' ? Number(captured.value.trim()) : Number.NaN
  return seconds > 0 ? () => seconds * 1000 : Date.now
}

const nameOf = (base: HostBase): string => {
  if (base.live) return hostname()
  // A mounted disk has no capture's folder of answers.
  const captured = readCaptured(base, 'hostname')
  const name = captured.kind === 'value' ? captured : makeFiles(base).readText('/etc/hostname')
  const lines = name.kind === 'value' ? name.value.split('\n').map((line) => line.trim()) : []
  // hostname(5) has comments.
  return lines.find((line) => line !== '' && !line.startsWith('#')) ?? base.root
}

const timer = (ms: number): { done: Promise<void>; cancel(): void } => {
  let handle: NodeJS.Timeout | undefined
  const done = new Promise<void>((resolve) => {
    // setTimeout fires at once above 2^31 ms.
    handle = setTimeout(resolve, Math.min(ms, 2 ** 31 - 1))
  })
  return { done, cancel: () => clearTimeout(handle) }
}
