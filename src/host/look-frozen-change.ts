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
    perform: async () =>
      whileFrozen(base, chosen(), note, look)
        ? { outcome: 'done', detail: '' }
        : { outcome: 'failed', detail: `it could not be noted in ${note}` },
  }
}
