import type { Status } from '../core/finding.ts'
import { worstStatus } from '../core/finding.ts'
import { type CheckResult, isRefused } from '../core/service.ts'
import { byStatus, observedOf, type Transition } from '../core/transition.ts'
import { checkProblems } from './check-problems.ts'
import { redact } from './redact.ts'
import { sentenceOn } from './sentence.ts'
import { statusTag } from './view.ts'

export interface Notice {
  status: Status
  title: string
  lines: string[]
}

/** What is told of a run; null when there is no news. Never each minute: changes, reminders, recoveries and actions. */
export const noticeOf = (result: CheckResult, due: Transition): Notice | null => {
  const lines = checkProblems(result, due).map(redact)
  if (lines.length === 0) return null
  const actions = result.services.flatMap(({ action }) =>
    action === null || action.outcome === 'skipped' || isRefused(action) ? [] : [action],
  )
  const told = due.tell.map(({ finding }) => finding.status)
  const failed = actions.some(({ outcome }) => outcome === 'failed')
  const status = worstStatus([...told, ...(failed ? ['critical' as const] : [])])
  const count = (wanted: Status): number => told.filter((one) => one === wanted).length
  const parts = [
    counted(count('critical'), 'critical'),
    counted(count('unknown'), 'not known'),
    counted(count('warning'), count('warning') === 1 ? 'warning' : 'warnings'),
    counted(due.recovered.length, 'recovered'),
    counted(due.unwatched.length, 'no longer watched'),
    counted(actions.length, actions.length === 1 ? 'action' : 'actions'),
  ].filter((part) => part !== null)
  const what = parts.length === 0 ? `${lines.length} lines` : parts.join(', ')
  return { status, title: `${result.hostname}: ${what}`, lines }
}

const counted = (count: number, word: string): string | null => (count === 0 ? null : `${count} ${word}`)

/** Of a restart that is about to be made: the first rung of the ladder. */
export const restartNotice = (hostname: string, service: string, cause: string): Notice => ({
  status: 'critical',
  title: `${hostname}: ${service} is about to be restarted`,
  lines: [redact(`ACT ${service} restart: ${cause}`)],
})

/** How the run ended, for a dead man's switch: what is wrong now, told before or not. */
export const endNotice = (result: CheckResult): Notice => {
  const lines = observedOf(result)
    .filter(({ finding }) => finding.status !== 'ok')
    .sort((a, b) => byStatus(a.finding.status, b.finding.status))
    .slice(0, 20)
    .map(({ service, finding }) => {
      const { subject, fact } = sentenceOn({ service, finding })
      return redact(`${statusTag(finding.status)} ${subject}: ${fact}`)
    })
  return { status: result.status, title: `${result.hostname}: ${result.status}`, lines }
}
