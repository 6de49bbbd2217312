/** The clock of a host, without a time zone table: from which epoch second on it is how many minutes ahead of UTC. */
export type ClockOffsets = readonly (readonly [fromSeconds: number, minutes: number])[]

export interface CivilTime {
  year: number
  month: number
  day: number
  hour: number
  minute: number
}

export const offsetAt = (offsets: ClockOffsets, atSeconds: number): number =>
  (offsets.findLast(([from]) => from <= atSeconds) ?? offsets[0])?.[1] ?? 0

/** Date and time of an instant on a clock that is so many minutes ahead of UTC. */
export const civilTime = (atSeconds: number, offsetMinutes: number): CivilTime => {
  const minutes = Math.floor(atSeconds / 60) + offsetMinutes
  const days = Math.floor(minutes / 1440)
  // Howard Hinnant, "chrono-compatible low-level date algorithms", civil_from_days.
  const z = days + 719_468
  const era = Math.floor(z / 146_097)
  const dayOfEra = z - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shifted = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shifted < 10 ? shifted + 3 : shifted - 9
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1,
    hour: Math.floor((minutes - days * 1440) / 60),
    minute: minutes - Math.floor(minutes / 60) * 60,
  }
}

const two = (number: number): string => String(number).padStart(2, '0')

export const dayText = ({ year, month, day }: CivilTime): string => `${year}-${two(month)}-${two(day)}`

export const clockText = ({ hour, minute }: CivilTime): string => `${two(hour)}:${two(minute)}`
