import type { Finding } from '../core/finding.ts'
import { type ActionJournal, openJournal } from '../store/action-journal.ts'
import { journalPath } from '../store/paths.ts'
import type { RunContext } from './command.ts'
import { ownFinding, saveOf } from './record.ts'

/** The action journal of this run; one that records nothing reads it only. */
export const openRunJournal = (context: RunContext): { journal: ActionJournal; findings: Finding[] } => {
  const { host, global } = context
  const path = journalPath(global.stateDir)
  const journal = openJournal(saveOf(context), path, host.now)
  const { problem } = journal
  // Restarts that were under way may be forgotten by it.
  const findings =
    problem === null || !host.live
      ? []
      : [ownFinding('action-journal', 'broken', 'warning', { ...problem, file: path })]
  return { journal, findings }
}
