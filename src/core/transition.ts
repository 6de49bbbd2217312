import { type Finding, type Status, worse } from './finding.ts'
import type { CheckResult } from './service.ts'
import { findingKey, maxTold, type ToldProblem, type Trouble, thingKey, toldProblem } from './told.ts'

/** A finding and whose it is: a service's name, or null for the host and for this tool itself. */
export interface Observed {
  service: string | null
  finding: Finding
}

export interface Tell extends Observed {
  kind: 'new' | 'changed' | 'reminder'
  sinceMs: number
}

/** A problem that is told of for the last time, and how long it was one. */
export interface Recovered {
  problem: ToldProblem
  forSeconds: number
}

export interface Transition {
  tell: Tell[]
  recovered: Recovered[]
  /** Of services that the config has no longer; nobody knows how they are. */
  unwatched: Recovered[]
  /** To be handed in again at the next run; at most `maxTold`. */
  told: ToldProblem[]
  /** Problems that are beyond that bound: not told, since they would be told anew at every run. */
  beyondBound: number
}

// Problems that later runs do not look at are forgotten after a week, or they would be kept for ever.
const forgetAfterMs = 7 * 86_400_000

const order: readonly Status[] = ['critical', 'unknown', 'warning', 'ok']

/** Worst first: critical, unknown, warning, ok. */
export const byStatus = (a: Status, b: Status): number => order.indexOf(a) - order.indexOf(b)

/** All findings of a run, the host's first. */
export const observedOf = (result: CheckResult): Observed[] => [
  ...[...result.findings, ...result.ownFindings].map((finding) => ({ service: null, finding })),
  ...result.services.flatMap(({ facts, findings }) =>
    findings.map((finding) => ({ service: facts.name, finding })),
  ),
]

/**
 * What people have to be told, given what they were told before: a change, a reminder of what stays, and once that it
 * is over. A problem that cannot be measured now is not over: it is kept, unsaid, until it is measured again.
 *
 * @param asked the services this run was limited to, null for all; problems of the others are kept as they are.
 * @param named the services of the config; none: all that runs here is looked at.
 */
export const transition = (
  previous: readonly ToldProblem[],
  current: readonly Observed[],
  nowMs: number,
  remindSeconds: number,
  asked: readonly string[] | null = null,
  named: readonly string[] = [],
): Transition => {
  const watched = new Set(named)
  const before = new Map(previous.map((told) => [told.key, told]))
  const seen = gather(current, before)
  const gone = previous.filter((told) => !seen.problems.has(told.key))
  const fates = new Map(gone.map((told) => [told, fateOf(told, seen, asked, watched)]))
  const withFate = (fate: Fate): ToldProblem[] => gone.filter((told) => fates.get(told) === fate)
  const replaced = new Map(withFate('replaced').map((told) => [thingOfTold(told), told]))

  const steps = mostImportant(seen.problems, before).map(([key, observed]) =>
    stepOf(
      observed,
      before.get(key) ?? replaced.get(thingOf(observed)) ?? null,
      nowMs,
      remindSeconds * 1000,
      watched,
    ),
  )
  const lastWords = (fate: Fate): Recovered[] =>
    withFate(fate).map((problem) => ({ problem, forSeconds: secondsSince(problem.sinceMs, nowMs) }))
  const open = withFate('open')
    .map((told) => ({ ...told, toldAtMs: Math.min(told.toldAtMs, nowMs) }))
    .filter((told) => nowMs - told.toldAtMs < forgetAfterMs)
  return {
    tell: steps.flatMap((step) => step.tell ?? []),
    recovered: lastWords('over'),
    unwatched: lastWords('unwatched'),
    told: [...steps.map((step) => step.told), ...open].slice(0, maxTold),
    beyondBound: seen.problems.size - steps.length,
  }
}

interface Seen {
  /** By finding key; of several with one key the worst. */
  problems: Map<string, Observed>
  fine: Set<string>
  /** Things that were judged, well or badly; that could not be measured; that are in trouble anew. */
  judged: Set<string>
  blind: Set<string>
  fresh: Set<string>
  /** Services with something that could not be measured; all services this run has looked at. */
  blindServices: Set<string>
  services: Set<string>
  hostSeen: boolean
  /** The look-out for services failed: one that is not seen may well be there. */
  lookoutFailed: boolean
}

const gather = (current: readonly Observed[], before: ReadonlyMap<string, ToldProblem>): Seen => {
  const seen: Seen = {
    problems: new Map(),
    fine: new Set(),
    judged: new Set(),
    blind: new Set(),
    fresh: new Set(),
    blindServices: new Set(),
    services: new Set(current.flatMap(({ service }) => service ?? [])),
    hostSeen: current.some(({ service }) => service === null),
    lookoutFailed: current.some(
      ({ service, finding }) =>
        service === null && finding.status === 'unknown' && lookouts.includes(finding.check),
    ),
  }
  for (const observed of current) {
    const { service, finding } = observed
    const key = findingKey(service, finding)
    const thing = thingOf(observed)
    if (isStillYoung(finding)) {
      seen.blind.add(thing)
      continue
    }
    if (finding.status === 'ok') seen.fine.add(key)
    else {
      const other = seen.problems.get(key)
      if (other === undefined || worse(other.finding.status, finding.status) !== other.finding.status)
        seen.problems.set(key, observed)
      if (!before.has(key)) seen.fresh.add(thing)
    }
    if (finding.status === 'unknown') {
      seen.blind.add(thing)
      if (service !== null) seen.blindServices.add(service)
    } else seen.judged.add(thing)
  }
  return seen
}

/**
 * Growth of which there are too few samples yet: so it is for minutes after each start of a service, and nobody can do
 * anything but wait. The exit status has it; it is no news, and what was told before of its growth is not over by it.
 */
const isStillYoung = ({ status, code }: Finding): boolean => status === 'unknown' && code === 'insufficient'

/** Checks under which checks/observe/ tells that containers or units could not be listed. */
export const lookouts: readonly string[] = ['containers', 'units']

const thingOf = ({ service, finding }: Observed): string => thingKey(service, finding.check, finding.item)

const thingOfTold = ({ service, check, item }: ToldProblem): string => thingKey(service, check, item)

/**
 * What became of a problem that is not found any more: over, not measurable or not looked at, another one now, or of a
 * service that was taken out of the config.
 */
type Fate = 'over' | 'open' | 'replaced' | 'unwatched'

const fateOf = (
  told: ToldProblem,
  seen: Seen,
  asked: readonly string[] | null,
  watched: ReadonlySet<string>,
): Fate => {
  const { service, check, status } = told
  if (asked !== null && !(service === null ? seen.hostSeen : isAskedFor(service, asked))) return 'open'
  if (isUnwatched(told, seen, watched)) return 'unwatched'
  if (seen.fine.has(told.key)) return 'over'
  const thing = thingOfTold(told)
  const isBlind = seen.blind.has(thing) || seen.blind.has(thingKey(service, check, null))
  if (isBlind && status !== 'unknown') return 'open'
  if (seen.fresh.has(thing)) return 'replaced'
  if (seen.judged.has(thing)) return 'over'
  if (service === null) return 'over'
  const isHidden = seen.lookoutFailed && !seen.services.has(service)
  return isHidden || seen.blindServices.has(service) ? 'open' : 'over'
}

/** One that was only found, as a unit that failed, and is not found any more, is well or gone. */
const isUnwatched = (
  { service, isNamed }: ToldProblem,
  { services }: Seen,
  watched: ReadonlySet<string>,
): boolean =>
  service !== null && !services.has(service) && (watched.size === 0 ? isNamed : !isWatched(service, watched))

const isWatched = (service: string, watched: ReadonlySet<string>): boolean =>
  watched.has(service) || watched.has(withoutReplica(service))

const isAskedFor = (service: string, asked: readonly string[]): boolean =>
  asked.includes(service) || asked.includes(withoutReplica(service))

/** NAME stands for its replicas NAME/1, NAME/2 … too. */
const withoutReplica = (service: string): string => service.replace(/\/\d+$/, '')

/** At most `maxTold`, the worst first, then those that are remembered already: these do not change from run to run. */
const mostImportant = (
  problems: ReadonlyMap<string, Observed>,
  before: ReadonlyMap<string, ToldProblem>,
): [string, Observed][] =>
  [...problems]
    .sort(
      ([keyA, a], [keyB, b]) =>
        byStatus(a.finding.status, b.finding.status) || Number(before.has(keyB)) - Number(before.has(keyA)),
    )
    .slice(0, maxTold)

const stepOf = (
  { service, finding }: Observed,
  told: ToldProblem | null,
  nowMs: number,
  remindMs: number,
  watched: ReadonlySet<string>,
): { told: ToldProblem; tell: Tell | null } => {
  // A stamp in the future means that the clock was set back: it must not silence a reminder until then.
  const sinceMs = Math.min(told?.sinceMs ?? nowMs, nowMs)
  const kind = kindOf(service, finding, told, nowMs, remindMs)
  const toldAtMs = kind === null && told !== null ? told.toldAtMs : nowMs
  const isNamed = service !== null && isWatched(service, watched)
  return {
    told: toldProblem(service, finding, finding.status as Trouble, sinceMs, toldAtMs, isNamed),
    tell: kind === null ? null : { service, finding, kind, sinceMs },
  }
}

const kindOf = (
  service: string | null,
  finding: Finding,
  told: ToldProblem | null,
  nowMs: number,
  remindMs: number,
): Tell['kind'] | null => {
  if (told === null) return 'new'
  if (told.key !== findingKey(service, finding) || told.status !== finding.status) return 'changed'
  return nowMs - told.toldAtMs >= remindMs || told.toldAtMs > nowMs ? 'reminder' : null
}

const secondsSince = (sinceMs: number, nowMs: number): number =>
  Math.max(0, Math.round((nowMs - sinceMs) / 1000))
