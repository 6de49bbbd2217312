import type { CrashEvent, CrashEventKind } from '../core/crash-event.ts'
import { byTime } from './crash-merge.ts'

/** What an investigation is mostly about; of these others leave only a tenth. */
const first: readonly CrashEventKind[] = ['oom-kill', 'kernel-panic']

/** The newest of each kind, so that a flood of one kind pushes out none of the others; kills and panics go first. */
export const boundEvents = (events: readonly CrashEvent[], most: number): CrashEvent[] => {
  if (events.length <= most) return [...events]
  const kinds = [...new Set(events.map(({ kind }) => kind))]
    .map((kind) => events.filter((event) => event.kind === kind))
    .sort((a, b) => a.length - b.length)
  const isFirst = ([one]: readonly CrashEvent[]): boolean => one !== undefined && first.includes(one.kind)
  const grave = newestOf(kinds.filter(isFirst), Math.ceil(most * 0.9))
  const others = newestOf(
    kinds.filter((kind) => !isFirst(kind)),
    most - grave.length,
  )
  return [...grave, ...others]
}

/** @param kinds the rarest first: what one does not need of its share is for those that come */
const newestOf = (kinds: readonly CrashEvent[][], most: number): CrashEvent[] => {
  const kept: CrashEvent[] = []
  for (const [i, ofKind] of kinds.entries()) {
    const share = Math.floor((most - kept.length) / (kinds.length - i))
    kept.push(...(share === 0 ? [] : [...ofKind].sort(byTime).slice(-share)))
  }
  return kept
}
