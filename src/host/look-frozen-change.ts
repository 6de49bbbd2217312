import type { LookFrozenAction } from '../core/action.ts'
import type { Change } from './apply.ts'
import type { HostBase } from './base.ts'
import { type FreezableCgroup, makeFreezer } from './freezer.ts'
import { mayStandStill, selfAndAbove, whileFrozen } from './frozen-moment.ts'

/** Freezes cgroups for a look at what is in them. */
export const lookFrozenChange = ({ cgroups, note, look }: LookFrozenAction, base: HostBase): Change => {
  const chosen = (): FreezableCgroup[] => {
    const freezer = makeFreezer(base)
    const off = selfAndAbove(base)
    return cgroups.flatMap((path) => freezer.at(path) ?? []).filter((one) => mayStandStill(freezer, one, off))
  }
  return {
    words: `freeze ${cgroups.join(', ')} for a look`,
    obstacle: () =>
      chosen().length === 0 ? { outcome: 'skipped', detail: 'none of them can be frozen here' } : null,
    perform: async () => {
      const cgroups = chosen()
      if (cgroups.length === 0) return { outcome: 'skipped', detail: 'nobody is in them any more' }
      const moment = whileFrozen(base, cgroups, note, look)
      if (moment === null) return { outcome: 'failed', detail: `it could not be noted in ${note}` }
      return moment.stillFrozen.length > 0
        ? { outcome: 'failed', detail: `still frozen: ${moment.stillFrozen.join(', ')}` }
        : { outcome: 'done', detail: `for ${moment.heldMs} ms` }
    },
  }
}
