import { parseLocalStamp } from '../core/stamp.ts'

export type TroubleLevel = 'WARN' | 'CRIT' | 'ERROR'

export interface TroubleLine {
  atMs: number
  level: TroubleLevel
  /** What it is about: `web memory`. */
  subject: string
  /** What follows it. */
  fact: string
}

const form = /^\[(.{19})\] (WARN|CRIT|ERROR) (.{1,300}?): (.+)$/

/** A problem in a health log; null for all other lines. `stampOf` reads the stamp (the lines of a run share one). */
export const readTroubleLine = (
  line: string,
  stampOf: (text: string) => number | null = parseLocalStamp,
): TroubleLine | null => {
  // Most lines are INFO: told by one letter.
  if (line.charCodeAt(22) === 73 || line.length > 5000) return null
  const [, stamp = '', level, subject = '', fact = ''] = form.exec(line) ?? []
  if (level === undefined) return null
  const atMs = stampOf(stamp)
  return atMs === null ? null : { atMs, level: level as TroubleLevel, subject, fact }
}
