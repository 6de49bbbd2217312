import { type Status, worse, worstStatus } from '../core/finding.ts'
import type { Fleet, FleetHost } from '../core/fleet.ts'
import type { GatheredCheck, GatheredProblem, GatheredService } from '../core/gathered.ts'
import { byStatus } from '../core/transition.ts'

/** A file of a host, and what it tells. */
export interface GatheredFile {
  /** Files of one host have one: the folder and the name they were found under. */
  group: string
  /** What the host is called where no file says it. */
  stem: string
  /** As people name it. */
  file: string
  /** When it was written here or, where the copy keeps it, there; null: there is no file. */
  modifiedAtMs: number | null
  read: { check: GatheredCheck } | { why: string }
}

/** So far may a host's clock be ahead; deploy/prometheus/rules.yml has the same. */
const aheadMs = 300_000
const mostProblems = 20

export const fleetOf = (
  files: readonly GatheredFile[],
  troubles: readonly string[],
  { nowMs, maxAgeMs }: { nowMs: number; maxAgeMs: number },
): Fleet => {
  const groups = new Map<string, GatheredFile[]>()
  for (const file of files) {
    const known = groups.get(file.group)
    if (known === undefined) groups.set(file.group, [file])
    else known.push(file)
  }
  const hosts = toldApart(
    [...groups].map(([group, own]) => ({ group, host: hostOf(own, nowMs, maxAgeMs) })),
  ).sort(byNeed)
  const isBlind = troubles.length > 0 || hosts.length === 0
  return {
    status: worstStatus([...hosts.map(({ status }) => status), ...(isBlind ? (['unknown'] as const) : [])]),
    ...{ nowMs, maxAgeMs, hosts, troubles: [...troubles] },
  }
}

/** Worst first, then what hits its limit soonest, then what was seen longest ago. */
const byNeed = (a: FleetHost, b: FleetHost): number =>
  byStatus(a.status, b.status) ||
  secondsLeft(a) - secondsLeft(b) ||
  (a.status === 'ok' ? 0 : (a.seen?.atMs ?? 0) - (b.seen?.atMs ?? 0)) ||
  (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)

const secondsLeft = ({ next, freshness }: FleetHost): number =>
  freshness === 'fresh' && next !== null ? next.seconds : Number.MAX_VALUE

type ReadFile = GatheredFile & { read: { check: GatheredCheck } }

const isRead = (file: GatheredFile): file is ReadFile => 'check' in file.read

/** The newest of what its files tell; one that cannot be read leaves it unknown, since it may be the newer one. */
const hostOf = (files: readonly GatheredFile[], nowMs: number, maxAgeMs: number): FleetHost => {
  const [newest, ...older] = files.filter(isRead).sort(newestFirst)
  const unread = files.flatMap((file): GatheredProblem[] =>
    'why' in file.read
      ? [{ service: null, check: 'file', status: 'unknown', message: `${file.file} ${file.read.why}` }]
      : [],
  )
  if (newest === undefined) {
    const [first] = files
    return {
      ...{ name: first?.stem ?? '', status: 'unknown', freshness: 'unread', seen: null },
      ...{ services: noServices, leaks: 0, next: null, problems: unread, moreProblems: 0, notes: [] },
    }
  }
  const { check } = newest.read
  const freshness = freshnessOf(newest, nowMs, maxAgeMs)
  const problems = [...unread, ...check.problems].sort((a, b) => byStatus(a.status, b.status))
  return {
    name: check.hostname ?? newest.stem,
    status: freshness === 'fresh' ? worse(check.status, unread.length > 0 ? 'unknown' : 'ok') : 'unknown',
    freshness,
    seen: {
      ...{ atMs: check.atMs, status: check.status, form: check.form, file: newest.file },
      version: check.version,
    },
    services: counted(check.services),
    leaks: check.services.filter(({ isLeaking }) => isLeaking).length,
    next: nextOf(check.services),
    problems: problems.slice(0, mostProblems),
    moreProblems: Math.max(0, problems.length - mostProblems),
    notes:
      older.length === 0
        ? []
        : [`${newest.file} is newer than ${older.map(({ file }) => file).join(', ')} and counts`],
  }
}

/** Of two of one instant the document, which has the words. */
const newestFirst = (a: ReadFile, b: ReadFile): number =>
  b.read.check.atMs - a.read.check.atMs ||
  Number(a.read.check.form === 'metrics') - Number(b.read.check.form === 'metrics')

/** A file that was written before what it tells shows a clock that is ahead, also when that time has come. */
const freshnessOf = (
  { read: { check }, modifiedAtMs }: ReadFile,
  nowMs: number,
  maxAgeMs: number,
): FleetHost['freshness'] => {
  if (check.atMs > Math.min(nowMs, modifiedAtMs ?? nowMs) + aheadMs) return 'ahead'
  return nowMs - check.atMs > maxAgeMs ? 'old' : 'fresh'
}

const noServices = { ok: 0, warning: 0, critical: 0, unknown: 0 }

const counted = (services: readonly GatheredService[]): Record<Status, number> => {
  const counts: Record<Status, number> = { ...noServices }
  for (const { status } of services) counts[status]++
  return counts
}

const nextOf = (services: readonly GatheredService[]): FleetHost['next'] =>
  services.reduce<FleetHost['next']>(
    (next, { name, secondsToLimit: seconds }) =>
      seconds !== null && (next === null || seconds < next.seconds) ? { service: name, seconds } : next,
    null,
  )

/** Two machines may call themselves the same, and neither must hide the other. */
const toldApart = (named: readonly { group: string; host: FleetHost }[]): FleetHost[] => {
  const counts = new Map<string, number>()
  for (const { host } of named) counts.set(host.name, (counts.get(host.name) ?? 0) + 1)
  return named.map(({ group, host }) => {
    const count = counts.get(host.name) ?? 1
    return count === 1
      ? host
      : {
          ...host,
          name: `${host.name} (${group})`,
          notes: [...host.notes, `${count} hosts call themselves ${host.name}`],
        }
  })
}
