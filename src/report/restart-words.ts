import { type Finding, worstStatus } from '../core/finding.ts'
import { type RestartMemory, scheduledCause } from '../core/restart-memory.ts'
import { localStamp } from '../core/stamp.ts'
import { formatDuration } from '../core/units.ts'
import { sentenceOf } from './sentence.ts'

/** Why a restart that is due is not made now; `untilMs` of a backoff is epoch milliseconds. */
export type Hold =
  | { why: 'no-act' | 'maintenance' | 'not-wanted' | 'starting' | 'unmeasured' }
  | { why: 'backoff'; untilMs: number }

export const holdWords = (hold: Hold): string => {
  switch (hold.why) {
    case 'no-act':
      return 'a restart is due, but this run does not act'
    case 'maintenance':
      return 'a restart is due, but it is a maintenance window'
    case 'starting':
      return 'a restart is due, but it has only just started'
    case 'unmeasured':
      return 'a restart is due, but whether it still fails cannot be told now'
    case 'not-wanted':
      return 'it has no `restart:` in the config'
    case 'backoff':
      return `a restart is due; it waits until ${localStamp(hold.untilMs)}, longer after each restart`
  }
}

/** Of a failed check after which no restart is due yet. */
export const notYetWords = (
  failures: number,
  { after, outOf }: { after: number; outOf: number | null },
): string =>
  `not restarted yet: ${failures} of ${after} failed checks ${outOf === null ? 'in a row' : `among the last ${outOf}`}`

/** What `--reset` takes away, or would under --dry-run. */
export const forgottenWords = (memory: RestartMemory, isRehearsal: boolean): string => {
  const failures = memory.recentFailures.filter((failed) => failed).length
  const restarts = memory.restartedAtMs.length
  const parts = [
    ...(failures === 0 ? [] : [`${failures} failed ${failures === 1 ? 'check' : 'checks'}`]),
    ...(restarts === 0 ? [] : [`${restarts} ${restarts === 1 ? 'restart' : 'restarts'}`]),
    ...(memory.gaveUpAtMs === null ? [] : ['that it was given up']),
  ]
  return parts.length === 0
    ? 'there was nothing to forget'
    : `${isRehearsal ? 'would forget' : 'forgot'} ${parts.join(', ')}`
}

/** Of what depends on a service and was not looked at in the run that restarted it. */
export const followWords = (services: readonly string[]): string => {
  const [depend, turn] =
    services.length === 1 ? ['depends', 'its turn comes'] : ['depend', 'their turn comes']
  return `${services.join(', ')} ${depend} on it; ${turn} with the next check of all services`
}

/** `3 failed checks in a row: probe tcp 127.0.0.1:5432 failed: …`. */
export const causeWords = (
  why: 'failed-checks' | 'scheduled',
  failures: number,
  findings: readonly Finding[],
  everySeconds: number | null,
): string => {
  if (why === 'scheduled') return `${scheduledCause}${formatDuration(everySeconds ?? 0)}`
  const worst = worstStatus(findings.map(({ status }) => status))
  const first = findings.find(({ status }) => status === worst)
  const found = first === undefined ? '' : `: ${factOf(first)}`
  return `${failures === 1 ? '1 failed check' : `${failures} failed checks in a row`}${found}`
}

const factOf = (finding: Finding): string => {
  const { subject, fact } = sentenceOf(finding, 'service')
  return `${subject} ${fact}`
}
