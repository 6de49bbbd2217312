/** How journald reads the value of a key; a value it cannot read is only a line in its own log, and does not hold. */
export interface JournalKey {
  kind: JournalKind
  /** The first version of systemd that knows it, where that is later than 241. */
  since?: number
}

type JournalKind = keyof typeof kinds

const size = String.raw`\d+(?:\.\d+)?[ \t]*[BKMGTPE]?`
/** In whatever case; spelled out, since a JSON Schema has no flag for it. */
const flag = ['1', 'yes', 'y', 'true', 't', 'on', '0', 'no', 'n', 'false', 'f', 'off']
  .map((word) => word.replace(/[a-z]/g, (letter) => `[${letter.toUpperCase()}${letter}]`))
  .join('|')
/** Written so, since only strings come out of the build in ASCII: in a pattern it would be read as two letters. */
const micro = '\u00b5'
const span = String.raw`\d+(?:\.\d+)?[ \t]*(?:usec|us|${micro}s|msec|ms|seconds?|sec|s|minutes?|min|months?|M|m|hours?|hr|h|days?|d|weeks?|w|years?|y)?`

/** By systemd's parsers: sizes in steps of 1024 with one letter, spans in seconds unless a unit is named. */
const kinds = {
  size: {
    pattern: new RegExp(`^(?:${size})(?:[ \\t]*${size})*$`),
    expects: 'a size as systemd has it, such as 500M',
  },
  span: {
    pattern: new RegExp(`^(?:infinity|(?:${span})(?:[ \\t]*${span})*)$`),
    expects: 'a time span as systemd has it, such as 1week or 30s',
  },
  count: { pattern: /^\d{1,10}$/, expects: 'a whole number' },
  flag: { pattern: new RegExp(`^(?:${flag})$`), expects: 'yes or no' },
  compress: { pattern: new RegExp(`^(?:${flag}|${size})$`), expects: 'yes, no or a size such as 512' },
  storage: { pattern: /^(?:volatile|persistent|auto|none)$/, expects: 'volatile, persistent, auto or none' },
  split: { pattern: /^(?:uid|login|none)$/, expects: 'uid or none' },
  level: {
    pattern: /^(?:emerg|alert|crit|err|warning|notice|info|debug|[0-7])$/,
    expects: 'a level such as warning, or 0 to 7',
  },
  path: { pattern: /^\/[^\r\n]*$/, expects: 'an absolute path' },
  // `keep` leaves auditing as it is.
  audit: { pattern: new RegExp(`^(?:${flag}|keep)$`), expects: 'yes, no or keep' },
  text: { pattern: /^[^\r\n]+$/, expects: 'one line' },
} as const

/** The keys of `[Journal]` that systemd-journald of versions 241 to 260 knows (src/journal/journald-gperf.gperf). */
export const journalKeys = {
  Storage: { kind: 'storage' },
  Compress: { kind: 'compress' },
  Seal: { kind: 'flag' },
  SplitMode: { kind: 'split' },
  SyncIntervalSec: { kind: 'span' },
  RateLimitInterval: { kind: 'span' },
  RateLimitIntervalSec: { kind: 'span' },
  RateLimitBurst: { kind: 'count' },
  SystemMaxUse: { kind: 'size' },
  SystemKeepFree: { kind: 'size' },
  SystemMaxFileSize: { kind: 'size' },
  SystemMaxFiles: { kind: 'count' },
  RuntimeMaxUse: { kind: 'size' },
  RuntimeKeepFree: { kind: 'size' },
  RuntimeMaxFileSize: { kind: 'size' },
  RuntimeMaxFiles: { kind: 'count' },
  MaxFileSec: { kind: 'span' },
  MaxRetentionSec: { kind: 'span' },
  ForwardToSyslog: { kind: 'flag' },
  ForwardToKMsg: { kind: 'flag' },
  ForwardToConsole: { kind: 'flag' },
  ForwardToWall: { kind: 'flag' },
  ForwardToSocket: { kind: 'text', since: 256 },
  TTYPath: { kind: 'path' },
  MaxLevelStore: { kind: 'level' },
  MaxLevelSyslog: { kind: 'level' },
  MaxLevelKMsg: { kind: 'level' },
  MaxLevelConsole: { kind: 'level' },
  MaxLevelWall: { kind: 'level' },
  MaxLevelSocket: { kind: 'level', since: 256 },
  LineMax: { kind: 'size' },
  ReadKMsg: { kind: 'flag' },
  Audit: { kind: 'audit', since: 246 },
} as const satisfies Record<string, JournalKey>

export type JournalKeyName = keyof typeof journalKeys

export const journalKeyOf = (key: string): JournalKey | null =>
  Object.hasOwn(journalKeys, key) ? journalKeys[key as JournalKeyName] : null

export const journalValueForm = (key: JournalKeyName): { pattern: RegExp; expects: string } =>
  kinds[journalKeys[key].kind]

/** Would journald take it? An empty value resets, so it is always right. */
export const isJournalValue = (key: string, text: string): boolean => {
  const known = journalKeyOf(key)
  return known !== null && (text === '' || kinds[known.kind].pattern.test(text))
}
