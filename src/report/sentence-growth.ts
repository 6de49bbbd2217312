import type { Finding } from '../core/finding.ts'
import { formatBytes, formatDuration, formatRate } from '../core/units.ts'
import { boundOf, listed, numberArg, textArg } from './figure.ts'
import type { Wording } from './sentence.ts'
import { leakSentence } from './sentence-leak.ts'

/** Wording for growth and forecast (checks/service-growth.ts), by `check.code`. */
const rising: Wording = (finding) => ({
  fact: listed(
    `${formatRate(finding.value ?? 0)}${rateRange(finding)}`,
    boundOf(finding),
    textArg(finding, 'culprit'),
    reason(finding),
  ),
  mend:
    textArg(finding, 'culprit') === ''
      ? 'find what grows in it; a restart gains time'
      : 'mend what is named; a restart gains time',
})

const level: Wording = (finding) => ({ fact: `none: ${reason(finding)}`, mend: null })
const tooLittle: Wording = (finding) => ({ fact: `not known yet: ${reason(finding)}`, mend: null })
const none: Wording = () => ({
  fact: 'not known: no history is recorded of it',
  mend: 'see whether the state folder can be written',
})

export const growthSentences: Record<string, Wording> = {
  'growth.leak': rising,
  'growth.growing': rising,
  'growth.stable': level,
  'growth.insufficient': tooLittle,
  'growth.no-history': none,
  'forecast.time-left': (finding) => ({
    fact: listed(`${timeOf(finding)} to ${ceiling(finding)}`, boundOf(finding), range(finding)),
    mend: 'restart it before that, or raise its limit',
  }),
  'forecast.leak': (finding) => ({ fact: `no time can be told: ${reason(finding)}`, mend: null }),
  'forecast.growing': (finding) => ({ fact: `no time can be told: ${reason(finding)}`, mend: null }),
  'forecast.stable': (finding) => ({ fact: `its limit is not in sight: ${reason(finding)}`, mend: null }),
  'forecast.insufficient': tooLittle,
  'forecast.no-history': none,
  'forecast.no-ceiling': () => ({
    fact: 'it grows, but neither a limit nor the memory of the host is known',
    mend: 'set a memory limit',
  }),
}

const reason = (finding: Finding): string =>
  leakSentence({
    reason: { code: textArg(finding, 'reason'), args: finding.args ?? {} },
    slopeBytesPerMinute: finding.check === 'growth' ? finding.value : numberArg(finding, 'slope'),
  })

const rateRange = (finding: Finding): string => {
  const [low, high] = [numberArg(finding, 'slopeLow'), numberArg(finding, 'slopeHigh')]
  return low === null || high === null ? '' : ` (${formatRate(low)} to ${formatRate(high)})`
}

const timeOf = ({ value }: Finding): string => formatDuration(value ?? 0)

const range = (finding: Finding): string => {
  const [low, high] = [numberArg(finding, 'lowSeconds'), numberArg(finding, 'highSeconds')]
  return low === null
    ? ''
    : `between ${formatDuration(low)} and ${high === null ? 'never' : formatDuration(high)}`
}

const ceiling = (finding: Finding): string => {
  const size = formatBytes(numberArg(finding, 'limitBytes') ?? 0)
  return textArg(finding, 'ceilingOf') === 'host'
    ? `the end of the host's memory, at ${size}`
    : `its limit of ${size}`
}
