export type LogLevel = 'INFO' | 'WARN' | 'CRIT' | 'ERROR'

/** One line of a dated log; store/log.ts puts the stamp before it. `text` has no line break and is already escaped. */
export interface LogLine {
  level: LogLevel
  text: string
}
