const blockBytes = 3
const tableSize = 1 << 15

/**
 * Finds any of many words in bytes, however many words there are, by the method of Wu and Manber (A fast algorithm for
 * multi-pattern searching, 1994): most bytes are leapt over, since the last three of a window tell how far away a word can
 * begin. A log is read twice as fast with it as with a table of states (docs/performance.md).
 *
 * @param words of 7-bit characters; the shortest one decides how far a leap is, so none should be below 7
 * @returns where a word begins, at or after `from`; -1 when there is none
 */
export const makeWordScan = (words: readonly string[]): ((bytes: Uint8Array, from: number) => number) => {
  const window = Math.min(...words.map(({ length }) => length))
  const patterns = words.map((word) => Uint8Array.from(word, (c) => c.charCodeAt(0)))
  const farthest = window - blockBytes + 1
  const leaps = new Uint8Array(tableSize).fill(farthest)
  /** By the block at the end of the window: the words that have it there. */
  const endings = new Map<number, Uint8Array[]>()
  for (const pattern of patterns) {
    for (let at = blockBytes - 1; at < window; at++) {
      const block = blockAt(pattern, at)
      leaps[block] = Math.min(leaps[block] as number, window - 1 - at)
    }
    const last = blockAt(pattern, window - 1)
    endings.set(last, [...(endings.get(last) ?? []), pattern])
  }
  return (bytes, from) => {
    for (let at = from + window - 1; at < bytes.length; ) {
      const block = blockAt(bytes, at)
      const leap = leaps[block] as number
      if (leap === 0) {
        const start = at - window + 1
        if (endings.get(block)?.some((pattern) => isAt(bytes, start, pattern))) return start
        at++
      } else at += leap
    }
    return -1
  }
}

/** The three bytes up to `at`, in 15 bits. */
const blockAt = (bytes: Uint8Array, at: number): number =>
  (((bytes[at - 2] as number) << 10) ^ ((bytes[at - 1] as number) << 5) ^ (bytes[at] as number)) &
  (tableSize - 1)

const isAt = (bytes: Uint8Array, start: number, pattern: Uint8Array): boolean => {
  for (let i = 0; i < pattern.length; i++) if (bytes[start + i] !== pattern[i]) return false
  return true
}
