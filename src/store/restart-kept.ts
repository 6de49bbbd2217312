import { restartBounds, type ServiceRestarts } from './restart-state.ts'

type All = Readonly<Record<string, ServiceRestarts>>

/** As long as the restart history is looked back into when a state was lost. */
const keptMs = 31 * 86_400_000

/**
 * What of all that is known there is room for: `first` in that order, then those that were restarted of late, then the
 * rest. Containers with names by chance must not push out what is to be restarted.
 *
 * @param first the services of this run
 * @param isWhole whether all were looked at: then those that are gone go after a month
 */
export const keptRestarts = (
  all: All,
  first: readonly string[],
  isWhole: boolean,
  nowMs: number,
): Record<string, ServiceRestarts> => {
  const present = new Set(first)
  const others = Object.keys(all).filter(
    (name) => !present.has(name) && !(isWhole && nowMs - newestOf(all[name]) >= keptMs),
  )
  const isRestarted = (name: string): boolean => stampsOf(all[name]).length > 0
  const inOrder = [...present, ...others.filter(isRestarted), ...others.filter((name) => !isRestarted(name))]
  // No prototype: a service may be called `constructor`.
  const kept: Record<string, ServiceRestarts> = Object.create(null)
  let room: number = restartBounds.services
  for (const name of inOrder) {
    const known = all[name]
    if (known === undefined || room-- <= 0) continue
    kept[name] = known
  }
  return kept
}

const newestOf = (known: ServiceRestarts | undefined): number =>
  Math.max(0, known?.seen?.atMs ?? 0, ...stampsOf(known))

/** When it was restarted, by whomever, or given up. */
const stampsOf = (known: ServiceRestarts | undefined): number[] => {
  if (known === undefined) return []
  const { memory, others } = known
  const gaveUp = memory.gaveUpAtMs === null ? [] : [memory.gaveUpAtMs]
  return [...memory.restartedAtMs, ...memory.scheduledAtMs, ...gaveUp, ...others.map(({ atMs }) => atMs)]
}
