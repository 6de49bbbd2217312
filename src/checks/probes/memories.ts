/**
 * What log probes remember, by service and item. The state file takes 256 KiB of one check (store/state-shape.ts) and
 * would drop the whole of what is longer.
 */
const maxLength = 240_000
const maxBucketsInAll = 16_000
/** Of a probe that is no longer in the config, or whose service is gone. */
const forgetAfterMs = 7 * 86_400_000

/** How many buckets a probe's window may have when there are so many of them: 12 bytes each at most. */
export const bucketsFor = (logProbes: number): number =>
  Math.max(10, Math.floor(maxBucketsInAll / Math.max(1, logProbes)))

/** From a file, so of any shape. */
export const memoriesOf = (remembered: unknown): Map<string, unknown> => {
  const { logs } = (remembered ?? {}) as { logs?: unknown }
  return new Map(
    Array.isArray(logs)
      ? logs.filter(
          (entry): entry is [string, unknown] => Array.isArray(entry) && typeof entry[0] === 'string',
        )
      : [],
  )
}

/** Those of this run, then those of probes that were not asked in it, as far as they fit; a first run meets the rest. */
export const keepMemories = (
  fresh: ReadonlyMap<string, unknown>,
  before: ReadonlyMap<string, unknown>,
  nowMs: number,
): { logs: [string, unknown][] } => {
  const others = [...before].filter(([key, memory]) => !fresh.has(key) && isYoung(memory, nowMs))
  const logs: [string, unknown][] = []
  let length = 0
  for (const entry of [...fresh, ...others]) {
    length += JSON.stringify(entry).length + 1
    if (length > maxLength) break
    logs.push(entry)
  }
  return { logs }
}

const isYoung = (memory: unknown, nowMs: number): boolean => {
  const { window } = (memory ?? {}) as { window?: { readAtMs?: unknown } | null }
  const readAtMs = window?.readAtMs
  return typeof readAtMs === 'number' && Math.abs(nowMs - readAtMs) < forgetAfterMs
}
