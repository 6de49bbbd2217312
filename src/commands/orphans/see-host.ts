import { containerCgroup } from '../../checks/observe/container-cgroup.ts'
import { findContainers } from '../../checks/observe/find-container.ts'
import type { OrphanRule } from '../../config/sections/orphans.ts'
import { clip } from '../../core/escape.ts'
import type { ProcessScan, ProcessStat } from '../../core/facts.ts'
import { valueOrNull } from '../../core/reading.ts'
import type { ServiceFacts } from '../../core/service.ts'
import { fullUnitName } from '../../core/unit-name.ts'
import type { Host } from '../../host/host.ts'
import { commandsOfInits } from '../../plan/orphans.ts'
import { type Protection, protectedProcesses } from '../../plan/protected.ts'
import type { RunContext } from '../command.ts'
import { observeConfigured } from '../observe-configured.ts'
import { processFiles } from '../process-files.ts'

/** The host as one rule needs to see it. */
export interface Seen {
  host: Host
  scan: ProcessScan
  protections: Map<number, Protection>
  trackedPids: ReadonlySet<number>
  containerInits: ReadonlySet<number>
  isForkOfParent(stat: ProcessStat): boolean
  /** Pids the rule is about; null: all of the host that are in no container. */
  scopePids: ReadonlySet<number> | null
  /** Pids in containers, which a rule without `container:` is not about. */
  containedPids: ReadonlySet<number>
  /** Raw; the name in brackets where there is none. */
  commandLine(pid: number): string
  startedAt(stat: ProcessStat): number | null
}

/** What is missing, in words, when not all of it could be seen: then nothing may be called an orphan. */
export const seeHost = async (context: RunContext, host: Host, rule: OrphanRule): Promise<Seen | string> => {
  const scan = host.processes.scan()
  if (scan.kind !== 'value') return 'the processes could not be listed'
  if (!scan.value.complete) return 'processes of other users are hidden (hidepid)'
  const containers = await host.engine.containers()
  if (containers.kind === 'failed') return `the containers could not be asked: ${containers.detail}`
  const running = (valueOrNull(containers) ?? []).filter(({ pid }) => pid !== null)
  const pidsOf = new Map<string, number[]>()
  for (const { id, name, pid } of running) {
    const cgroup = containerCgroup(host.cgroups, id, pid ?? -1)
    const pids = cgroup.kind === 'value' ? host.cgroups.pids(cgroup.value) : cgroup
    if (pids.kind !== 'value') return `the processes of container ${clip(name, 60)} could not be listed`
    pidsOf.set(id, pids.value)
  }
  const scope = await scopeOf(host, rule, running, pidsOf)
  if (typeof scope === 'string') return scope
  const tracked = await trackedBy(context, host, scan.value)
  if (typeof tracked === 'string') return tracked
  const containerInits = new Set(running.flatMap(({ pid }) => (pid === null ? [] : [pid])))
  const comms = new Map(scan.value.processes.map(({ pid, comm }) => [pid, comm]))
  const bootAtMs = valueOrNull(host.processes.bootAtMs())
  return {
    host,
    scan: scan.value,
    protections: protectedProcesses({
      processes: scan.value.processes,
      selfPid: host.pid,
      uidOf: (pid) => valueOrNull(host.processes.memory(pid))?.uid ?? null,
    }),
    trackedPids: new Set([...tracked, ...containerInits]),
    containerInits,
    isForkOfParent: (stat) => isForkOfParent(host, stat),
    scopePids: scope,
    containedPids: new Set([...pidsOf.values()].flat()),
    commandLine: (pid) => valueOrNull(host.processes.commandLine(pid)) || `[${comms.get(pid) ?? '?'}]`,
    startedAt: ({ startTicks }) =>
      bootAtMs === null ? null : bootAtMs + (startTicks * 1000) / host.processes.ticksPerSecond,
  }
}

const scopeOf = async (
  host: Host,
  rule: OrphanRule,
  running: Parameters<typeof findContainers>[1],
  pidsOf: ReadonlyMap<string, number[]>,
): Promise<Set<number> | null | string> => {
  if (rule.container != null) {
    const found = findContainers(rule.container, running)
    if (found.kind === 'ambiguous') return `${clip(rule.container, 60)} may be ${found.count} containers`
    if (found.containers.length === 0) return `no container ${clip(rule.container, 60)} runs here`
    return new Set(found.containers.flatMap(({ id }) => pidsOf.get(id) ?? []))
  }
  if (rule.unit == null) return null
  const name = fullUnitName(rule.unit)
  const units = await host.systemd.units([name])
  const unit =
    units.kind === 'value' ? units.value.find(({ loadState }) => loadState === 'loaded') : undefined
  if (unit === undefined) return `unit ${clip(name, 60)} is not there, or could not be asked`
  if (unit.controlGroup === null) return new Set()
  const pids = host.cgroups.pids(unit.controlGroup)
  return pids.kind === 'value'
    ? new Set(pids.value)
    : `the processes of unit ${clip(name, 60)} could not be listed`
}

/**
 * By where the stack begins (proc(5), `startstack`): a fork has it where its parent has it, and exec puts it somewhere
 * else at random. 0 or 1 where it may not be seen.
 */
export const isForkOfParent = (host: Host, { pid, ppid }: ProcessStat): boolean => {
  const own = startOfStack(host, pid)
  return own !== null && own === startOfStack(host, ppid)
}

const startOfStack = (host: Host, pid: number): string | null => {
  const text = valueOrNull(host.files.readText(`/proc/${pid}/stat`)) ?? ''
  // The name, in brackets, is the second field and may hold brackets and blanks.
  const at = text.slice(text.lastIndexOf(')') + 2).split(' ')[25] ?? ''
  return /^\d{2,}$/.test(at) ? at : null
}

/** In the innermost of its pid namespaces (proc(5), NSpid). */
const namespacePid = (host: Host, pid: number): number | null => {
  const status = valueOrNull(host.files.readText(`/proc/${pid}/status`))
  const number = /^NSpid:.*?(\d+)$/m.exec(status ?? '')?.[1]
  return number === undefined ? null : Number(number)
}

/** Of pid files, of `start:`, and the main processes of units. */
const trackedBy = async (
  context: RunContext,
  host: Host,
  scan: ProcessScan,
): Promise<Set<number> | string> => {
  const tracked = new Set<number>()
  const services = context.loaded?.config.services ?? {}
  const { services: seen } = await observeConfigured(host, services)
  for (const facts of seen) {
    if (isDaemonUnknown(host, facts))
      return `the daemon of ${clip(facts.name, 60)} cannot be told: ${clip(facts.stateDetail, 100)}`
    // Of `process:` any of those that match may be called the main one, so only its pid file counts.
    if (facts.target.type !== 'process' && facts.mainPid !== null) tracked.add(facts.mainPid)
    const file = host.files.readText(processFiles(facts, context.global).pidFile)
    if (file.kind === 'value' && /^\d+\n?$/.test(file.value)) tracked.add(Number(file.value))
  }
  for (const pid of commandsOfInits(scan.processes, (pid) => namespacePid(host, pid))) tracked.add(pid)
  const byUnit = servicesOf(host, scan)
  for (const pid of byUnit.ofUsers) tracked.add(pid)
  if (byUnit.ofSystem.size === 0) return tracked
  const units = await host.systemd.units([...byUnit.ofSystem.keys()])
  if (units.kind !== 'value') return 'which processes are the main ones of units could not be asked'
  for (const [name, pids] of byUnit.ofSystem) {
    const mainPid = units.value.find(({ names }) => names.includes(name))?.mainPid ?? null
    // Of a unit without a main process nobody knows which of them it is about.
    for (const pid of mainPid === null ? pids : [mainPid]) tracked.add(pid)
  }
  return tracked
}

/**
 * A pid file that is there and names nobody – empty while its daemon writes it, a symlink, garbage – leaves open who the
 * daemon is. One that is not there, or names a process that has ended, does not.
 */
const isDaemonUnknown = (host: Host, { target, state, mainPid }: ServiceFacts): boolean => {
  if (target.type !== 'pidfile' || mainPid !== null) return false
  if (state === 'unknown') return true
  const info = host.files.info(target.path)
  if (info.kind === 'absent') return false
  if (info.kind === 'failed' || info.value.kind !== 'file') return true
  const text = host.files.readText(target.path)
  return text.kind !== 'value' || !/^\s*\d{1,7}\s*(\n|$)/.test(text.value)
}

/** Children of a systemd, by their unit; those of a user's own manager cannot be asked about, and all count. */
const servicesOf = (
  host: Host,
  scan: ProcessScan,
): { ofSystem: Map<string, number[]>; ofUsers: number[] } => {
  const managers = new Set(scan.processes.filter(({ comm }) => comm === 'systemd').map(({ pid }) => pid))
  const found = { ofSystem: new Map<string, number[]>(), ofUsers: [] as number[] }
  for (const { pid, ppid } of scan.processes) {
    if (!managers.has(ppid)) continue
    const path = valueOrNull(host.files.readText(`/proc/${pid}/cgroup`)) ?? ''
    const unit = /\/([^/\s]+\.service)(?:\/|\s|$)(?!.*\.service)/.exec(path)?.[1]
    if (unit === undefined) continue
    if (ppid !== 1) found.ofUsers.push(pid)
    else found.ofSystem.set(unit, [...(found.ofSystem.get(unit) ?? []), pid])
  }
  return found
}
