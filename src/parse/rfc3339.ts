/**
 * `2026-01-31T03:00:00.123456789+02:00` → epoch milliseconds, or null. Go writes up to nine digits of a second and,
 * for "never", `0001-01-01T00:00:00Z` (negative here). A leap second counts as the next one.
 */
export const parseRfc3339 = (text: string): number | null => {
  const match =
    /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?(?:[Zz]|([+-])(\d\d):?(\d\d))$/.exec(
      text,
    )
  if (!match) return null
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const [offsetHours, offsetMinutes] = [Number(match[9] ?? 0), Number(match[10] ?? 0)]
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null
  if (hour > 23 || minute > 59 || second > 60 || offsetHours > 23 || offsetMinutes > 59) return null
  const sinceMidnight = hour * 3600 + minute * 60 + second
  const offset = (offsetHours * 3600 + offsetMinutes * 60) * (match[8] === '-' ? -1 : 1)
  const milliseconds = Math.floor(Number(`0.${match[7] ?? 0}`) * 1000)
  return (daysSinceEpoch(year, month, day) * 86_400 + sinceMidnight - offset) * 1000 + milliseconds
}

const daysIn = (year: number, month: number): number => {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

/** Proleptic Gregorian; counts years from March, so that the leap day is the last (Hinnant, days_from_civil). */
const daysSinceEpoch = (year: number, month: number, day: number): number => {
  const marchYear = month <= 2 ? year - 1 : year
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400)
  return marchYear * 365 + leapDays + dayOfYear - 719_468
}
