/** Beyond this many comparisons the middle is shown as replaced whole: a crontab has at most 10,000 lines. */
const mostComparisons = 4_000_000
const context = 3

interface Line {
  sign: ' ' | '-' | '+'
  text: string
}

/**
 * What changes in a file, as `diff -u` writes it; null is no file. Lines keep their control characters: whoever prints
 * them escapes them. Empty when nothing changes.
 */
export const unifiedDiff = (path: string, before: string | null, after: string | null): string[] => {
  if (before === after) return []
  const lines = editScript(linesOf(before), linesOf(after))
  return [
    `--- ${before === null ? '/dev/null' : path}`,
    `+++ ${after === null ? '/dev/null' : path}`,
    ...hunks(lines),
  ]
}

const noEnd = '\\ No newline at end of file'

/** Each without its line end; the last one says when it has none. */
const linesOf = (text: string | null): string[] => {
  const lines = (text ?? '').split('\n')
  const last = lines.pop() ?? ''
  return last === '' ? lines : [...lines, `${last}\n${noEnd}`]
}

/** The longest common lines stay; by a table, after what is equal at both ends is put aside. */
const editScript = (old: readonly string[], fresh: readonly string[]): Line[] => {
  let head = 0
  while (head < old.length && head < fresh.length && old[head] === fresh[head]) head++
  let tail = 0
  while (
    tail < old.length - head &&
    tail < fresh.length - head &&
    old[old.length - 1 - tail] === fresh[fresh.length - 1 - tail]
  )
    tail++
  const same = (text: string): Line => ({ sign: ' ', text })
  return [
    ...old.slice(0, head).map(same),
    ...middle(old.slice(head, old.length - tail), fresh.slice(head, fresh.length - tail)),
    ...old.slice(old.length - tail).map(same),
  ]
}

const middle = (old: readonly string[], fresh: readonly string[]): Line[] => {
  const removed = (text: string): Line => ({ sign: '-', text })
  const added = (text: string): Line => ({ sign: '+', text })
  if (old.length * fresh.length > mostComparisons) return [...old.map(removed), ...fresh.map(added)]
  const width = fresh.length + 1
  const common = new Uint16Array((old.length + 1) * width)
  for (let i = old.length - 1; i >= 0; i--)
    for (let j = fresh.length - 1; j >= 0; j--)
      common[i * width + j] =
        old[i] === fresh[j]
          ? (common[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(common[(i + 1) * width + j] ?? 0, common[i * width + j + 1] ?? 0)
  const lines: Line[] = []
  let [i, j] = [0, 0]
  while (i < old.length || j < fresh.length) {
    const [was, is] = [old[i], fresh[j]]
    if (was !== undefined && was === is) {
      lines.push({ sign: ' ', text: was })
      i++
      j++
    } else if (
      was !== undefined &&
      (is === undefined || (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0))
    ) {
      lines.push(removed(was))
      i++
    } else {
      lines.push(added(is ?? ''))
      j++
    }
  }
  return lines
}

const hunks = (lines: readonly Line[]): string[] => {
  const changed = lines.flatMap(({ sign }, index) => (sign === ' ' ? [] : [index]))
  const ranges: { from: number; to: number }[] = []
  for (const index of changed) {
    const last = ranges.at(-1)
    if (last !== undefined && index - context <= last.to)
      last.to = Math.min(lines.length, index + context + 1)
    else ranges.push({ from: Math.max(0, index - context), to: Math.min(lines.length, index + context + 1) })
  }
  return ranges.flatMap(({ from, to }) => {
    const part = lines.slice(from, to)
    const start = (sign: '-' | '+'): number => count(lines.slice(0, from), sign)
    return [
      `@@ -${range(start('-'), count(part, '-'))} +${range(start('+'), count(part, '+'))} @@`,
      ...part.flatMap(({ sign, text }) => `${sign}${text}`.split('\n')),
    ]
  })
}

const count = (lines: readonly Line[], sign: '-' | '+'): number =>
  lines.filter((line) => line.sign === ' ' || line.sign === sign).length

/** As diff: an empty range names the line before it. */
const range = (before: number, length: number): string =>
  length === 0 ? `${before},0` : length === 1 ? `${before + 1}` : `${before + 1},${length}`
