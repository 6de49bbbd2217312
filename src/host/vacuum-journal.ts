import type { ActionResult, VacuumJournalAction } from '../core/action.ts'
import { clip } from '../core/escape.ts'
import { formatBytes } from '../core/units.ts'
import type { Change } from './apply.ts'
import { infoOf, listFolder } from './files.ts'
import type { Host } from './host.ts'

const timeoutMs = 60_000

/**
 * `journalctl --rotate`, then `--vacuum-size` on this one folder. journalctl weighs archived files only and leaves
 * those in use alone (journal-vacuum.c), so what these take is taken off what may stay.
 */
export const vacuumJournalChange = ({ folder, maxBytes }: VacuumJournalAction, run: Host['run']): Change => ({
  words: `rotate the journal and vacuum ${folder} to ${formatBytes(maxBytes)}`,
  obstacle: () =>
    infoOf(folder, folder).kind === 'absent' ? { outcome: 'skipped', detail: 'it is not there' } : null,
  perform: async () => {
    const rotated = await journalctl(run, ['--rotate'])
    if (rotated !== null) return rotated
    // `--vacuum-size=0` would mean no bound.
    const room = Math.max(1, maxBytes - bytesInUse(folder))
    const vacuumed = await journalctl(run, [`--directory=${folder}`, `--vacuum-size=${room}`])
    return vacuumed ?? { outcome: 'done', detail: '' }
  },
})

/** Archived files have an `@` in their names, and a `~` at the end when they were not closed well. */
const bytesInUse = (folder: string): number => {
  const names = listFolder(folder, folder)
  if (names.kind !== 'value') return 0
  return names.value
    .filter((name) => name.endsWith('.journal') && !name.includes('@'))
    .map((name) => infoOf(`${folder}/${name}`, name))
    .reduce((sum, info) => sum + (info.kind === 'value' ? info.value.sizeBytes : 0), 0)
}

const journalctl = async (run: Host['run'], args: readonly string[]): Promise<ActionResult | null> => {
  const ran = await run(['journalctl', '--quiet', '--no-pager', ...args], { timeoutMs })
  if (ran.kind === 'absent') return { outcome: 'failed', detail: 'journalctl is not here' }
  if (ran.kind === 'failed') return { outcome: 'failed', detail: `${ran.what}: ${ran.detail}` }
  const { exitCode, stderr } = ran.value
  if (exitCode === 0) return null
  const said = clip(stderr.trim().split('\n')[0] ?? '', 200)
  return {
    outcome: 'failed',
    detail: `journalctl ${args.at(-1)} ended with ${exitCode}${said === '' ? '' : `: ${said}`}`,
  }
}
