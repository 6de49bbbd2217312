/** Microseconds, as systemd counts them: a month is 30.4375 days, a year 365.25 (systemd.time(7)). */
const microsecondsPer = new Map([
  ['us', 1],
  ['ms', 1e3],
  ['s', 1e6],
  ['min', 60e6],
  ['h', 3600e6],
  ['d', 86_400e6],
  ['w', 604_800e6],
  ['month', 2_629_800e6],
  ['y', 31_557_600e6],
])

/**
 * A time span as systemd prints it: `100ms`, `1min 30s`, `1.500s`, `5y 2w`, `0` → microseconds. Null for `infinity`
 * and for what is no time span.
 */
export const parseTimeSpan = (text: string): number | null => {
  if (text === '0') return 0
  let total = 0
  for (const part of text.split(' ')) {
    const [, amount, unit] = /^(\d{1,15}(?:\.\d{1,9})?)([a-z]+)$/.exec(part) ?? []
    const factor = microsecondsPer.get(unit ?? '')
    if (amount === undefined || factor === undefined) return null
    total += Math.round(Number(amount) * factor)
  }
  return Number.isSafeInteger(total) ? total : null
}
