import type { Status } from '../core/finding.ts'
import type { Reading } from '../core/reading.ts'
import type { Consumer, ServiceFacts, ServiceResult } from '../core/service.ts'
import { byStatus } from '../core/transition.ts'
import { formatBytes, formatDuration, formatRate } from '../core/units.ts'
import { type Ink, styleOf } from './color.ts'
import { formatValue } from './figure.ts'
import { type Cell, type Column, table } from './table.ts'

const mostServices = 30

const serviceColumns: readonly Column[] = [
  { title: 'name', align: 'left', rank: 0, shrinksTo: { first: 16, last: 8 } },
  { title: 'kind', align: 'left', rank: 2 },
  { title: 'state', align: 'left', rank: 7 },
  { title: 'memory', align: 'right', rank: 0 },
  { title: 'limit', align: 'right', rank: 6 },
  { title: 'used', align: 'right', rank: 9 },
  { title: 'procs', align: 'right', rank: 8 },
  { title: 'restarts', align: 'right', rank: 5 },
  { title: 'uptime', align: 'right', rank: 4 },
]

/** Only where a service grows. */
const growthColumns: readonly Column[] = [
  { title: 'growth', align: 'right', rank: 9 },
  { title: 'full in', align: 'right', rank: 10 },
]

const verboseColumns: readonly Column[] = [
  { title: 'leak', align: 'right', rank: 3 },
  { title: 'files', align: 'right', rank: 1 },
  { title: 'threads', align: 'right', rank: 1 },
  { title: 'oom', align: 'right', rank: 2 },
]

/** The services as a table, the worst first, then the largest. */
export const serviceLines = (
  services: readonly ServiceResult[],
  cells: number,
  verbose: boolean,
  ink: Ink,
): string[] => {
  const sorted = [...services].sort(
    (a, b) => byStatus(a.status, b.status) || usedBytes(b.facts) - usedBytes(a.facts),
  )
  const shown = verbose ? sorted : sorted.filter(({ status }, i) => i < mostServices || status !== 'ok')
  const growing = services.some(({ facts }) => grows(facts))
  const columns = [...serviceColumns, ...(growing ? growthColumns : []), ...(verbose ? verboseColumns : [])]
  const rows = shown.map((service) => [
    ...serviceRow(service),
    ...(growing ? growthCells(service.facts) : []),
    ...verboseCells(service.facts),
  ])
  const lines = table(columns, rows, cells - 2, ink).map(
    (line, i) => statusMark(shown[i - 1]?.status, ink) + line,
  )
  const hidden = services.length - shown.length
  return hidden === 0 ? lines : [...lines, ink('dim', `  … and ${hidden} more, all well; -v shows them`)]
}

const serviceRow = ({ facts, status }: ServiceResult): Cell[] => {
  const style = styleOf(status)
  const memory = facts.memory.kind === 'value' ? facts.memory.value : null
  const limit = memory?.limitBytes ?? null
  return [
    { text: facts.name, style },
    { text: facts.kind },
    { text: facts.state, style: facts.state === 'running' ? null : style },
    { text: shown(facts.memory, ({ usedBytes }) => formatBytes(usedBytes)) },
    {
      text: shown(facts.memory, ({ limitBytes }) => (limitBytes === null ? 'none' : formatBytes(limitBytes))),
    },
    {
      text:
        memory === null || limit === null ? '–' : formatValue((memory.usedBytes / limit) * 100, 'percent'),
    },
    { text: shown(facts.processes, String) },
    { text: shown(facts.restarts, String) },
    { text: shown(facts.uptimeSeconds, formatDuration) },
  ]
}

const grows = ({ growth }: ServiceFacts): boolean =>
  growth?.verdict === 'leak' || growth?.verdict === 'growing'

const growthCells = (facts: ServiceFacts): Cell[] => {
  const { growth } = facts
  if (growth === undefined || !grows(facts)) return [{ text: '–' }, { text: '–' }]
  const { bytesPerMinute, secondsToLimit } = growth
  return [
    { text: bytesPerMinute === null ? '?' : formatRate(bytesPerMinute) },
    { text: secondsToLimit === null ? '–' : formatDuration(secondsToLimit) },
  ]
}

const verboseCells = (facts: ServiceFacts): Cell[] => [
  { text: shown(facts.memory, ({ leakBytes }) => formatBytes(leakBytes)) },
  { text: shown(facts.openFiles, String) },
  { text: shown(facts.threads, String) },
  { text: shown(facts.oomKills, String) },
]

/** `–`: there is none; `?`: could not be measured. */
const shown = <T>(reading: Reading<T>, format: (value: T) => string): string => {
  if (reading.kind === 'value') return format(reading.value)
  return reading.kind === 'absent' ? '–' : '?'
}

/** Tells without colour which rows the problems are of; how bad they are is said above the table. */
const statusMark = (status: Status | undefined, ink: Ink): string => {
  const style = status === undefined ? null : styleOf(status)
  return style === null ? '  ' : `${ink(style, status === 'unknown' ? '?' : '!')} `
}

const usedBytes = ({ memory }: ServiceFacts): number =>
  memory.kind === 'value' ? memory.value.usedBytes : -1

/** Who uses the memory: single processes, or all processes of one name added up. */
export const consumerLines = (
  consumers: readonly Consumer[],
  of: 'process' | 'name',
  totalBytes: number | null,
  cells: number,
  ink: Ink,
): string[] => {
  if (consumers.length === 0) return []
  const hasSwap = consumers.some(({ swapBytes }) => swapBytes > 0)
  const columns: Column[] = [
    { title: 'name', align: 'left', rank: 0, shrinksTo: { first: 16, last: 8 } },
    { title: of === 'process' ? 'pid' : 'procs', align: 'right', rank: 1 },
    { title: 'memory', align: 'right', rank: 0 },
    ...(totalBytes === null ? [] : [{ title: 'of RAM', align: 'right', rank: 2 } as const]),
    ...(hasSwap ? [{ title: 'swap', align: 'right', rank: 1 } as const] : []),
  ]
  const rows = consumers.map(({ name, pid, processes, rssBytes, swapBytes }): Cell[] => [
    { text: name === '' ? '(no name)' : name },
    { text: of === 'process' ? String(pid ?? '–') : String(processes) },
    { text: formatBytes(rssBytes) },
    ...(totalBytes === null ? [] : [{ text: formatValue((rssBytes / totalBytes) * 100, 'percent') }]),
    ...(hasSwap ? [{ text: swapBytes > 0 ? formatBytes(swapBytes) : '–' }] : []),
  ])
  return table(columns, rows, cells - 2, ink).map((line) => `  ${line}`)
}
