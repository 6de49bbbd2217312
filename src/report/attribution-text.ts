import type { Attribution, Culprit, MemoryKind, PartGrowth } from '../core/composition.ts'
import { clip } from '../core/escape.ts'
import { localStamp } from '../core/stamp.ts'
import { formatBytes, formatDuration } from '../core/units.ts'
import type { Ink } from './color.ts'
import { type Cell, type Column, table } from './table.ts'
import { fitMiddle } from './width.ts'

const kindWords: Record<MemoryKind, string> = {
  anonymous: 'anonymous memory',
  shared: 'shared memory, tmpfs',
  file: 'page cache',
  kernel: 'kernel memory',
  sockets: 'socket buffers',
}

const columns: readonly Column[] = [
  { title: '', align: 'left', rank: 0, shrinksTo: { first: 20, last: 10 } },
  { title: 'then', align: 'right', rank: 1 },
  { title: 'now', align: 'right', rank: 2 },
  { title: 'growth', align: 'right', rank: 0 },
  { title: '', align: 'left', rank: 0 },
]

const mark = '← culprit'

/** What grew in a service, as a table with the culprit marked; `nowMs`: when it was looked at. */
export const attributionLines = (
  service: string,
  attribution: Attribution,
  nowMs: number,
  cells: number,
  ink: Ink,
): string[] => {
  const { sinceMs, culprit } = attribution
  const over = formatDuration(Math.max(0, (nowMs - sinceMs) / 1000))
  const head = `${fitMiddle(service, 30)}, in ${over} since ${localStamp(sinceMs).slice(0, 16)}`
  const rows = table(columns, rowsOf(attribution, culprit), cells - 2, ink)
  const unread = attribution.unread === 0 ? [] : [`processes that could not be read: ${attribution.unread}`]
  return [head, ...[...rows, ...unread].map((line) => `  ${line}`)]
}

const rowsOf = (attribution: Attribution, culprit: Culprit | null): Cell[][] => {
  const { kinds, processes, names, openFiles, threads } = attribution
  const parts = culprit?.of === 'name' ? names : processes
  return [
    ...parts
      .filter((one, i) => i < 3 && one.nowBytes > one.thenBytes)
      .map((one) => partRow(one, isCulprit(one, culprit))),
    ...kinds.flatMap(({ kind, thenBytes, nowBytes }) => {
      if (thenBytes === 0 && nowBytes === 0) return []
      const isMarked = kind !== 'file' && culprit !== null && culprit.kind === kind
      return [
        row(
          kindWords[kind],
          formatBytes(thenBytes),
          formatBytes(nowBytes),
          gain(nowBytes - thenBytes),
          isMarked,
        ),
      ]
    }),
    ...count('open files', openFiles),
    ...count('threads', threads),
  ]
}

const isCulprit = ({ name, pid }: PartGrowth, culprit: Culprit | null): boolean =>
  culprit !== null && culprit.of !== 'kind' && culprit.name === name && culprit.pid === pid

const partRow = (one: PartGrowth, isMarked: boolean): Cell[] => {
  const many = one.pid === null
  const size = (processes: number, bytes: number): string =>
    many ? `${processes}×, ${formatBytes(bytes)}` : formatBytes(bytes)
  return row(
    many ? one.name : `${one.name} (${one.pid})`,
    one.thenProcesses === null ? '?' : one.thenProcesses === 0 ? '–' : size(one.thenProcesses, one.thenBytes),
    size(one.nowProcesses, one.nowBytes),
    gain(one.nowBytes - one.thenBytes),
    isMarked,
  )
}

const row = (name: string, then: string, now: string, growth: string, isMarked: boolean): Cell[] => [
  { text: name, style: isMarked ? 'red' : null },
  { text: then },
  { text: now },
  { text: growth },
  { text: isMarked ? mark : '', style: 'red' },
]

const count = (name: string, growth: { before: number; now: number } | null): Cell[][] =>
  growth === null || growth.now <= growth.before
    ? []
    : [row(name, String(growth.before), String(growth.now), `+${growth.now - growth.before}`, false)]

const gain = (bytes: number): string => `${bytes >= 0 ? '+' : ''}${formatBytes(bytes)}`

/** The culprit in a few words: `python3 app.py (412), +1.2 GiB of anonymous memory`; null: nobody makes most of it. */
export const culpritWords = ({ culprit, names }: Attribution): string | null => {
  if (culprit === null) return null
  const grew = gain(culprit.gainBytes)
  if (culprit.of === 'kind')
    return `${kindWords[culprit.kind]}, ${grew}, of ${culprit.kind === 'anonymous' ? 'many processes' : 'no process'}`
  const of = culprit.kind === null ? '' : ` of ${kindWords[culprit.kind]}`
  if (culprit.of === 'process') return `${clip(culprit.name, 60)} (${culprit.pid}), ${grew}${of}`
  const all = names.find(({ name }) => name === culprit.name)
  const many = all === undefined ? '' : `, ${all.thenProcesses ?? '?'} → ${all.nowProcesses} processes`
  return `${clip(culprit.name, 60)}${many}, ${grew}${of}`
}
