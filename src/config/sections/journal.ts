import { record, text } from '../../core/field.ts'
import { type JournalKeyName, journalKeys, journalValueForm } from '../../plan/journal-values.ts'

/** A value journald cannot read would only be a line in its log, and the limit would not hold. */
const assignment = (key: JournalKeyName) => {
  const { pattern, expects } = journalValueForm(key)
  return text("As in journald.conf(5), by systemd's own rules; empty resets it", null, {
    canBeEmpty: true,
    pattern: new RegExp(`^$|${pattern.source}`),
    expects,
  })
}

export const journal = record(
  'Limits of journald, installed by `journal-limits`',
  Object.fromEntries(
    (Object.keys(journalKeys) as JournalKeyName[]).map((key) => [key, assignment(key)]),
  ) as Record<JournalKeyName, ReturnType<typeof assignment>>,
)
