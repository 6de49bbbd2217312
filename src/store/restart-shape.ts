import { maxOutcomes, maxRestarts, type RestartMemory } from '../core/restart-memory.ts'
import { type OtherRestarts, restartBounds, type SeenCounter, type ServiceRestarts } from './restart-state.ts'

/** Of all services together, when they would fill the state: the newest of each, enough for every usual budget. */
export const thinned = (all: Record<string, ServiceRestarts>): Record<string, ServiceRestarts> => {
  if (JSON.stringify(all).length <= restartBounds.characters) return all
  for (const [name, { memory, seen, others }] of Object.entries(all))
    all[name] = {
      memory: {
        ...memory,
        restartedAtMs: memory.restartedAtMs.slice(-100),
        scheduledAtMs: memory.scheduledAtMs.slice(-100),
      },
      seen,
      others: others.slice(-24),
    }
  return all
}

/** An entry of a state file of whatever shape; undefined unless all of it is right. Lists that are too long are cut. */
export const shapeRestarts = (raw: unknown): ServiceRestarts | undefined => {
  const { memory, seen, others } = fieldsOf(raw)
  const shapedMemory = shapeMemory(memory)
  const shapedOthers = shapeList(others, restartBounds.others, shapeOthers)
  const shapedSeen = seen === null ? null : shapeSeen(seen)
  if (shapedMemory === undefined || shapedSeen === undefined || shapedOthers === undefined) return undefined
  return { memory: shapedMemory, seen: shapedSeen, others: shapedOthers }
}

const shapeMemory = (raw: unknown): RestartMemory | undefined => {
  const { identity, recentFailures, restartedAtMs, scheduledAtMs, restartsInARow, gaveUpAtMs } = fieldsOf(raw)
  const outcomes = shapeList(recentFailures, maxOutcomes, (one) =>
    typeof one === 'boolean' ? one : undefined,
  )
  const stamp = (one: unknown): number | undefined => (isStamp(one) ? one : undefined)
  const restarts = shapeList(restartedAtMs, maxRestarts, stamp)
  const scheduled = shapeList(scheduledAtMs ?? [], maxRestarts, stamp)
  if (outcomes === undefined || restarts === undefined || scheduled === undefined) return undefined
  if (!isNameOrNull(identity) || !isCount(restartsInARow)) return undefined
  if (gaveUpAtMs !== null && !isStamp(gaveUpAtMs)) return undefined
  return {
    identity,
    recentFailures: outcomes,
    restartedAtMs: restarts,
    scheduledAtMs: scheduled,
    restartsInARow,
    gaveUpAtMs,
  }
}

const shapeSeen = (raw: unknown): SeenCounter | undefined => {
  const { counter, of, atMs } = fieldsOf(raw)
  return isCount(counter) && isNameOrNull(of) && isStamp(atMs) ? { counter, of, atMs } : undefined
}

const shapeOthers = (raw: unknown): OtherRestarts | undefined => {
  const { atMs, by, count } = fieldsOf(raw)
  const isWhole = isStamp(atMs) && isCount(count) && (by === 'engine' || by === 'systemd')
  return isWhole ? { atMs, by, count } : undefined
}

const shapeList = <T>(raw: unknown, max: number, shape: (one: unknown) => T | undefined): T[] | undefined => {
  if (!Array.isArray(raw)) return undefined
  const shaped = raw.slice(-max).map(shape)
  return shaped.every((one) => one !== undefined) ? (shaped as T[]) : undefined
}

const fieldsOf = (raw: unknown): Readonly<Record<string, unknown>> =>
  typeof raw === 'object' && raw !== null ? (raw as Record<string, unknown>) : {}

const isStamp = (raw: unknown): raw is number => Number.isFinite(raw) && (raw as number) >= 0

const isCount = (raw: unknown): raw is number => Number.isSafeInteger(raw) && (raw as number) >= 0

const isNameOrNull = (raw: unknown): raw is string | null =>
  raw === null || (typeof raw === 'string' && raw.length <= restartBounds.nameLength)
