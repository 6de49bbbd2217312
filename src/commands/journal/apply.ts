import { exitCode, HealthError } from '../../core/errors.ts'
import type { JournalPlace } from '../../core/journal.ts'
import { formatBytes } from '../../core/units.ts'
import type { Host } from '../../host/host.ts'
import { dropInText, type WantedLimits, withDropIn } from '../../plan/journal-limits.ts'
import { lineDiff } from '../../report/line-diff.ts'
import type { CommandResult, RunContext } from '../command.ts'
import { notWritten, ownDropIn } from './drop-in.ts'
import { type JournalChange, journalPicture } from './picture.ts'
import { readJournaldConf } from './read-conf.ts'
import { changedResult } from './results.ts'
import { capFaults, changeOf, fileOf, rollBack, takeUp } from './take-up.ts'

/**
 * Installs the limits of the config, has journald take them up, looks whether they hold, and brings the usage under
 * the caps. Where nothing changes journald is left in peace.
 */
export const applyLimits = async (context: RunContext): Promise<CommandResult> => {
  const { host, global } = context
  const wanted = wantedLimits(context)
  const text = dropInText(wanted)
  const before = ownDropIn(host)
  const pending = pendingMark(host, global.stateDir)
  const changes: JournalChange[] = []
  const installedAtMs = host.now()
  if (before !== text || pending.isSet()) {
    context.holdTimeout()
    changes.push(...(await install(host, text, before, pending, global.dryRun)))
    if (changes.some(({ change }) => change === 'roll-back'))
      return changedResult(await picture(host, wanted), changes, lineDiff(before, text))
  }
  const after = await picture(host, wanted, global.dryRun ? text : undefined)
  const hasTakenUp = changes.some(({ change, outcome }) => change === 'take-up' && outcome === 'done')
  const faults = hasTakenUp ? await capFaults(host, after.states, installedAtMs) : []
  changes.push(...(await vacuum(host, after.storage.places)))
  const measured = changes.some(({ change }) => change === 'vacuum') && !global.dryRun
  const now = measured ? await picture(host, wanted) : after
  return changedResult({ ...now, faults: [...now.faults, ...faults] }, changes, lineDiff(before, text))
}

export const wantedLimits = ({ loaded }: RunContext): WantedLimits => {
  const given = Object.entries(loaded?.config.journal ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  if (given.length > 0) return Object.fromEntries(given)
  throw new HealthError(
    exitCode.usage,
    `${loaded?.path ?? 'the config'} has no limits to apply`,
    'add them: journal: { SystemMaxUse: 500M, RuntimeMaxUse: 100M }; or `journal-limits remove` what is installed',
  )
}

interface PendingMark {
  isSet(): boolean
  set(): void
  clear(): void
}

/** Set from before the file is written until journald has read it: a run that is killed between leaves it for the next. */
const pendingMark = ({ save }: Host, stateDir: string): PendingMark => {
  const path = `${stateDir}/journal-limits.pending`
  return {
    isSet: () => save.info(path).kind === 'value',
    set: () => {
      save.ensureFolder(stateDir)
      save.replace(path, '')
    },
    clear: () => {
      save.remove(path)
    },
  }
}

const install = async (
  host: Host,
  text: string,
  before: string | null,
  pending: PendingMark,
  dryRun: boolean,
): Promise<JournalChange[]> => {
  const reason = 'limits of the config'
  if (!dryRun) pending.set()
  const written = await host.apply({ ...fileOf(text), reason })
  if (written.outcome === 'failed') {
    pending.clear()
    throw notWritten(written.detail)
  }
  const taken = await takeUp(host, reason)
  const changes = [changeOf('drop-in', written), changeOf('take-up', taken)]
  if (taken.outcome !== 'failed') {
    if (taken.outcome === 'done') pending.clear()
    return changes
  }
  const back = await rollBack(host, before)
  if (back.outcome !== 'failed') pending.clear()
  return [...changes, back]
}

const picture = async (host: Host, wanted: WantedLimits, assumed?: string) => {
  const files = readJournaldConf(host)
  if (files.kind !== 'value') throw notWritten(`${files.what} could not be read`)
  return journalPicture(
    host,
    assumed === undefined ? files.value : withDropIn(files.value, assumed),
    wanted,
    false,
  )
}

const vacuum = async (host: Host, places: readonly JournalPlace[]): Promise<JournalChange[]> => {
  const changes: JournalChange[] = []
  for (const { folder, usage, capBytes } of places) {
    if (usage.kind !== 'value' || capBytes === null || usage.value <= capBytes) continue
    const reason = `${formatBytes(usage.value)} are kept, the cap is ${formatBytes(capBytes)}`
    changes.push(
      changeOf('vacuum', await host.apply({ kind: 'vacuum-journal', folder, maxBytes: capBytes, reason })),
    )
  }
  return changes
}
