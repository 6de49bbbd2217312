import type { LoadedConfig } from '../../config/config.ts'
import { HealthError } from '../../core/errors.ts'
import type { Host } from '../../host/host.ts'
import { dropInPath, dropInText } from '../../plan/journal-limits.ts'
import type { InstallChange } from '../../report/install-text.ts'
import type { CommandResult, RunContext } from '../command.ts'
import { applyLimits, wantedLimits } from '../journal/apply.ts'
import { ownDropIn } from '../journal/drop-in.ts'
import { removeLimits } from '../journal/remove.ts'
import { wantsJournal } from './wants-journal.ts'

interface JournalOutcome {
  change: InstallChange | null
  /** The drop-in as it is and as it is to be. */
  file: { path: string; before: string | null; after: string | null } | null
  notes: string[]
  isDoubtful: boolean
}

export const installJournal = async (context: RunContext, loaded: LoadedConfig): Promise<JournalOutcome> => {
  if (wantsJournal(context.host, loaded)) {
    const wanting = { ...context, loaded }
    return outcomeOf(() => applyLimits(wanting), dropInText(wantedLimits(wanting)), context.host)
  }
  const isWanted = Object.keys(loaded.config.journal).length > 0
  const why = context.host.uid === 0 ? 'systemd does not run here' : 'they take root'
  return {
    change: null,
    file: null,
    notes: isWanted ? [`the journal limits of the config were left out: ${why}`] : [],
    isDoubtful: isWanted,
  }
}

/** Null: there is no drop-in of ours. One of others is theirs. */
export const uninstallJournal = async (context: RunContext): Promise<JournalOutcome | null> => {
  if (context.host.uid !== 0) return null
  try {
    if (ownDropIn(context.host) === null) return null
  } catch (error) {
    if (!(error instanceof HealthError)) throw error
    return { change: null, file: null, notes: [error.message], isDoubtful: false }
  }
  return outcomeOf(() => removeLimits(context), null, context.host)
}

const outcomeOf = async (
  act: () => Promise<CommandResult>,
  after: string | null,
  host: Host,
): Promise<JournalOutcome> => {
  try {
    const file = { path: dropInPath, before: ownDropIn(host), after }
    const result = await act()
    const changes = (result.document?.body.changes ?? []) as readonly { outcome: InstallChange['outcome'] }[]
    if (changes.length === 0)
      return { change: null, file: null, notes: result.problems, isDoubtful: result.status !== 'ok' }
    const isFailed = result.status === 'critical' || result.status === 'unknown'
    const isDry = changes.some((one) => one.outcome === 'dry-run')
    const words = result.text({ columns: 200, color: false, verbose: false }).trimEnd().split('\n')
    return {
      change: {
        change: 'journal',
        path: null,
        outcome: isFailed ? 'failed' : isDry ? 'dry-run' : 'done',
        detail: isDry ? 'would have journald take its limits up' : words.join('; '),
      },
      file,
      notes: [],
      isDoubtful: result.status === 'warning',
    }
  } catch (error) {
    if (!(error instanceof HealthError)) throw error
    const detail = error.mend === null ? error.message : `${error.message}; ${error.mend}`
    const change: InstallChange = { change: 'journal', path: null, outcome: 'failed', detail }
    return { change, file: null, notes: [], isDoubtful: false }
  }
}
