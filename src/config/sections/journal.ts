import { record, text } from '../../core/field.ts'

/**
 * The keys of `[Journal]` that systemd-journald of versions 241 to 260 knows (src/journal/journald-gperf.gperf). A
 * wrong name would only be a line in the journal at the next start, and the limit would not hold.
 */
const keys = [
  'Storage',
  'Compress',
  'Seal',
  'SplitMode',
  'SyncIntervalSec',
  'RateLimitInterval',
  'RateLimitIntervalSec',
  'RateLimitBurst',
  'SystemMaxUse',
  'SystemKeepFree',
  'SystemMaxFileSize',
  'SystemMaxFiles',
  'RuntimeMaxUse',
  'RuntimeKeepFree',
  'RuntimeMaxFileSize',
  'RuntimeMaxFiles',
  'MaxFileSec',
  'MaxRetentionSec',
  'ForwardToSyslog',
  'ForwardToKMsg',
  'ForwardToConsole',
  'ForwardToWall',
  'ForwardToSocket',
  'TTYPath',
  'MaxLevelStore',
  'MaxLevelSyslog',
  'MaxLevelKMsg',
  'MaxLevelConsole',
  'MaxLevelWall',
  'MaxLevelSocket',
  'LineMax',
  'ReadKMsg',
  'Audit',
] as const

type Key = (typeof keys)[number]

// A line break would be another assignment in the drop-in.
const assignment = text("As in journald.conf(5), by systemd's own rules; empty resets it", null, {
  canBeEmpty: true,
  pattern: /^[^\r\n]*$/,
  expects: 'one line',
})

export const journal = record(
  'Limits of journald, installed by `journal-limits`',
  Object.fromEntries(keys.map((key) => [key, assignment])) as Record<Key, typeof assignment>,
)
