import { clip } from '../core/escape.ts'
import type { LogLine } from '../core/log-line.ts'
import { type Reading, value } from '../core/reading.ts'
import { dayStamp, localStamp } from '../core/stamp.ts'
import type { HostSave } from '../host/host.ts'

// A line is for a person; what is longer is somebody's command line with a megabyte of arguments.
const maxLineLength = 4000

/**
 * Adds the lines of one run to `STEM_YYYYMMDD.log` in one write, each as `[YYYY-MM-DD HH:MM:SS] LEVEL message` in
 * local time; `stem` is e.g. `health`. When that fails the reading says why, and the caller shows the lines on the console (incident O6).
 */
export const appendLog = (
  save: HostSave,
  logDir: string,
  stem: string,
  nowMs: number,
  lines: readonly LogLine[],
): Reading<true> => {
  if (lines.length === 0) return value(true)
  const folder = save.ensureFolder(logDir)
  if (folder.kind !== 'value') return folder
  return save.append(`${logDir}/${stem}_${dayStamp(nowMs)}.log`, logText(nowMs, lines))
}

/** The lines as they stand in the log, also for the console when the log cannot be written. */
export const logText = (nowMs: number, lines: readonly LogLine[]): string => {
  const stamp = localStamp(nowMs)
  return lines.map(({ level, text }) => `[${stamp}] ${level} ${clip(text, maxLineLength)}\n`).join('')
}
