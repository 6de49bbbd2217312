import type { ThawAction } from '../core/action.ts'
import type { Change } from './apply.ts'
import type { HostBase } from './base.ts'
import { makeFreezer, thaw } from './freezer.ts'
import { forgetFrozen, readFrozen } from './frozen-note.ts'
import { statOf } from './signal.ts'

/** What a run that was killed has left frozen goes on. */
export const thawChange = ({ note }: ThawAction, base: HostBase): Change => ({
  words: `thaw the cgroups that ${note} names`,
  obstacle: () => {
    const by = readFrozen(note)?.by
    if (by === undefined || by.pid === base.pid) return null
    const stat = statOf(base, by.pid)
    return stat.kind === 'value' && stat.value.startTicks === by.startTicks
      ? { outcome: 'skipped', detail: `process ${by.pid}, which has frozen them, is at it` }
      : null
  },
  perform: async () => {
    const freezer = makeFreezer(base)
    // Of the same name, but made since: not ours.
    const cgroups = (readFrozen(note)?.cgroups ?? []).filter((one) => freezer.isCgroup(one))
    const left = cgroups.filter((one) => !thaw(one))
    if (left.length > 0)
      return { outcome: 'failed', detail: `still frozen: ${left.map(({ folder }) => folder).join(', ')}` }
    const forgotten = forgetFrozen(note)
    const stays = forgotten.kind === 'failed' ? [`${note} stays: ${forgotten.detail}`] : []
    return { outcome: 'done', detail: [...cgroups.map(({ folder }) => folder), ...stays].join(', ') }
  },
})
