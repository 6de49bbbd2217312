import type { Finding } from '../core/finding.ts'
import { absent, value } from '../core/reading.ts'
import type { HostSave } from '../host/host.ts'
import { type ActionJournal, openJournal } from '../store/action-journal.ts'
import { journalPath } from '../store/paths.ts'
import type { RunContext } from './command.ts'
import { ownFinding, recordsRun } from './record.ts'

/** The action journal of this run; one that records nothing reads it only. */
export const openRunJournal = (context: RunContext): { journal: ActionJournal; findings: Finding[] } => {
  const { host, global } = context
  const path = journalPath(global.stateDir)
  const journal = openJournal(recordsRun(context) ? host.save : withoutWriting(host.save), path, host.now)
  const { problem } = journal
  // Restarts that were under way may be forgotten by it.
  const findings =
    problem === null || !host.live
      ? []
      : [ownFinding('action-journal', 'broken', 'warning', { ...problem, file: path })]
  return { journal, findings }
}

const withoutWriting = (save: HostSave): HostSave => ({
  ...save,
  ensureFolder: () => value(true),
  replace: () => value(true),
  setAside: (path) => absent(path),
})
