import type { ProcessIdentity } from '../../core/action.ts'
import type { ProcessStat } from '../../core/facts.ts'
import { candidatesOf, inScope } from './candidates.ts'
import { fatesOf, type JudgedRule, orphansOf } from './judge-rules.ts'
import { seeHost } from './see-host.ts'

/**
 * Who has come in the place of orphans that have ended, by a look that waits for nothing: it is made while they stand still. What is
 * tracked cannot be asked again then, and a daemon that its supervisor has started meanwhile must not be among them. So it is only
 * who was not there before, with the command line and in the session of an orphan of that look; and nobody once one that is tracked
 * has ended.
 */
export const orphansAnew = (verdict: JudgedRule): ProcessIdentity[] => {
  const { rule, answers, seen: before, scope, trackedPids, claimedPids } = verdict
  const answer = answers.of.get(rule)
  const seen = seeHost({
    ...answers,
    host: answers.host.again(),
    of: new Map(answer ? [[rule, answer]] : []),
  })
  if (typeof seen === 'string' || scope === null || answer === undefined || typeof answer === 'string')
    return []
  const isStillThere = ({ pid, startTicks }: ProcessStat): boolean =>
    seen.byPid.get(pid)?.startTicks === startTicks
  const isTracked = (pid: number): boolean => trackedPids.has(pid) || claimedPids.has(pid)
  if (verdict.candidates.some(({ stat }) => isTracked(stat.pid) && !isStillThere(stat))) return []
  const orphans = new Set(orphansOf(verdict))
  const lines = new Set([...orphans].map((pid) => before.commandLine(pid)))
  const fitting = inScope(seen, seen.within(scope)?.pids ?? new Set()).filter(({ pid }) =>
    lines.has(seen.commandLine(pid)),
  )
  const whom = { isOfHost: false, uid: answer.uid }
  const { found } = candidatesOf(seen, rule, whom, fitting)
  const fates = fatesOf({ ...verdict, seen }, found, new Set([...trackedPids, ...seen.containerInits]))
  const sessions = new Set([...orphans].map((pid) => before.byPid.get(pid)?.session))
  const isInThese = ({ session }: ProcessStat): boolean => session > 1 && sessions.has(session)
  const hasCome = ({ pid, startTicks }: ProcessStat): boolean =>
    before.byPid.get(pid)?.startTicks !== startTicks
  return orphansOf({ fates })
    .flatMap((pid) => seen.byPid.get(pid) ?? [])
    .filter((stat) => isInThese(stat) && hasCome(stat))
    .map(({ pid, startTicks }) => ({ pid, startTicks, words: seen.words(pid) }))
}
