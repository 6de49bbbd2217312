import type { ActionResult } from '../../core/action.ts'
import { clip } from '../../core/escape.ts'
import type { LimitFault, LimitState } from '../../core/journal.ts'
import type { Host } from '../../host/host.ts'
import { journalBytes } from '../../plan/journal-amounts.ts'
import { dropInPath } from '../../plan/journal-limits.ts'
import { askCaps } from './ask.ts'
import type { JournalChange } from './picture.ts'

/** journald reads its files again: by a reload where its version has one (258), else by a restart. */
export const takeUp = (host: Host, reason: string): Promise<ActionResult> =>
  host.apply({ kind: 'restart-unit', unit: 'systemd-journald.service', orReload: true, reason })

export const changeOf = (change: JournalChange['change'], result: ActionResult): JournalChange => ({
  change,
  outcome: result.outcome,
  detail: clip(result.detail, 300),
})

/** Puts the file back as it was, and has journald read that. */
export const rollBack = async (host: Host, before: string | null): Promise<JournalChange> => {
  const reason = 'journald did not take the new limits up'
  const restored =
    before === null
      ? await host.apply({ kind: 'remove-file', path: dropInPath, reason })
      : await host.apply({ ...fileOf(before), reason })
  return changeOf('roll-back', restored.outcome === 'failed' ? restored : await takeUp(host, reason))
}

export const fileOf = (content: string) =>
  ({
    kind: 'write-file',
    path: dropInPath,
    content,
    // As systemd's own files: nothing secret, and `systemd-analyze cat-config` of an ordinary user reads it.
    mode: 0o644,
    folderMode: 0o755,
    onlyIfMissing: false,
  }) as const

// journald rounds to pages, and raises what is below two of its smallest files (512 KiB each).
const [roundingBytes, smallestBytes] = [65_536, 1024 * 1024]

/** The caps that journald has announced since `sinceMs` and that are not the wanted ones. */
export const capFaults = async (
  host: Host,
  states: readonly LimitState[],
  sinceMs: number,
): Promise<LimitFault[]> => {
  const announced = await askCaps(host, sinceMs)
  return announced.flatMap(({ name, maxUseBytes }): LimitFault[] => {
    const state = states.find(({ key }) => key === (name === 'system' ? 'SystemMaxUse' : 'RuntimeMaxUse'))
    const bytes = journalBytes(state?.effective ?? '')
    if (state === undefined || state.wanted === null || bytes === null || bytes < smallestBytes) return []
    const isSame = Math.abs(bytes - maxUseBytes) <= roundingBytes
    return isSame
      ? []
      : [{ kind: 'not-taken-up', key: state.key, wanted: state.wanted, announcedBytes: maxUseBytes }]
  })
}
