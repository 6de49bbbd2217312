import { formatBytes, formatDuration, formatRate } from '../core/units.ts'
import type { LeakVerdict } from '../leak/series.ts'

/** Why a leak verdict is what it is, in plain words. */
export const leakSentence = ({
  reason,
  slopeBytesPerMinute,
}: Pick<LeakVerdict, 'reason' | 'slopeBytesPerMinute'>): string => {
  const arg = (name: string): number => {
    const value = reason.args[name]
    return typeof value === 'number' ? value : 0
  }
  const rate = formatRate(slopeBytesPerMinute ?? 0)
  const over = `${formatBytes(arg('gainBytes'))} in ${formatDuration(arg('seconds'))}`
  const level = `about ${formatBytes(arg('levelBytes'))}`
  switch (reason.code) {
    case 'grows-steadily':
      return `even its low points rise by ${rate}, ${over}, and do not level off`
    case 'grows-faster':
      return `memory grows faster and faster, now by ${rate}, ${over}`
    case 'leaks-across-restarts':
      return `each of the last ${arg('lives')} lives grows, by ${rate}; restarts only begin it anew`
    case 'leaked-before':
      return `the lives before this one grew, by ${rate}; this one is too young to tell`
    case 'grows-slowing':
      return `it grew by ${over}, but is slowing down, as a warm-up or a cache that fills`
    case 'grows-steps':
      return `it grew by ${over}, but in a few steps, as deployments do`
    case 'grows-uneven':
      return `it grew by ${over}, but went back down between`
    case 'grows-weak':
      return `it grew by ${over}; that may still be chance`
    case 'as-before':
      return 'it rises as an earlier life did, which then levelled off'
    case 'levelled-off':
      return `it grew and then levelled off at ${level}`
    case 'daily':
      return `it follows the time of day, and stands no higher than at the same hours before (${level})`
    case 'level':
      return `it stays at ${level}, and moves within ${formatBytes(arg('swayBytes'))}`
    case 'too-few-samples':
      return `${arg('samples') === 1 ? '1 sample is' : `${arg('samples')} samples are`} too few to tell; ${arg('needed')} are needed`
    case 'too-short':
      return `${formatDuration(arg('seconds'))} are too short to tell; ${formatDuration(arg('needed'))} are needed`
    default:
      return reason.code
  }
}
