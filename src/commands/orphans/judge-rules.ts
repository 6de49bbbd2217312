import { type Lines, linesOf, matchAll, matchMs } from '../../checks/observe/match-lines.ts'
import type { OrphanRule } from '../../config/sections/orphans.ts'
import type { ProcessStat } from '../../core/facts.ts'
import { fitsTooMuch, type OrphanCandidate, type OrphanFate, orphanFates } from '../../plan/orphans.ts'
import type { RunContext } from '../command.ts'
import { candidatesOf, inScope } from './candidates.ts'
import { isForkOfParent } from './fork-of-parent.ts'
import { scopeOf } from './scope-of.ts'
import { type Seen, seeHost } from './see-host.ts'
import { trackedBy } from './tracked.ts'

export type RuleVerdict = { rule: OrphanRule } & (
  | { kind: 'blind' | 'refused'; why: string }
  | {
      kind: 'judged'
      seen: Seen
      candidates: OrphanCandidate[]
      fates: Map<number, OrphanFate>
      trackedPids: ReadonlySet<number>
    }
)

/** What each rule says of one look at the host; nothing is changed. */
export const judgeRules = async (
  context: Pick<RunContext, 'loaded' | 'global' | 'host'>,
  rules: readonly OrphanRule[],
): Promise<RuleVerdict[]> => {
  const seen = await seeHost(context.host)
  if (typeof seen === 'string') return rules.map((rule) => ({ rule, kind: 'blind', why: seen }))
  const found = await candidatesOfAll(seen, rules)
  const about = new Set(
    [...found.values()].flatMap((one) => (typeof one === 'string' ? [] : one.map(({ stat }) => stat.pid))),
  )
  // Who is tracked is asked only where somebody may be ended.
  const tracked = about.size === 0 ? new Set<number>() : await trackedBy(context, seen, about)
  return rules.map((rule) => {
    const candidates = found.get(rule) ?? []
    if (typeof candidates === 'string') return { rule, kind: 'blind', why: candidates }
    if (typeof tracked === 'string') return { rule, kind: 'blind', why: tracked }
    return judged(seen, rule, candidates, tracked)
  })
}

const candidatesOfAll = async (
  seen: Seen,
  rules: readonly OrphanRule[],
): Promise<Map<OrphanRule, OrphanCandidate[] | string>> => {
  const found = new Map<OrphanRule, OrphanCandidate[] | string>()
  const asked: { rule: OrphanRule; isOfHost: boolean; match: string; lines: Lines }[] = []
  const { processesIn, linesIn } = scopesOf(seen)
  for (const rule of rules) {
    const scope = await scopeOf(seen, rule)
    if (typeof scope === 'string') found.set(rule, scope)
    else if (rule.match == null) found.set(rule, candidatesOf(seen, rule, scope === null, processesIn(scope)))
    else asked.push({ rule, isOfHost: scope === null, match: rule.match, lines: linesIn(scope) })
  }
  const matched = await matchAll(seen.host, asked)
  for (const [i, { rule, isOfHost }] of asked.entries()) {
    const those = matched[i] ?? null
    found.set(rule, those === null ? tooSlow : candidatesOf(seen, rule, isOfHost, those))
  }
  return found
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
  seen: Seen,
  rule: OrphanRule,
  candidates: OrphanCandidate[],
  trackedPids: ReadonlySet<number>,
): RuleVerdict => {
  const { protections, containerInits, host } = seen
  const { processes } = seen.scan
  if (candidates.length === 0)
    return { rule, kind: 'judged', seen, candidates, fates: new Map(), trackedPids }
  if (
    [rule.user, rule.container, rule.unit].every((scope) => scope == null) &&
    fitsTooMuch(candidates, { protections, processes })
  )
    return {
      rule,
      kind: 'refused',
      why: 'it fits most programs that run here; narrow match, or add user, container, unit',
    }
  const fates = orphanFates(
    candidates,
    {
      keep: rule.keep,
      keepBy: rule.keep_by,
      olderThanSeconds: rule.older_than,
      moreThanBytes: rule.max_memory,
    },
    {
      ...{ processes, byPid: seen.byPid, protections, trackedPids, containerInits },
      isForkOfParent: (stat) => isForkOfParent(host, stat),
    },
  )
  return { rule, kind: 'judged', seen, candidates, fates, trackedPids }
}

export const orphansOf = ({ fates }: Extract<RuleVerdict, { kind: 'judged' }>): number[] =>
  [...fates].flatMap(([pid, { kind }]) => (kind === 'orphan' ? [pid] : []))
