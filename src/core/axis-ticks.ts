import { type ClockOffsets, civilTime, clockText, offsetAt } from './civil-time.ts'
import { formatBytes } from './units.ts'

export interface Tick {
  at: number
  label: string
}

const [minute, hour, day] = [60, 3600, 86_400]
const timeSteps = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * minute),
  ...[1, 2, 3, 6, 12].map((n) => n * hour),
  ...[1, 2, 3, 4, 7, 14, 28, 91, 182, 364].map((n) => n * day),
]
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** At most `most` round times from one epoch second to another, by the host's clock. */
export const timeTicks = (from: number, to: number, most: number, offsets: ClockOffsets): Tick[] => {
  const step = timeSteps.find((one) => (to - from) / one <= most) ?? (to - from) / most
  const shift = offsetAt(offsets, from) * 60
  const ticks: Tick[] = []
  for (let at = Math.ceil((from + shift) / step) * step - shift; at <= to; at += step) {
    const time = civilTime(at, offsetAt(offsets, at))
    const isDay = step >= day || (time.hour === 0 && time.minute === 0)
    ticks.push({ at, label: isDay ? `${time.day} ${months[time.month - 1]}` : clockText(time) })
  }
  return ticks
}

/** At most `most` round sizes between two. */
export const sizeTicks = (from: number, to: number, most: number): Tick[] => {
  const unit = 1024 ** Math.max(0, Math.floor(Math.log(Math.max(1, to)) / Math.log(1024)))
  const wanted = (to - from) / most / unit
  const power = 10 ** Math.floor(Math.log10(wanted))
  const step = Math.max(1, unit * (([1, 2, 5].find((n) => n * power >= wanted) ?? 10) * power))
  const ticks: Tick[] = []
  for (let at = Math.ceil(from / step) * step; at <= to; at += step)
    ticks.push({ at, label: sizeLabel(at, step, unit) })
  return ticks
}

/** All of one axis in one unit, with as many decimals as its step needs. */
const sizeLabel = (bytes: number, step: number, unit: number): string => {
  if (bytes === 0) return '0'
  const [, name = 'B'] = formatBytes(unit).split(' ')
  const share = step / unit
  return `${(bytes / unit).toFixed(share >= 1 ? 0 : share >= 0.1 ? 1 : share >= 0.01 ? 2 : 3)} ${name}`
}
