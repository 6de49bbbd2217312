import type { JudgedService } from '../checks/judge.ts'
import type { ServiceFacts } from '../core/service.ts'
import { mayTakeUp } from '../plan/restart.ts'
import type { ActionJournal } from '../store/action-journal.ts'
import type { JournalEntry } from '../store/journal-text.ts'
import type { Healer } from './healer.ts'
import { inMaintenance, restartOf } from './service-config.ts'

/**
 * A run before this one died in the middle. What it had begun is brought to its end first, unless that has happened by
 * itself; then what was due since something it depends on was restarted.
 */
export const takeUpUnfinished = async (
  healer: Healer,
  journal: ActionJournal,
  services: ReadonlyMap<string, JudgedService>,
): Promise<void> => {
  const isDue = ({ follows }: JournalEntry): boolean => follows !== undefined
  for (const entry of [...journal.entries()].sort((a, b) => Number(isDue(a)) - Number(isDue(b)))) {
    // Restarted meanwhile, as what depends on one before it.
    if (!journal.entries().includes(entry)) continue
    const facts = services.get(entry.service)?.facts
    if (facts !== undefined) await takeUp(healer, journal, entry, facts)
    // Not asked about in this run; what the config no longer has is nobody's to restart.
    else if (healer.configOf(entry.service) === null) journal.finish(entry)
  }
}

const takeUp = (
  healer: Healer,
  journal: ActionJournal,
  entry: JournalEntry,
  facts: ServiceFacts,
): Promise<void> | undefined => {
  if (entry.follows === undefined) return takeUpBegun(healer, journal, entry, facts)
  // Whoever restarted it since, it has met what it depends on as that is now.
  if (runsAnew(entry, facts) || restartOf(healer.configOf(entry.service)) === null) {
    journal.finish(entry)
    return undefined
  }
  return healer.restartDependent(entry.service, entry.follows)
}

const takeUpBegun = async (
  healer: Healer,
  journal: ActionJournal,
  entry: JournalEntry,
  facts: ServiceFacts,
): Promise<void> => {
  const { service, cause } = entry
  const config = healer.configOf(service)
  const restart = restartOf(config)
  if (runsAnew(entry, facts)) {
    healer.note(service, 'restarted', `${cause}; the run that did it was ended before it could say so`)
    await healer.finishWithDependents(entry)
  } else if (!healer.acts || restart === null) {
    healer.find(service, 'unfinished', { cause })
  } else if (inMaintenance(config, healer.nowMs()) && !isLeftDown(facts)) {
    healer.skip(service, `a restart was begun (${cause}) and nothing is down; it is a maintenance window`)
  } else if (mayTakeUp(healer.of(service).memory, restart.limit, healer.nowMs())) {
    await healer.restart(service, `taken up again: ${cause}`, { unfinished: entry })
  } else {
    // From here on it is a service that fails and has no budget left.
    healer.note(service, 'restart-failed', `${cause}; each run was ended in the middle of it`)
    journal.finish(entry)
  }
}

const runsAnew = (entry: JournalEntry, { state, identity }: ServiceFacts): boolean =>
  state === 'running' && identity !== null && identity !== entry.identity

/** As a restart leaves it that was cut off between stop and start. */
const isLeftDown = ({ state }: ServiceFacts): boolean =>
  state === 'stopped' || state === 'failed' || state === 'missing'
