import { clip } from '../core/escape.ts'
import type { Finding } from '../core/finding.ts'
import { type CheckResult, isRefused } from '../core/service.ts'
import { findingKey } from '../core/told.ts'
import { byStatus, type Recovered, type Tell, type Transition } from '../core/transition.ts'
import { formatDuration } from '../core/units.ts'
import { sentenceOn } from './sentence.ts'
import { statusTag } from './view.ts'

// cron mails what it reads; a mail of more lines is not read.
const mostLines = 20
const lineLength = 400

/**
 * The lines for stderr when nobody is watching: what is new, changed, to be reminded of, over or no longer
 * watched, and what was done. Empty when there is nothing to say, so that cron sends no mail.
 */
export const checkProblems = (result: CheckResult, due: Transition): string[] => {
  const told = [...due.tell, ...untold(result, due)].sort((a, b) =>
    byStatus(a.finding.status, b.finding.status),
  )
  const lines = [
    ...told.map((one) => problemLine(one, result.startedAtMs)),
    ...actionLines(result),
    ...due.recovered.map(recoveryLine),
    ...due.unwatched.map(unwatchedLine),
  ]
  const shown = lines.slice(0, lines.length > mostLines ? mostLines - 1 : mostLines)
  const hidden = lines.length - shown.length + due.beyondBound
  return [
    ...shown.map((line) => clip(line, lineLength)),
    ...(hidden === 0 ? [] : [`… and ${hidden} more: oratio-health check -v shows all`]),
  ]
}

/** What went wrong only after it was decided what is due: the state could not be saved, say. */
const untold = ({ ownFindings, startedAtMs }: CheckResult, due: Transition): Tell[] => {
  const considered = new Set(due.told.map(({ key }) => key))
  return ownFindings
    .filter((finding) => finding.status !== 'ok' && !considered.has(findingKey(null, finding)))
    .map((finding) => ({ service: null, finding, kind: 'new', sinceMs: startedAtMs }))
}

/** `CRIT electron-cash memory: 62.9 GiB, critical from 1.0 GiB — restart it or raise its limit`. */
const problemLine = (tell: Tell, nowMs: number): string => {
  const { subject, fact, mend } = sentenceOn(tell)
  const since = tell.kind === 'reminder' ? ` (for ${formatDuration((nowMs - tell.sinceMs) / 1000)})` : ''
  return `${statusTag(tell.finding.status)} ${subject}: ${fact}${since}${mend === null ? '' : ` — ${mend}`}`
}

const recoveryLine = ({ problem, forSeconds }: Recovered): string => {
  const how = problem.status === 'unknown' ? 'can be measured again' : 'recovered'
  return `OK ${subjectOf(problem)}: ${how} after ${formatDuration(forSeconds)}`
}

/** Neither well nor ill as far as anybody knows. */
const unwatchedLine = ({ problem, forSeconds }: Recovered): string =>
  `INFO ${subjectOf(problem)}: no longer watched, as the config does not have it; it was ${problem.status} for ${formatDuration(forSeconds)}`

const subjectOf = ({ service, check, code, item }: Recovered['problem']): string => {
  const none = { status: 'ok', value: null, unit: null, warn: null, crit: null } as const
  const finding: Finding = { check, code, ...(item === null ? {} : { item }), ...none }
  return sentenceOn({ service, finding }).subject
}

/**
 * What was done to a service is said each time; what was left alone has its reason in the log. A restart that could not
 * even begin is a finding, and told like one: not each minute while the disk is full.
 */
const actionLines = ({ services }: CheckResult): string[] =>
  services.flatMap(({ facts, action }) => {
    // What would be done is in the list of a dry run.
    if (action === null || !['done', 'failed'].includes(action.outcome) || isRefused(action)) return []
    const [tag, outcome] = action.outcome === 'failed' ? ['CRIT', ' (failed)'] : ['DONE', '']
    return [`${tag} ${facts.name} ${action.kind}${outcome}: ${action.reason}`]
  })
