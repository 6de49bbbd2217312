import type { OrphanRule } from '../../config/sections/orphans.ts'
import type { ProcessEnd } from '../../core/action.ts'
import { exitCode, HealthError } from '../../core/errors.ts'
import { clip } from '../../core/escape.ts'
import { isoStamp } from '../../core/stamp.ts'
import { endScope } from '../../plan/end-scope.ts'
import { takesInOrphans } from '../../plan/orphans.ts'
import type { OrphansOfRule, SeenFigures } from '../../report/orphans-text.ts'
import { frozenPath } from '../../store/paths.ts'
import type { RunContext } from '../command.ts'
import { thawLeft } from '../thaw-left.ts'
import { type JudgedRule, judgedWithout, judgeRules, orphansOf, type RuleVerdict } from './judge-rules.ts'
import { orphansAnew } from './orphans-anew.ts'
import { hasOthersAlone } from './process-reader.ts'
import type { Seen } from './see-host.ts'
import { judgeAgain, settled } from './settle.ts'

/** A verdict older than this is made anew before anything is ended on its word. */
const freshMs = 1000

const timeIsUp = 'the time of this run was up before; --timeout gives more'

/**
 * All rules are judged by one look. What is ended changes what the next ones see, so before each further rule that would end
 * something the host is looked at anew, for that rule.
 * What has begun is brought to its end whatever the time; a rule that nothing was done for yet is left when it is up.
 *
 * @throws HealthError 64 without a rule, or for a name that is none
 */
export const killOrphans = async (context: RunContext): Promise<OrphansOfRule[]> => {
  await thawLeft(context)
  const results: OrphansOfRule[] = []
  let hasEnded = false
  // Under --dry-run, since what two rules are about only the first of them would end.
  const wouldEnd = new Set<number>()
  for (const verdict of await judgeRules(context, chosenRules(context))) {
    const isStale = hasEnded || (verdict.kind === 'judged' && ageMs(context, verdict.seen) > freshMs)
    const hasOrphans = verdict.kind === 'judged' && orphansOf(verdict).length > 0
    if (verdict.kind === 'judged' && (hasOrphans || !verdict.isWhole) && context.remainingMs() <= 0) {
      results.push(withoutSight({ kind: 'blind', rule: verdict.rule, why: timeIsUp }))
      continue
    }
    const isAnew = hasOrphans && isStale && !context.global.dryRun
    const now = await settled(
      context,
      isAnew ? await judgeAgain(context, verdict.rule) : verdict,
      !context.global.dryRun,
    )
    // Also where all that were seen had ended by themselves: they may have handed on.
    const hasActed = now.kind === 'judged' && orphansOf(now).length > 0 && !context.global.dryRun
    if (hasActed) context.holdTimeout()
    const result =
      now.kind === 'judged' ? await applyRule(context, judgedWithout(now, wouldEnd)) : withoutSight(now)
    for (const { pid } of result.wouldKill) wouldEnd.add(pid)
    if (hasActed) await endWhatCame(context, now.rule, result)
    results.push(result)
    hasEnded ||= hasOrphans || hasActed
  }
  return results
}

const furtherRounds = 2

/**
 * Looks whether any is left. A process that starts another in a session of its own and ends at once leaves nothing to know it by
 * but the rule.
 */
const endWhatCame = async (context: RunContext, rule: OrphanRule, result: OrphansOfRule): Promise<void> => {
  for (let round = 0; ; round++) {
    const verdict = await settled(context, await judgeAgain(context, rule), true)
    if (verdict.kind !== 'judged') {
      addDoubt(result, `whether any is left could not be seen: ${verdict.why}`)
      return
    }
    const known = new Set(result.survivors.map(({ pid }) => pid))
    const came = orphansOf(verdict).filter((pid) => !known.has(pid))
    if (came.length === 0) return
    const isLate = context.remainingMs() <= 0
    if (round === furtherRounds || isLate) {
      const reason = `it came while the others were ended${isLate ? ', and the time of this run was up' : ''}`
      for (const pid of came) {
        result.survivors.push({ pid, command: verdict.seen.words(pid), reason })
      }
      return
    }
    const more = await applyRule(context, verdict)
    result.killed.push(...more.killed)
    result.survivors.push(...more.survivors.filter(({ pid }) => !known.has(pid)))
    if (more.blind !== null) addDoubt(result, more.blind)
    // With newer ones there, `keep` may be about others than before.
    const told = new Set([...more.killed, ...more.survivors, ...more.spared].map(({ pid }) => pid))
    result.spared = [...result.spared.filter(({ pid }) => !told.has(pid)), ...more.spared]
  }
}

const addDoubt = (result: OrphansOfRule, why: string): void => {
  result.blind = result.blind === null || result.blind === why ? why : `${result.blind}; ${why}`
}

const ageMs = ({ host }: RunContext, { seenAtMs }: Seen): number => host.elapsedMs() - seenAtMs

const chosenRules = ({ loaded, args }: RunContext): OrphanRule[] => {
  const rules = (loaded?.config.orphans ?? []) as OrphanRule[]
  if (rules.length === 0)
    throw new HealthError(
      exitCode.usage,
      'the config has no rule for orphans',
      'orphans: [ { name: wallet, match: electron-cash, container: wallet, keep: 1, older_than: 10m } ]',
    )
  for (const name of args)
    if (!rules.some((rule) => rule.name === name))
      throw new HealthError(
        exitCode.usage,
        `there is no rule ${clip(name, 60)}`,
        `known: ${rules.map((rule) => rule.name).join(', ')}`,
      )
  return args.length === 0 ? rules : rules.filter(({ name }) => args.includes(name))
}

const emptyOf = (name: string): OrphansOfRule => ({
  ...{ name, matched: 0, killed: [], wouldKill: [], spared: [], survivors: [], blind: null, refused: false },
})

const withoutSight = ({ rule, kind, why }: Exclude<RuleVerdict, { kind: 'judged' }>): OrphansOfRule => ({
  ...emptyOf(rule.name),
  blind: why,
  refused: kind === 'refused',
})

const applyRule = async (context: RunContext, verdict: JudgedRule): Promise<OrphansOfRule> => {
  const { host, options } = context
  const { rule, seen, candidates, fates } = verdict
  const result: OrphansOfRule = { ...emptyOf(rule.name), matched: candidates.length }
  // Read while they live.
  const lines = new Map(candidates.map(({ stat }) => [stat.pid, seen.words(stat.pid)]))
  const words = (pid: number): string => lines.get(pid) ?? seen.words(pid)
  const byCandidate = new Map(candidates.map((one) => [one.stat.pid, one]))
  const figures = (pid: number): SeenFigures => {
    const stat = seen.byPid.get(pid)
    const startedAtMs = stat === undefined ? null : seen.startedAt(stat)
    return {
      ageSeconds: startedAtMs === null ? null : (host.now() - startedAtMs) / 1000,
      memoryBytes:
        byCandidate.get(pid)?.memoryBytes ?? (hasOthersAlone(stat) ? null : (stat?.rssBytes ?? null)),
      parent: stat?.ppid ?? null,
    }
  }
  for (const [pid, fate] of fates)
    if (fate.kind === 'spared')
      result.spared.push({ pid, command: words(pid), reason: fate.reason, seen: figures(pid) })
  const orphanPids = orphansOf(verdict)
  if (orphanPids.length === 0) return result
  // What is tracked is spared with all below it, also where an orphan is above it.
  const protections = new Map(seen.protections)
  for (const pid of [...verdict.trackedPids, ...verdict.claimedPids])
    if (!protections.has(pid)) protections.set(pid, 'tracked')
  // A zombie goes with its parent; protected it would only keep its session from being known as theirs.
  const zombies = new Set(seen.zombies.map(({ pid }) => pid))
  for (const { pid } of result.spared)
    if (!protections.has(pid) && !zombies.has(pid)) protections.set(pid, 'spared')
  const scope = endScope({
    ...{ scan: seen.scan, pids: orphanPids, protections, commandLine: seen.words },
    takesIn: (stat) => takesInOrphans(stat, seen),
  })
  for (const { pid } of scope.processes) lines.set(pid, words(pid))
  const outcome = await host.apply({
    kind: 'end-processes',
    processes: scope.processes.map((one) => ({ ...one, words: words(one.pid) })),
    newcomers: scope.newcomers,
    figures: new Map(scope.processes.map(({ pid }) => [pid, figures(pid)])),
    // What a rule names as its own may stand still for a moment; the rest of a user's session may not.
    freeze: {
      withOthers: rule.container != null || rule.unit != null,
      cgroups: verdict.scope?.cgroups ?? [],
      anew: () => orphansAnew(verdict),
      note: frozenPath(context.global.stateDir),
    },
    graceMs: ((options.grace as number | undefined) ?? 3) * 1000,
    reason: `orphans by rule ${rule.name}`,
  })
  if (outcome.outcome === 'dry-run') {
    const may = new Map(scope.processes.map(({ pid }) => [pid, host.processes.maySignal(pid)]))
    for (const { pid } of scope.processes.filter((one) => may.get(one.pid) === false))
      result.survivors.push({ pid, command: words(pid), reason: survivorWords.denied })
    result.wouldKill.push(
      ...scope.processes
        .filter(({ pid }) => may.get(pid))
        .map((one) => {
          const { pid } = one
          const at = seen.startedAt(one)
          const { memoryBytes, parent } = figures(pid)
          const reason = byCandidate.has(pid) ? 'its parent is gone' : 'started by an orphan'
          return {
            ...{
              pid,
              startedAt: at === null ? null : isoStamp(at),
              command: words(pid),
              memoryBytes,
              parent,
            },
            ...{ reason, seen: figures(pid) },
          }
        }),
    )
    return result
  }
  for (const one of outcome.ends ?? [])
    sortEnd(result, one, lines.get(one.pid) ?? one.words, seen.startedAt(one))
  // Who is left is one thing, what could not be seen or undone another.
  if (outcome.unsure !== undefined) addDoubt(result, outcome.unsure)
  else if (outcome.outcome === 'failed' && result.survivors.length === 0) addDoubt(result, outcome.detail)
  return result
}

const sortEnd = (
  result: OrphansOfRule,
  { pid, end }: ProcessEnd,
  command: string,
  startedAtMs: number | null,
): void => {
  if (end === 'exited' || end === 'killed') {
    const signal = end === 'killed' ? 'SIGKILL' : 'SIGTERM'
    result.killed.push({
      pid,
      startedAt: startedAtMs === null ? null : isoStamp(startedAtMs),
      command,
      signal,
    })
  } else if (end === 'gone' || end === 'changed')
    result.spared.push({
      pid,
      command,
      reason: end === 'gone' ? 'it had ended by itself' : 'its pid is another process by now',
    })
  else result.survivors.push({ pid, command, reason: survivorWords[end] })
}

const survivorWords = {
  survived: 'still there after SIGKILL',
  denied: 'may not be signalled',
  protected: 'never to be signalled',
} as const
