import { formatBytes, formatDuration, formatRate } from '../../core/units.ts'
import type { LeakVerdictKind } from '../../leak/series.ts'
import { leakSentence } from '../sentence-leak.ts'
import { unseenMs } from './order.ts'
import type { ReportedService, ReportFacts } from './report-facts.ts'

export const verdictWords: Readonly<Record<LeakVerdictKind, string>> = {
  leak: 'leak',
  growing: 'growing',
  insufficient: 'not known',
  stable: 'stable',
}

export const isGrowing = ({ verdict }: ReportedService): boolean =>
  verdict.verdict === 'leak' || verdict.verdict === 'growing'

/** `2h 10m (1h 50m to 3h)`, or why there is none. */
export const leftText = (service: ReportedService, nowMs: number): string => {
  const left = isGrowing(service) && unseenMs(service, nowMs) === null ? service.verdict.secondsToLimit : null
  return left === null ? '' : formatDuration(left.best)
}

export const rateOf = (service: ReportedService): string =>
  isGrowing(service) && service.verdict.slopeBytesPerMinute !== null
    ? formatRate(service.verdict.slopeBytesPerMinute)
    : ''

/** What is to be known of a service, in a line or two. */
export const sentenceOf = (service: ReportedService, nowMs: number): string => {
  const { verdict, ceiling } = service
  const unseen = unseenMs(service, nowMs)
  const parts = [capital(leakSentence(verdict))]
  const left = leftText(service, nowMs) === '' ? null : verdict.secondsToLimit
  if (left !== null && ceiling !== null) {
    const what =
      ceiling.of === 'limit'
        ? `its limit of ${formatBytes(ceiling.limitBytes)}`
        : 'the end of the host’s memory'
    const high = left.high === null ? 'maybe never' : formatDuration(left.high)
    parts.push(`It hits ${what} in ${formatDuration(left.best)} (${formatDuration(left.low)} to ${high})`)
  }
  if (unseen !== null) parts.push(`Not seen for ${formatDuration(unseen / 1000)}`)
  return `${parts.join('. ')}.`
}

/** The page in one sentence. */
export const headline = ({ services, nowMs }: ReportFacts): string => {
  const [first] = services
  if (first === undefined) return 'Nothing was recorded.'
  const count = (kind: LeakVerdictKind): number =>
    services.filter(({ verdict }) => verdict.verdict === kind).length
  const [leaks, growing, unknown, stable] = [
    count('leak'),
    count('growing'),
    count('insufficient'),
    count('stable'),
  ]
  const parts = [
    ...(leaks > 0 ? [`${leaks} ${leaks === 1 ? 'leaks' : 'leak'}`] : []),
    ...(growing > 0 ? [`${growing} ${growing === 1 ? 'grows' : 'grow'} and may level off`] : []),
    ...(unknown > 0
      ? [`of ${unknown} it is not known yet whether ${unknown === 1 ? 'it grows' : 'they grow'}`]
      : []),
    ...(stable > 0 ? [`${stable} stable`] : []),
  ]
  const soonest = leftText(first, nowMs)
  return `Memory of ${whose(services)}: ${parts.join(', ')}.${soonest === '' ? '' : ` Next to hit a limit: ${first.name}, in ${soonest}.`}`
}

/** `the host and 3 services` */
const whose = (services: readonly ReportedService[]): string => {
  const count = services.filter(({ isHost }) => !isHost).length
  const words = [
    ...(count < services.length ? ['the host'] : []),
    ...(count > 0 ? [`${count} ${count === 1 ? 'service' : 'services'}`] : []),
  ]
  return words.join(' and ')
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
