import { type Lines, linesOf, matchAll, matchMs } from '../../checks/observe/match-lines.ts'
import type { OrphanRule } from '../../config/sections/orphans.ts'
import { clip } from '../../core/escape.ts'
import type { ProcessStat } from '../../core/facts.ts'
import { fullUnitName } from '../../core/unit-name.ts'
import {
  fitsTooMuch,
  mayBeOrphan,
  type OrphanCandidate,
  type OrphanFacts,
  type OrphanFate,
  type OrphanWish,
  orphanFates,
} from '../../plan/orphans.ts'
import { mayBeChildren } from '../../plan/own-init.ts'
import type { RunContext } from '../command.ts'
import { type Answers, askHost, notListed, type Scope } from './ask-host.ts'
import { type Candidates, candidatesOf, inScope } from './candidates.ts'
import { type Seen, seeHost } from './see-host.ts'
import { type Tracked, trackedBy } from './tracked.ts'

export interface JudgedRule {
  kind: 'judged'
  rule: OrphanRule
  answers: Answers
  seen: Seen
  scope: Scope
  /** At one instant all that were there had been read, as far as they can be what the rule is about. */
  isWhole: boolean
  candidates: OrphanCandidate[]
  fates: Map<number, OrphanFate>
  trackedPids: ReadonlySet<number>
  claimedPids: ReadonlySet<number>
}

export type RuleVerdict = JudgedRule | { kind: 'blind' | 'refused'; rule: OrphanRule; why: string }

export type JudgeContext = Pick<RunContext, 'loaded' | 'global' | 'host'>

/** What each rule says of one look at the host; nothing is changed. */
export const judgeRules = async (
  context: JudgeContext,
  rules: readonly OrphanRule[],
): Promise<RuleVerdict[]> => {
  const answers = await askHost(context.host, rules)
  if (typeof answers === 'string') return blindOf(rules, answers)
  return judgeSeen(context, answers, seeHost(answers))
}

/** What each rule says of a look. */
export const judgeSeen = async (
  context: JudgeContext,
  answers: Answers,
  seen: Seen | string,
): Promise<RuleVerdict[]> => {
  const rules = [...answers.of.keys()]
  if (typeof seen === 'string') return blindOf(rules, seen)
  const found = await candidatesOfAll(seen, answers)
  const about = new Set(
    [...found.values()].flatMap((one) =>
      typeof one === 'string' ? [] : [...one.found, ...one.unseen].map(({ stat }) => stat.pid),
    ),
  )
  // Who is tracked is asked only where somebody may be ended.
  const tracked = about.size === 0 ? nobodyTracked : await trackedBy(context, seen, about)
  return rules.map((rule) => {
    const one = found.get(rule) ?? 'it was not looked at'
    if (typeof one === 'string') return { kind: 'blind', rule, why: one }
    if (typeof tracked === 'string') return { kind: 'blind', rule, why: tracked }
    return judged(answers, seen, rule, one, tracked)
  })
}

const nobodyTracked: Tracked = { trackedPids: new Set(), claimedPids: new Set() }

const blindOf = (rules: readonly OrphanRule[], why: string): RuleVerdict[] =>
  rules.map((rule) => ({ rule, kind: 'blind', why }))

type Scoped = Candidates & { scope: Scope }

const candidatesOfAll = async (seen: Seen, { of }: Answers): Promise<Map<OrphanRule, Scoped | string>> => {
  const found = new Map<OrphanRule, Scoped | string>()
  const asked: { take(those: readonly ProcessStat[] | null): void; match: string; lines: Lines }[] = []
  const { processesIn, linesIn } = scopesOf(seen)
  for (const [rule, answer] of of) {
    if (typeof answer === 'string') {
      found.set(rule, answer)
      continue
    }
    const { scope, uid } = answer
    const look = seen.within(scope)
    const pids = scope === null ? null : (look?.pids ?? null)
    const take = (those: readonly ProcessStat[] | null): void => {
      const whom = { isOfHost: scope === null, uid }
      found.set(rule, those === null ? tooSlow : { scope, ...candidatesOf(seen, rule, whom, those) })
    }
    if (look === null) found.set(rule, notListedOf(rule))
    else if (rule.match == null) take(processesIn(pids))
    else asked.push({ take, match: rule.match, lines: linesIn(pids) })
  }
  const matched = await matchAll(seen.host, asked)
  for (const [i, { take }] of asked.entries()) take(matched[i] ?? null)
  return found
}

const notListedOf = ({ container, unit }: OrphanRule): string => {
  if (container != null) return notListed(container)
  const whose = unit == null ? '' : ` of unit ${clip(fullUnitName(unit), 60)}`
  return `the processes${whose} could not be listed`
}

const tooSlow = `match was given up after ${matchMs / 1000} s on the command lines that are here: write it so that fewer parts of it fit the same text`

/** Most rules are about the whole host, of which the list is made once. */
const scopesOf = (seen: Seen) => {
  let ofHost: ProcessStat[] | null = null
  let hostLines: Lines | null = null
  const processesIn = (scope: ReadonlySet<number> | null): ProcessStat[] => {
    if (scope !== null) return inScope(seen, scope)
    ofHost ??= inScope(seen, null)
    return ofHost
  }
  const linesIn = (scope: ReadonlySet<number> | null): Lines => {
    if (scope !== null) return linesOf(processesIn(scope), seen.commandLine)
    hostLines ??= linesOf(processesIn(null), seen.commandLine)
    return hostLines
  }
  return { processesIn, linesIn }
}

const judged = (
  answers: Answers,
  seen: Seen,
  rule: OrphanRule,
  { scope, found: candidates, unseen, hasLost }: Scoped,
  tracked: Tracked,
): RuleVerdict => {
  // Who came or went while it was looked at is too young for some.
  const isTooYoung = rule.older_than != null && rule.older_than * 1000 > seen.tookMs
  const isWhole = isTooYoung || (seen.within(scope)?.isWhole === true && !hasLost)
  const base = { kind: 'judged', rule, answers, seen, scope, isWhole, candidates, ...tracked } as const
  const [wish, facts] = [wishOf(rule), factsOf(base, tracked.trackedPids)]
  const hidden = unseen.filter((one) => mayBeOrphan(one, wish, facts))
  if (hidden.length > 0) return { kind: 'blind', rule, why: exeUnseen(hidden) }
  if (candidates.length === 0) return { ...base, fates: new Map() }
  const tooMuch = fitsTooMuchOf(base)
  if (tooMuch !== null) return { kind: 'refused', rule, why: tooMuch }
  const fates = fatesOf(base, candidates, tracked.trackedPids)
  const doubt = mayBeChildren(fates, candidates, rule, { ...seen, ...tracked })
  return doubt === null ? { ...base, fates } : { kind: 'blind', rule, why: doubt }
}

/** Most of what a host cannot do without runs as root: to be about root's alone narrows nothing. */
const fitsTooMuchOf = ({
  seen,
  rule,
  scope,
  answers,
  candidates,
}: Omit<JudgedRule, 'fates'>): string | null => {
  const answer = answers.of.get(rule)
  const uid = answer === undefined || typeof answer === 'string' ? null : answer.uid
  if (scope !== null || (uid !== null && uid !== 0)) return null
  // In containers there may be more programs than on the host, and it is about none of these.
  const among = (): ProcessStat[] =>
    inScope(seen, null).filter(({ pid }) => uid === null || seen.details(pid).uid === uid)
  if (!fitsTooMuch(candidates, seen.protections, among)) return null
  return uid === null
    ? 'it fits most programs that run here; narrow match, or add container, unit, or a user other than root'
    : 'it fits most programs that root runs here; narrow match, or add container or unit'
}

/** Only CAP_SYS_PTRACE shows what those of others run; root has it on a host, and in a container mostly not. */
const exeUnseen = ([first, ...more]: readonly OrphanCandidate[]): string => {
  const words = `${first?.stat.pid} (${clip(first?.stat.comm ?? '', 20)})`
  const many = more.length === 0 ? '' : ` and ${more.length} more`
  return `exe cannot be told: what process ${words}${many} runs may not be seen without CAP_SYS_PTRACE; add match, or user`
}

type LookedAt = Pick<JudgedRule, 'seen' | 'rule' | 'scope' | 'claimedPids'>

export const fatesOf = (
  base: LookedAt,
  candidates: readonly OrphanCandidate[],
  trackedPids: ReadonlySet<number>,
): Map<number, OrphanFate> => orphanFates(candidates, wishOf(base.rule), factsOf(base, trackedPids))

const wishOf = ({ keep, keep_by, older_than, max_memory }: OrphanRule): OrphanWish => ({
  keep,
  keepBy: keep_by,
  olderThanSeconds: older_than,
  moreThanBytes: max_memory,
})

const factsOf = ({ seen, scope, claimedPids }: LookedAt, trackedPids: ReadonlySet<number>): OrphanFacts => {
  const cgroups = seen.within(scope)?.cgroups
  return {
    ...{ processes: seen.scan.processes, byPid: seen.byPid, trackedPids, claimedPids },
    ...{ protections: seen.protections, containerInits: seen.containerInits },
    // A fork has its stack where its parent has it, and exec puts it somewhere else at random.
    isForkOfParent: ({ pid, ppid }) => {
      const [own, ofParent] = [seen.startOfStack(pid), seen.startOfStack(ppid)]
      return own === null || ofParent === null ? null : own === ofParent
    },
    placeOf: ({ pid }) => cgroups?.get(pid) ?? '',
  }
}

export const orphansOf = ({ fates }: Pick<JudgedRule, 'fates'>): number[] =>
  [...fates].flatMap(([pid, { kind }]) => (kind === 'orphan' ? [pid] : []))

/** As it would be once these have ended, by a rule before; their zombies go with them. */
export const judgedWithout = (verdict: JudgedRule, ended: ReadonlySet<number>): JudgedRule => {
  if (ended.size === 0) return verdict
  const zombies = new Set(verdict.seen.zombies.map(({ pid }) => pid))
  const candidates = verdict.candidates.filter(
    ({ stat }) => !ended.has(stat.pid) && !(zombies.has(stat.pid) && ended.has(stat.ppid)),
  )
  return { ...verdict, candidates, fates: fatesOf(verdict, candidates, verdict.trackedPids) }
}
