import { localTimeMs } from '../core/stamp.ts'
import { parseDuration } from '../core/units.ts'
import { parseRfc3339 } from './rfc3339.ts'

/**
 * `2h` (so long ago), `2026-01-31`, `2026-01-31 03:00`, `2026-01-31T03:00:00` (local time) or RFC 3339 with its zone →
 * epoch milliseconds; null for anything else, and for a day that is none.
 */
export const parsePointInTime = (text: string, nowMs: number): number | null => {
  const given = text.trim()
  const ago = parseDuration(given)
  if (ago !== null) return nowMs - ago * 1000
  const zoned = parseRfc3339(given)
  if (zoned !== null) return zoned
  const local = /^(\d{4}-\d\d-\d\d)(?:[T ]((?:[01]\d|2[0-3]):[0-5]\d)(:[0-5]\d)?)?$/.exec(given)
  return local === null ? null : localTimeMs(`${local[1]}T${local[2] ?? '00:00'}${local[3] ?? ':00'}`)
}
