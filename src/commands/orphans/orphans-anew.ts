import type { ProcessIdentity } from '../../core/action.ts'
import { clip } from '../../core/escape.ts'
import type { ProcessStat } from '../../core/facts.ts'
import { candidatesOf, inScope } from './candidates.ts'
import { fatesOf, type JudgedRule, orphansOf } from './judge-rules.ts'
import { seeHost } from './see-host.ts'

/**
 * Who has come in the place of orphans that have ended, by a look that waits for nothing: it is made while they stand still. Whoever
 * is started elsewhere meanwhile, as a daemon is by its supervisor, must not be among them, and what is tracked cannot be asked again.
 * So it is only who has the command line of one that the rule fitted, in a session in which there were orphans.
 */
export const orphansAnew = (verdict: JudgedRule): ProcessIdentity[] => {
  const { rule, answers, seen: before, scope, trackedPids } = verdict
  const answer = answers.of.get(rule)
  const seen = seeHost({
    ...answers,
    host: answers.host.again(),
    of: new Map(answer ? [[rule, answer]] : []),
  })
  if (typeof seen === 'string' || scope === null || answer === undefined || typeof answer === 'string')
    return []
  const lines = new Set(verdict.candidates.map(({ stat }) => before.commandLine(stat.pid)))
  const fitting = inScope(seen, seen.within(scope)?.pids ?? new Set()).filter(({ pid }) =>
    lines.has(seen.commandLine(pid)),
  )
  const whom = { isOfHost: false, uid: answer.uid }
  const { found } = candidatesOf(seen, rule, whom, fitting)
  const fates = fatesOf(seen, rule, found, new Set([...trackedPids, ...seen.containerInits]))
  const sessions = new Set(orphansOf(verdict).map((pid) => before.byPid.get(pid)?.session))
  const isInThese = ({ session }: ProcessStat): boolean => session > 1 && sessions.has(session)
  return orphansOf({ fates })
    .flatMap((pid) => seen.byPid.get(pid) ?? [])
    .filter(isInThese)
    .map(({ pid, startTicks }) => ({ pid, startTicks, words: clip(seen.commandLine(pid), 80) }))
}
