import type { SeriesPoint } from './series.ts'

export interface Gathered {
  points: SeriesPoint[]
  rows: number
  /** Rows that came earlier than the one before them, and rows of a time that was there already. */
  unsorted: number
  doubles: number
  /** Rows for each point: above 1 the lowest of them was kept. */
  rowsPerPoint: number
}

const mostHeld = 400_000
const mostPoints = 10_000

/**
 * Takes any number of rows in bounded memory (two numbers for each of 400,000) and gives at most 10,000 points, each the
 * lowest of as many rows: floors, all from equally many, so that none stands lower for having had more to choose from.
 */
export const gatherer = () => {
  let atMs = new Float64Array(1024)
  let bytes = new Float64Array(1024)
  let held = 0
  let perHeld = 1
  let pending = 0
  let [rows, unsorted, doubles] = [0, 0, 0]
  let lastMs = Number.NEGATIVE_INFINITY
  const add = (at: number, size: number): void => {
    rows++
    if (at < lastMs) unsorted++
    else if (at === lastMs) doubles++
    lastMs = at
    if (pending > 0) {
      bytes[held - 1] = Math.min(bytes[held - 1] as number, size)
      pending = (pending + 1) % perHeld
      return
    }
    if (held === mostHeld) compact()
    if (held === atMs.length) {
      const room = Math.min(mostHeld, held * 2)
      ;[atMs, bytes] = [grown(atMs, room), grown(bytes, room)]
    }
    atMs[held] = at
    bytes[held++] = size
    pending = 1 % perHeld
  }
  const compact = (): void => {
    sortByTime()
    perHeld *= 2
    held = merge(2)
  }
  const sortByTime = (): void => {
    if (unsorted === 0) return
    const order = Array.from({ length: held }, (_, i) => i).sort(
      (a, b) => (atMs[a] as number) - (atMs[b] as number),
    )
    ;[atMs, bytes] = [atMs, bytes].map((values) => Float64Array.from(order, (i) => values[i] as number)) as [
      Float64Array<ArrayBuffer>,
      Float64Array<ArrayBuffer>,
    ]
  }
  const merge = (group: number): number => {
    const count = Math.ceil(held / group)
    for (let i = 0; i < count; i++) {
      const part = bytes.subarray(i * group, Math.min(held, (i + 1) * group))
      bytes[i] = part.reduce((lowest, one) => Math.min(lowest, one))
      atMs[i] = atMs[i * group] as number
    }
    return count
  }
  return {
    add,
    finish(): Gathered {
      sortByTime()
      const group = Math.ceil(held / mostPoints)
      const count = group > 1 ? merge(group) : held
      const points = Array.from({ length: count }, (_, i) => ({
        atMs: atMs[i] as number,
        bytes: bytes[i] as number,
        identity: null,
      }))
      return { points, rows, unsorted, doubles, rowsPerPoint: group * perHeld }
    },
  }
}

const grown = (values: Float64Array, room: number): Float64Array<ArrayBuffer> => {
  const next = new Float64Array(room)
  next.set(values)
  return next
}
