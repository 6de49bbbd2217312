import { localTimeMs } from '../core/stamp.ts'

export interface ClockReader {
  /** Takes the day from sysstat's first line; true when the line is that. */
  header(line: string): boolean
  /** The instant of a time of day (`03:00:00`, `03:00:00 PM`), each earlier one than the last being of the next day. */
  toMs(cells: readonly string[], at: number): number | null
}

const dayMs = 86_400_000
// `Linux 6.1.0 (host)  10/27/2025  _x86_64_ (4 CPU)`; the day as the locale has it, and as S_TIME_FORMAT=ISO has it.
const first = /^Linux \S+ \(.*\)\s+(?:(\d{4}-\d\d-\d\d)|(\d\d)\/(\d\d)\/(\d{4}|\d\d))\s/

/** The clock of sysstat's tables, which tell the day once and then the time of day. Without a day it is 1970. */
export const clockReader = (): ClockReader => {
  let midnightMs = 0
  let lastMs = Number.NEGATIVE_INFINITY
  return {
    header(line) {
      const [whole, iso, month, day, year = ''] = first.exec(line) ?? []
      if (whole === undefined) return false
      midnightMs = localTimeMs(`${iso ?? `${year.padStart(4, '20')}-${month}-${day}`}T00:00:00`) ?? 0
      lastMs = Number.NEGATIVE_INFINITY
      return true
    },
    toMs(cells, at) {
      const match = /^(\d\d):([0-5]\d):([0-5]\d)$/.exec(cells[at] ?? '')
      if (!match) return null
      const half = cells[at + 1]
      const hour =
        half === 'AM' || half === 'PM' ? (Number(match[1]) % 12) + (half === 'PM' ? 12 : 0) : Number(match[1])
      let ms = midnightMs + ((hour * 60 + Number(match[2])) * 60 + Number(match[3])) * 1000
      if (ms < lastMs - dayMs / 2) {
        midnightMs += dayMs
        ms += dayMs
      }
      lastMs = ms
      return ms
    },
  }
}
