import { objectionTo } from '../../checks/observe/pidfile.ts'
import { clip } from '../../core/escape.ts'
import type { ProcessStat } from '../../core/facts.ts'
import { valueOrNull } from '../../core/reading.ts'
import type { ServiceFacts } from '../../core/service.ts'
import type { Host } from '../../host/host.ts'
import { unitOfCgroup } from '../../parse/unit-of-cgroup.ts'
import { commandsOfInits, type OrphanFacts } from '../../plan/orphans.ts'
import { trackedByUserManager } from '../../plan/user-manager.ts'
import type { RunContext } from '../command.ts'
import { observeConfigured } from '../observe-configured.ts'
import { processFiles } from '../process-files.ts'
import type { Seen } from './see-host.ts'

export type Tracked = Pick<OrphanFacts, 'trackedPids' | 'claimedPids'>

/**
 * Of pid files, of `start:`, and the main and control processes of units; in words, why that cannot be told.
 *
 * @param about the candidates of all rules: of units without one only what a candidate might belong to is asked about
 */
export const trackedBy = async (
  context: Pick<RunContext, 'loaded' | 'global'>,
  sight: Seen,
  about: ReadonlySet<number>,
): Promise<Tracked | string> => {
  const { host, scan } = sight
  const tracked = new Set<number>(sight.containerInits)
  const claimed = new Set<number>()
  // What is below sshd or the container engine must not be spared on such a word.
  const claim = (pid: number): void => {
    if (!sight.protections.has(pid)) claimed.add(pid)
  }
  const all: Tracked = { trackedPids: tracked, claimedPids: claimed }
  const services = context.loaded?.config.services ?? {}
  if (Object.keys(services).length > 0) {
    const { services: seen } = await observeConfigured(host, services)
    for (const facts of seen) {
      if (facts.claimedPid !== undefined) {
        claim(facts.claimedPid)
        continue
      }
      if (isDaemonUnknown(host, facts))
        return `the daemon of ${clip(facts.name, 60)} cannot be told: ${clip(facts.stateDetail, 100)}`
      // Of `process:` any of those that match may be called the main one, so only its pid file counts.
      if (facts.target.type !== 'process' && facts.mainPid !== null) tracked.add(facts.mainPid)
      const { pidFile } = processFiles(facts, context.global)
      const pid = pidIn(host, pidFile)
      if (pid === null || tracked.has(pid)) continue
      // Spared all the same, since a clock that was set makes a daemon look younger than its file, but no daemon to count.
      if (isOfAnother(sight, pid, pidFile)) claim(pid)
      else tracked.add(pid)
    }
  }
  for (const pid of commandsOfInits(scan.processes, (pid) => sight.details(pid).namespacePids.at(-1) ?? null))
    tracked.add(pid)
  const byUnit = servicesOf(sight, about)
  for (const pid of byUnit.ofUsers) tracked.add(pid)
  if (byUnit.ofSystem.size === 0) return all
  const units = await host.systemd.units([...byUnit.ofSystem.keys()])
  if (units.kind !== 'value') return 'which processes are the main ones of units could not be asked'
  for (const [name, pids] of byUnit.ofSystem) {
    const unit = units.value.find(({ names }) => names.includes(name))
    const { mainPid = null, controlPid = null } = unit ?? {}
    // Of a unit without a main process nobody knows which of them it is about.
    for (const pid of mainPid === null ? pids : [mainPid]) tracked.add(pid)
    // While it is reloaded or stopped systemd has a second child in it.
    if (controlPid !== null) tracked.add(controlPid)
  }
  return all
}

const pidIn = (host: Host, path: string): number | null => {
  const file = host.files.readText(path)
  return file.kind === 'value' && /^\d+\n?$/.test(file.value) ? Number(file.value) : null
}

/** The process that the file was written for has ended, and its pid was given to another. */
const isOfAnother = ({ host, byPid }: Seen, pid: number, path: string): boolean => {
  const [stat, info] = [byPid.get(pid), host.files.info(path)]
  return stat !== undefined && info.kind === 'value' && objectionTo(host, stat, path, info.value) !== null
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

/** Children of a systemd by their unit, and those that a user's own manager keeps. */
const servicesOf = (
  { host, scan, byPid }: Seen,
  about: ReadonlySet<number>,
): { ofSystem: Map<string, number[]>; ofUsers: number[] } => {
  const managers = new Set(scan.processes.filter(({ comm }) => comm === 'systemd').map(({ pid }) => pid))
  // In the session of another that lives: it may be reached through that one, though no rule fits it.
  const isReachable = ({ pid, session }: ProcessStat): boolean =>
    about.has(pid) || (session !== pid && byPid.has(session))
  const children = scan.processes.filter((stat) => managers.has(stat.ppid))
  const ofSystem = new Map<string, number[]>()
  const ofUsers = children.filter(({ ppid }) => ppid !== 1)
  for (const stat of children) {
    if (stat.ppid !== 1 || !isReachable(stat)) continue
    const unit = unitOf(host, stat.pid)
    if (unit?.endsWith('.service')) ofSystem.set(unit, [...(ofSystem.get(unit) ?? []), stat.pid])
  }
  return {
    ofSystem,
    ofUsers: trackedByUserManager(
      ofUsers.map((stat) => ({ stat, unit: unitOf(host, stat.pid) })),
      (session) => byPid.has(session),
    ),
  }
}

const unitOf = (host: Host, pid: number): string | null =>
  unitOfCgroup(valueOrNull(host.files.readText(`/proc/${pid}/cgroup`)) ?? '')
