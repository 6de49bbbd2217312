import { clip } from '../../core/escape.ts'
import type { Host } from '../../host/host.ts'
import { type JournalEntry, readJournalText } from '../../store/journal-text.ts'
import { journalPath } from '../../store/paths.ts'

/** Restarts that nobody brings to their end any more, once nothing starts `check`. */
export const unfinishedRestarts = (host: Host, stateDir: string, isPurge: boolean): string[] => {
  const text = host.save.readText(journalPath(stateDir))
  const entries = text.kind === 'value' ? readJournalText(text.value).entries : []
  // With the state the journal goes.
  const mend = isPurge
    ? 'see whether it runs, else start it'
    : 'run `oratio-health check` once more, which does it, or start it yourself'
  return entries.map((entry) => `${wordsOf(entry)}: ${mend}`)
}

const wordsOf = ({ service, follows }: JournalEntry): string =>
  follows === undefined
    ? `a restart of ${clip(service, 80)} was begun and not brought to its end`
    : `${clip(service, 80)} was to be restarted after ${clip(follows, 80)}, and was not`
