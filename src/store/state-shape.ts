import { maxTold, readTold, type ToldProblem } from '../core/told.ts'
import { shapeRestarts, thinned } from './restart-shape.ts'
import { restartBounds } from './restart-state.ts'
import { isRecord } from './sealed-json.ts'
import type { State } from './state.ts'

/** Bounds of what is kept; the whole stays below 6 MB: problems told of about 2 MB, restarts 2 MB. */
export const stateBounds = {
  checks: 200,
  nameLength: 400,
  rememberedBytesEach: 256 * 1024,
  rememberedBytesTotal: 1024 * 1024,
} as const

export interface Shaped {
  state: State
  /** What was not of the right shape or beyond a bound, and so left out: `told: 3 entries`. */
  dropped: string[]
}

/** What is right in something of whatever shape, within the bounds. */
export const shapeState = (raw: Readonly<Record<string, unknown>>): Shaped => {
  const dropped: string[] = []
  const told = shapeTold(raw.told)
  const remembered = shapeRecord(raw.remembered, stateBounds.checks, withinBytes())
  const restarts = shapeRecord(raw.restarts, restartBounds.services, shapeRestarts)
  if (!isBootId(raw.bootId)) dropped.push('bootId')
  if (!isStamp(raw.savedAtMs)) dropped.push('savedAtMs')
  for (const [name, part] of Object.entries({ told, remembered, restarts }))
    if (part.dropped !== 0) dropped.push(part.dropped === null ? name : `${name}: ${part.dropped} entries`)
  return {
    state: {
      version: 1,
      bootId: isBootId(raw.bootId) ? raw.bootId : null,
      savedAtMs: isStamp(raw.savedAtMs) ? raw.savedAtMs : null,
      remembered: remembered.kept,
      told: told.kept,
      restarts: thinned(restarts.kept),
    },
    dropped,
  }
}

interface Part<T> {
  kept: T
  /** How many entries were left out; null: all of it. */
  dropped: number | null
}

const shapeTold = (raw: unknown): Part<ToldProblem[]> => {
  if (!Array.isArray(raw)) return { kept: [], dropped: null }
  const kept = readTold(raw).filter(({ key, service, check, code, item }) =>
    [key, service ?? '', check, code, item ?? ''].every(isName),
  )
  return { kept: kept.slice(0, maxTold), dropped: raw.length - kept.length }
}

/**
 * Entries for which `shape` has no answer are left out. The record has no prototype: a service may be called
 * `constructor` or `__proto__`.
 */
const shapeRecord = <T>(
  raw: unknown,
  maxEntries: number,
  shape: (entry: unknown) => T | undefined,
): Part<Record<string, T>> => {
  const kept: Record<string, T> = Object.create(null)
  if (!isRecord(raw)) return { kept, dropped: null }
  const entries = Object.entries(raw)
  let count = 0
  for (const [name, entry] of entries) {
    const shaped = count < maxEntries && isName(name) ? shape(entry) : undefined
    if (shaped === undefined) continue
    kept[name] = shaped
    count++
  }
  return { kept, dropped: entries.length - count }
}

/** Lets pass what fits into the bytes that are left, each and together. */
const withinBytes = (): ((entry: unknown) => unknown) => {
  let left: number = stateBounds.rememberedBytesTotal
  return (entry) => {
    const length = jsonLength(entry)
    if (length === null || length > Math.min(left, stateBounds.rememberedBytesEach)) return undefined
    left -= length
    return entry
  }
}

/** Deeper than anything a check remembers. */
const maxDepth = 100

/**
 * Null for what JSON cannot hold: a circle, a bigint, nothing at all; and for what is nested so deep that stringify may
 * give up: alone it may go well where the same inside the whole document does not (Node 26).
 */
const jsonLength = (entry: unknown): number | null => {
  try {
    const length = JSON.stringify(entry)?.length ?? null
    return isDeeper(entry, maxDepth) ? null : length
  } catch {
    return null
  }
}

const isDeeper = (entry: unknown, levels: number): boolean =>
  typeof entry === 'object' &&
  entry !== null &&
  (levels === 0 || Object.values(entry).some((one) => isDeeper(one, levels - 1)))

const isName = (text: string): boolean => text.length <= stateBounds.nameLength

const isBootId = (raw: unknown): raw is string | null =>
  raw === null || (typeof raw === 'string' && /^[0-9a-f-]{1,36}$/.test(raw))

const isStamp = (raw: unknown): raw is number | null =>
  raw === null || (Number.isFinite(raw) && (raw as number) >= 0)
