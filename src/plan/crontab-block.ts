import { checksum } from '../core/checksum.ts'

const endMark = '# <<< oratio-health install <<<'
const isBegin = (line: string): boolean => /^# >>> oratio-health install\b.*>>>$/.test(line)
const isEnd = (line: string): boolean => line === endMark
const bare = (line: string): string => line.replace(/\r?\n?$/, '')

const beginMark = (lines: readonly string[]): string =>
  `# >>> oratio-health install (sum ${checksum(lines.join('\n'))}): no changes here, \`oratio-health uninstall\` takes it away >>>`

export interface BlockEdit {
  /** Of the whole crontab; all lines that are not ours are as they were, to the byte. */
  text: string
  /** What a person should know. */
  notes: string[]
}

export interface BlockRefusal {
  refusal: string
  mend: string
}

interface Block {
  /** Indexes of lines: of its first mark, and behind its last. */
  from: number
  to: number
  /** Between the marks, without line ends. */
  body: string[]
  isEdited: boolean
}

/**
 * A user's crontab with these lines as our block, which is where it was, or at the end. A block that was changed by
 * hand is only replaced by force; lines of others that stand in it stay, below it.
 */
export const withBlock = (
  text: string | null,
  lines: readonly string[],
  force: boolean,
): BlockEdit | BlockRefusal => {
  const all = linesOf(text ?? '')
  const blocks = blocksOf(all)
  if ('refusal' in blocks) return blocks
  const edited = blocks.find((block) => block.isEdited)
  if (edited !== undefined && !force)
    return {
      refusal: `lines ${edited.from + 1} to ${edited.to} of the crontab are of oratio-health and were changed by hand`,
      mend: 'move what is yours out of the marks, or have it written anew: --force (--dry-run shows the difference)',
    }
  const fresh = [beginMark(lines), ...lines, endMark].map((line) => `${line}\n`)
  const [first] = blocks
  const { kept, notes } = without(all, blocks)
  const before = first === undefined ? kept.length : first.from
  // A last line without an end would swallow our first one, and Debian's cron ignores such a crontab.
  const last = kept[before - 1]
  if (last !== undefined && !last.endsWith('\n')) {
    kept[before - 1] = `${last}\n`
    notes.push('the crontab did not end with a line end, so cron ignored it; it does now')
  }
  if (all.some((line) => line.endsWith('\r\n')))
    notes.push('lines of the crontab end in CR LF, and cron hands the CR to their commands; they stay so')
  return { text: [...kept.slice(0, before), ...fresh, ...kept.slice(before)].join(''), notes }
}

/** The crontab without our block; null: there is none in it. */
export const withoutBlock = (text: string): BlockEdit | BlockRefusal | null => {
  const all = linesOf(text)
  const blocks = blocksOf(all)
  if ('refusal' in blocks) return blocks
  if (blocks.length === 0) return null
  const { kept, notes } = without(all, blocks)
  return { text: kept.join(''), notes }
}

/** Whether a line of it is one of our marks, also where it is not known to the byte: Debian's `crontab -l` shows a CR as two characters. */
export const hasMark = (text: string): boolean =>
  linesOf(text)
    .map((line) => bare(line).replace(/\\r$/, ''))
    .some((line) => isBegin(line) || isEnd(line))

/** The lines of our block, the first where there are several; null without one. */
export const blockLines = (text: string): string[] | null => {
  const blocks = blocksOf(linesOf(text))
  return 'refusal' in blocks ? null : (blocks[0]?.body ?? null)
}

const without = (all: readonly string[], blocks: readonly Block[]): { kept: string[]; notes: string[] } => {
  const notes: string[] = []
  if (blocks.length > 1) notes.push(`the crontab had ${blocks.length} blocks of oratio-health; one is enough`)
  const kept: string[] = []
  let at = 0
  for (const { from, to, body, isEdited } of blocks) {
    kept.push(...all.slice(at, from))
    // Only where somebody has changed it can there be anything of others.
    const foreign = isEdited ? body.filter(isForeign) : []
    kept.push(...foreign.map((line) => `${line}\n`))
    if (foreign.length > 0)
      notes.push(`${foreign.length} lines of others stood in the block of oratio-health; they stay`)
    else if (isEdited) notes.push('the block of oratio-health had been changed by hand')
    at = to
  }
  return { kept: [...kept, ...all.slice(at)], notes }
}

const isForeign = (line: string): boolean => line.trim() !== '' && !line.includes('oratio-health')

/** With their ends; the last may have none. */
const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? []

const blocksOf = (all: readonly string[]): Block[] | BlockRefusal => {
  const blocks: Block[] = []
  let from: number | null = null
  for (const [index, line] of all.entries()) {
    const plain = bare(line)
    if (isBegin(plain)) {
      if (from !== null) return unclosed(from)
      from = index
    } else if (isEnd(plain)) {
      if (from === null)
        return {
          refusal: `line ${index + 1} of the crontab ends a block of oratio-health that no line begins`,
          mend: 'take that line out, and what is left of the block above it: crontab -e',
        }
      blocks.push(blockOf(all, from, index + 1))
      from = null
    }
  }
  return from === null ? blocks : unclosed(from)
}

const unclosed = (from: number): BlockRefusal => ({
  refusal: `line ${from + 1} of the crontab begins a block of oratio-health that no line ends`,
  mend: 'take that line out, and what is left of the block below it: crontab -e',
})

const blockOf = (all: readonly string[], from: number, to: number): Block => {
  const body = all.slice(from + 1, to - 1).map(bare)
  const sum = /\(sum ([0-9a-f]{8})\)/.exec(all[from] ?? '')?.[1]
  return { from, to, body, isEdited: checksum(body.join('\n')) !== sum }
}
