import { clip } from '../core/escape.ts'
import { globFault, textRefusal } from '../plan/cleanup-roots.ts'
import { periodFault } from '../plan/schedule.ts'
import { nearest } from './nearest.ts'
import type { ConfigProblem, Place } from './tree.ts'
import { childPath } from './validate.ts'

/**
 * What no single key can know: names that refer to each other, figures that contradict each other. Runs also on a
 * config that has problems, so that all are said at once; then any part of it may be undefined.
 */
export const crossCheck = (sections: unknown, places: ReadonlyMap<string, Place>): ConfigProblem[] => {
  const { services, cleanup, orphans, schedule } = (sections ?? {}) as PartialSections
  const problems: ConfigProblem[] = []
  const note: Note = (path, message) => {
    // One value that stands for a list of one has no index.
    const at = places.get(path) ?? places.get(path.replace(/\[\d+\]$/, ''))
    if (at) problems.push({ path, at, message })
  }
  const known = services ?? {}
  for (const [name, service] of Object.entries(known)) {
    if (!service) continue
    const path = childPath('services', name)
    checkAfter(name, service, known, path, note)
    checkLimit(service, path, note)
    checkRestart(service, path, note)
    checkProbes(service, path, note)
  }
  checkCycles(known, note)
  checkCleanup(cleanup ?? [], note)
  checkRuleNames(orphans ?? [], note)
  checkPeriods(schedule ?? {}, note)
  return problems
}

type Note = (path: string, message: string) => void

interface PartialService {
  process?: unknown
  pidfile?: unknown
  after?: (string | undefined)[]
  start?: (string | undefined)[]
  restart?: { after?: number; out_of?: number | null } | null
  limit?: { memory?: number | null; reservation?: number | null } | null
  probes?: ({ type: string; file?: string | null; password?: unknown; password_file?: unknown } | undefined)[]
}

interface PartialCleanup {
  path?: string | null
  match?: (string | undefined)[]
  exclude?: (string | undefined)[]
}

type PartialServices = Record<string, PartialService | undefined>

interface PartialSections {
  services?: PartialServices
  cleanup?: (PartialCleanup | undefined)[]
  orphans?: ({ name?: string } | undefined)[]
  schedule?: Record<string, number | null | undefined>
}

const checkAfter = (
  name: string,
  { after }: PartialService,
  services: PartialServices,
  path: string,
  note: Note,
): void => {
  for (const [index, other] of (after ?? []).entries()) {
    if (other === undefined || (other !== name && Object.hasOwn(services, other))) continue
    const near = nearest(other, Object.keys(services))
    note(
      `${path}.after[${index}]`,
      other === name
        ? 'a service cannot come after itself'
        : `no service "${clip(other, 60)}"${near === null ? '' : `; did you mean "${near}"?`}`,
    )
  }
}

const checkCycles = (services: PartialServices, note: Note): void => {
  const circle = circleIn(services)
  if (circle)
    note(`${childPath('services', circle[0] ?? '')}.after`, `goes in a circle: ${circle.join(' → ')}`)
}

/**
 * The first circle of `after`, its first service again at its end; null when there is none. What comes after nothing
 * is taken away until nothing is left, or only what a circle holds up. (A service after itself is said elsewhere.)
 */
const circleIn = (services: PartialServices): string[] | null => {
  const waitsFor = new Map<string, Set<string>>()
  const holdsUp = new Map<string, string[]>()
  for (const [name, service] of Object.entries(services)) {
    const others = (service?.after ?? []).filter(
      (other) => other !== undefined && other !== name && Object.hasOwn(services, other),
    ) as string[]
    waitsFor.set(name, new Set(others))
    for (const other of new Set(others)) {
      const held = holdsUp.get(other)
      if (held) held.push(name)
      else holdsUp.set(other, [name])
    }
  }
  const free = [...waitsFor.keys()].filter((name) => waitsFor.get(name)?.size === 0)
  for (let name = free.pop(); name !== undefined; name = free.pop()) {
    waitsFor.delete(name)
    for (const held of holdsUp.get(name) ?? []) {
      const rest = waitsFor.get(held)
      if (rest?.delete(name) && rest.size === 0) free.push(held)
    }
  }
  return circleFrom(waitsFor)
}

/** Every service here waits for another one here, so following them ends in a circle. */
const circleFrom = (waitsFor: ReadonlyMap<string, ReadonlySet<string>>): string[] | null => {
  const trail = new Set<string>()
  let [name] = waitsFor.keys()
  while (name !== undefined && !trail.has(name)) {
    trail.add(name)
    ;[name] = waitsFor.get(name) ?? []
  }
  if (name === undefined) return null
  const walked = [...trail]
  return [...walked.slice(walked.indexOf(name)), name]
}

const checkLimit = ({ limit }: PartialService, path: string, note: Note): void => {
  if (limit?.memory && limit.reservation && limit.reservation > limit.memory)
    note(`${path}.limit.reservation`, 'is above limit.memory, so it could never be reached')
}

const checkRestart = (service: PartialService, path: string, note: Note): void => {
  const { restart, start } = service
  if (restart?.after && restart.out_of && restart.out_of < restart.after)
    note(`${path}.restart.out_of`, `is below restart.after (${restart.after}), so it would never restart`)
  // Said when the config is read, and not by the third failed check.
  if (restart && isOfProcesses(service) && start?.length === 0)
    note(`${path}.restart`, 'needs `start`: what is ended of a process service could not be started again')
}

/** The engine and systemd know how to start theirs, and keep its log. */
const isOfProcesses = ({ process, pidfile }: PartialService): boolean => Boolean(process) || Boolean(pidfile)

const checkProbes = (service: PartialService, path: string, note: Note): void => {
  const { probes } = service
  const hasNoLog = isOfProcesses(service)
  for (const [index, probe] of (probes ?? []).entries()) {
    const at = `${path}.probes[${index}]`
    if (probe?.type === 'log' && !probe.file && hasNoLog)
      note(at, 'needs `file`: only containers and units have a log of their own')
    if (probe?.password && probe.password_file) note(at, 'has password and password_file; keep one')
  }
}

/** Where its folder leads, and what is mounted there, is known when it is run. */
const checkCleanup = (rules: readonly (PartialCleanup | undefined)[], note: Note): void => {
  for (const [index, rule] of rules.entries()) {
    const at = `cleanup[${index}]`
    const refusal = rule?.path ? textRefusal(rule.path) : null
    if (refusal !== null) note(`${at}.path`, refusal)
    for (const key of ['match', 'exclude'] as const)
      for (const [i, glob] of (rule?.[key] ?? []).entries()) {
        const fault = glob === undefined ? null : globFault(glob)
        if (fault !== null) note(`${at}.${key}[${i}]`, fault)
      }
  }
}

const checkRuleNames = (rules: readonly ({ name?: string } | undefined)[], note: Note): void => {
  const seen = new Set<string>()
  for (const [index, rule] of rules.entries()) {
    if (rule?.name === undefined) continue
    if (seen.has(rule.name)) note(`orphans[${index}].name`, 'another rule has this name')
    seen.add(rule.name)
  }
}

/** Whether cron can start it that often is known when it is installed. */
const checkPeriods = (periods: Record<string, number | null | undefined>, note: Note): void => {
  for (const [command, seconds] of Object.entries(periods)) {
    const fault = seconds == null ? null : periodFault(seconds, 'systemd')
    if (fault !== null) note(`schedule.${command}`, `${fault.message}: ${fault.mend}`)
  }
}
