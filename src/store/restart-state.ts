import { freshMemory, type RestartCounts, type RestartMemory } from '../core/restart-memory.ts'

export type Restarter = 'engine' | 'systemd'

/** What is kept of a service's restarts from run to run; survives JSON. Stamps are epoch milliseconds. */
export interface ServiceRestarts {
  /** What plan/restart.ts decides by. */
  memory: RestartMemory
  /** The counter of the engine or of systemd as it stood in the last run; null: not seen yet. */
  seen: SeenCounter | null
  /** Restarts by those two, oldest first, an hour of them together. */
  others: OtherRestarts[]
}

export interface SeenCounter {
  counter: number
  /** Whose counter: a container's id, a boot's for units; another one counts from 0. Null: not known. */
  of: string | null
  atMs: number
}

export interface OtherRestarts {
  atMs: number
  by: Restarter
  count: number
}

export const restartBounds = {
  services: 500,
  others: 200,
  keptMs: 8 * 86_400_000,
  /** Beyond this of all services together the older stamps of each go. */
  characters: 2 * 1024 * 1024,
  nameLength: 400,
} as const

const [hourMs, dayMs] = [3_600_000, 86_400_000]

export const freshRestarts: ServiceRestarts = { memory: freshMemory, seen: null, others: [] }

/**
 * Adds what the engine (RestartCount) or systemd (NRestarts) has restarted since the last run. Both counters begin anew
 * when a person starts the service; then, and for another container or boot, all it shows is new. The first sight of a
 * counter tells of no time, unless the counter itself is not older than `sinceMs` (the boot, for units).
 */
export const countOthers = (
  previous: ServiceRestarts,
  { counter, of, sinceMs = null }: Omit<SeenCounter, 'atMs'> & { sinceMs?: number | null },
  by: Restarter,
  nowMs: number,
): ServiceRestarts => {
  const { seen } = previous
  const known = { ...previous, seen: { counter, of: of ?? seen?.of ?? null, atMs: nowMs } }
  const others = previous.others.filter(({ atMs }) => nowMs - atMs < restartBounds.keptMs)
  const count = seen === null ? counter : newRestarts(seen, counter, of)
  const fromMs = seen === null ? sinceMs : seen.atMs
  if (count === 0 || fromMs === null || nowMs - fromMs >= restartBounds.keptMs) return { ...known, others }
  // After a long pause it is not known when they were; then none is called of today.
  const atMs = nowMs - fromMs > dayMs ? fromMs : nowMs
  return { ...known, others: added(others, { atMs, by, count }) }
}

const newRestarts = (seen: SeenCounter, counter: number, of: string | null): number => {
  const isAnother = of !== null && seen.of !== null && of !== seen.of
  return isAnother || counter < seen.counter ? counter : counter - seen.counter
}

/** A service that crashes every second adds to one entry an hour: 8 days are 192 entries. */
const added = (others: readonly OtherRestarts[], entry: OtherRestarts): OtherRestarts[] => {
  const last = others.at(-1)
  const joins = last !== undefined && last.by === entry.by && Math.abs(entry.atMs - last.atMs) < hourMs
  const all = joins
    ? [...others.slice(0, -1), { ...last, count: last.count + entry.count }]
    : [...others, entry]
  return all.slice(-restartBounds.others)
}

export const restartCounts = ({ memory, others }: ServiceRestarts, nowMs: number): RestartCounts => {
  const within = (stamps: readonly number[], withinMs: number): number =>
    stamps.filter((atMs) => nowMs - atMs < withinMs).length
  const scheduled = (withinMs: number): number => within(memory.scheduledAtMs, withinMs)
  const byTool = (withinMs: number): number => within(memory.restartedAtMs, withinMs) + scheduled(withinMs)
  const byOther = (withinMs: number, by: Restarter): number =>
    others
      .filter((entry) => entry.by === by && nowMs - entry.atMs < withinMs)
      .reduce((sum, { count }) => sum + count, 0)
  const first = others.find(({ atMs, by }) => by === 'systemd' && nowMs - atMs < 7 * dayMs)
  const all = (withinMs: number): number =>
    byTool(withinMs) + byOther(withinMs, 'engine') + byOther(withinMs, 'systemd')
  return {
    today: all(dayMs),
    week: all(7 * dayMs),
    byTool: byTool(7 * dayMs),
    byEngine: byOther(7 * dayMs, 'engine'),
    bySystemd: byOther(7 * dayMs, 'systemd'),
    firstBySystemdSeconds: first === undefined ? null : (nowMs - first.atMs) / 1000,
    scheduled: { today: scheduled(dayMs), week: scheduled(7 * dayMs) },
  }
}

/** Stamps of the future (the clock was set back) become now: they neither refill the budget nor stay for years. */
export const restartsUntil = ({ memory, seen, others }: ServiceRestarts, nowMs: number): ServiceRestarts => {
  const past = (atMs: number): number => Math.min(atMs, nowMs)
  return {
    memory: {
      ...memory,
      restartedAtMs: memory.restartedAtMs.map(past),
      scheduledAtMs: memory.scheduledAtMs.map(past),
      gaveUpAtMs: memory.gaveUpAtMs === null ? null : past(memory.gaveUpAtMs),
    },
    seen: seen === null ? null : { ...seen, atMs: past(seen.atMs) },
    others: others.map((entry) => ({ ...entry, atMs: past(entry.atMs) })),
  }
}
