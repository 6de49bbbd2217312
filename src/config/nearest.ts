/**
 * The name somebody most likely meant: case, `-` and `_` do not count, and of 3 letters one may be wrong.
 * Null when nothing is near enough.
 */
export const nearest = (wrong: string, names: readonly string[]): string | null => {
  const folded = fold(wrong)
  // Longer ones are no typing mistake of ours, and the table below grows with the square.
  if (folded.length > 60) return null
  let best: string | null = null
  let least = Math.max(1, Math.floor(folded.length / 3)) + 1
  for (const name of names) {
    const distance = editDistance(folded, fold(name))
    if (distance < least) {
      least = distance
      best = name
    }
  }
  return best
}

const fold = (name: string): string => name.toLowerCase().replaceAll(/[-_ ]/g, '')

/** Optimal string alignment: insertions, deletions, replacements and swaps of neighbours. */
const editDistance = (a: string, b: string): number => {
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let distance = Math.min(at(above, j) + 1, at(row, j - 1) + 1, at(above, j - 1) + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        distance = Math.min(distance, at(before, j - 2) + 1)
      row.push(distance)
    }
    before = above
    above = row
  }
  return at(above, b.length)
}

const at = (row: readonly number[], index: number): number => row[index] ?? 0
