import type { Status } from '../core/finding.ts'
import { byStatus } from '../core/transition.ts'
import { bar } from './bar.ts'
import { type Ink, inkFor, styleOf } from './color.ts'
import { sparkline } from './sparkline.ts'
import type { Glyphs, ServiceStatus } from './status-report.ts'
import {
  actionText,
  ago,
  growthText,
  isGrowing,
  leftText,
  limitText,
  percentText,
  usedPercent,
  usedText,
} from './status-words.ts'
import { type Cell, type Column, table } from './table.ts'
import { statusTag } from './view.ts'
import { fitMiddle, fitText, padText, textWidth } from './width.ts'

export interface Drawing {
  nowMs: number
  cells: number
  ink: Ink
  glyphs: Glyphs
}

/** Below this many columns a service is a few lines instead of a row. */
export const narrowBelow = 72

const dayMs = 86_400_000

/** The worst first, then what hits its limit soonest, then the largest. */
export const inOrderOfNeed = (services: readonly ServiceStatus[]): ServiceStatus[] =>
  [...services].sort(
    (a, b) => byStatus(a.status, b.status) || secondsLeft(a) - secondsLeft(b) || used(b) - used(a),
  )

const secondsLeft = (service: ServiceStatus): number =>
  (isGrowing(service) ? service.verdict?.secondsToLimit?.best : null) ?? Number.MAX_VALUE

const used = ({ seen: { facts } }: ServiceStatus): number =>
  facts.memory.kind === 'value' ? facts.memory.value.usedBytes : -1

/** The lines of each service; on a wide terminal the titles come before the first. */
export const serviceBlocks = (
  services: readonly ServiceStatus[],
  drawing: Drawing,
): { titles: string[]; blocks: string[][] } =>
  drawing.cells < narrowBelow
    ? { titles: [], blocks: services.map((service) => card(service, drawing)) }
    : rows(services, drawing)

interface Field {
  column: Column
  cell(service: ServiceStatus): Cell
  /** Where it tells something; without it, always. */
  matters?(service: ServiceStatus): boolean
}

/** What tells nothing of any service (all run, none has a limit) has no column. */
const rows = (
  services: readonly ServiceStatus[],
  drawing: Drawing,
): { titles: string[]; blocks: string[][] } => {
  const { cells, ink } = drawing
  const fields = fieldsOf(drawing, !services.every(isRunning)).filter(
    ({ matters }) => matters === undefined || services.some(matters),
  )
  const [titles = '', ...lines] = table(
    fields.map(({ column }) => column),
    services.map((service) => fields.map(({ cell }) => cell(service))),
    cells - 2,
    ink,
  )
  return {
    titles: [`  ${titles}`],
    blocks: services.map((service, i) => [
      statusMark(service.status, ink) + (lines[i] ?? ''),
      ...below(service, drawing),
    ]),
  }
}

const fieldsOf = ({ nowMs, cells, glyphs }: Drawing, tellsStates: boolean): Field[] => {
  const isTight = cells < 100
  const sparkCells = isTight ? (tellsStates ? 8 : 12) : cells < 130 ? 24 : 32
  return [
    {
      column: { title: 'name', align: 'left', rank: 0, shrinksTo: { first: isTight ? 14 : 16, last: 8 } },
      cell: ({ seen, status }) => ({ text: seen.facts.name, style: styleOf(status) }),
    },
    {
      column: { title: 'state', align: 'left', rank: 7 },
      cell: (service) => ({
        text: service.seen.facts.state,
        style: isRunning(service) ? null : styleOf(service.status),
      }),
      matters: (service) => !isRunning(service),
    },
    {
      column: { title: 'memory', align: 'right', rank: 0 },
      cell: (service) => ({ text: usedText(service) }),
    },
    {
      column: { title: 'limit', align: 'right', rank: 3 },
      cell: (service) => ({ text: limitText(service) }),
      matters: hasLimit,
    },
    {
      column: { title: 'of limit', align: 'left', rank: 9 },
      cell: (service) => limitCell(service, isTight ? 4 : 10),
      matters: hasLimit,
    },
    {
      column: { title: tellsStates && isTight ? '24 h' : 'last 24 h', align: 'left', rank: 8 },
      cell: (service) => ({ text: sparkOf(service, nowMs, sparkCells, glyphs) }),
    },
    {
      column: { title: 'growth', align: 'right', rank: 6 },
      cell: (service) => ({ text: growthText(service), style: isGrowing(service) ? 'yellow' : null }),
    },
    {
      column: { title: 'to limit', align: 'right', rank: 5 },
      cell: (service) => ({ text: leftText(service), style: isGrowing(service) ? 'yellow' : null }),
      matters: isGrowing,
    },
    {
      column: { title: 'restarts', align: 'right', rank: 4 },
      cell: ({ restartsToday }) => ({ text: restartsToday === 0 ? '0' : `${restartsToday} today` }),
    },
    {
      column: { title: 'last action', align: 'left', rank: 2 },
      cell: (service) => ({ text: actionText(service, nowMs) }),
    },
  ]
}

const isRunning = ({ seen }: ServiceStatus): boolean => seen.facts.state === 'running'

const hasLimit = (service: ServiceStatus): boolean => usedPercent(service) !== null

const limitCell = (service: ServiceStatus, barCells: number): Cell => {
  const percent = usedPercent(service)
  return percent === null
    ? { text: '–' }
    : { text: `${plainBar(percent, barCells)} ${percentText(percent)}`, style: styleOf(service.status) }
}

const plain = inkFor(false)

const plainBar = (percent: number, barCells: number): string => bar(percent, barCells, null, plain)

const sparkOf = ({ points }: ServiceStatus, nowMs: number, cells: number, glyphs: Glyphs): string =>
  sparkline(
    points.map(({ atMs, meanBytes }) => ({ atMs, bytes: meanBytes })),
    { fromMs: nowMs - dayMs, toMs: nowMs },
    cells,
    glyphs,
  )

/** What else is to be said of a service: that its record is old, and who in it grows. */
const below = (service: ServiceStatus, { nowMs, cells, ink }: Drawing): string[] => [
  ...(service.isOld
    ? [
        ink(
          'cyan',
          fitText(`  last seen ${ago(service.seen.atMs, nowMs)}, then ${service.seen.status}`, cells),
        ),
      ]
    : []),
  ...(service.culprit !== null && isGrowing(service)
    ? [ink('dim', `  ${fitText(service.culprit, cells - 2 - culpritMark.length)}${culpritMark}`)]
    : []),
]

const culpritMark = ' ← culprit'

/** Tells without colour which are not well. */
const statusMark = (status: Status, ink: Ink): string => {
  const style = styleOf(status)
  return style === null ? '  ' : `${ink(style, status === 'unknown' ? '?' : '!')} `
}

const card = (service: ServiceStatus, drawing: Drawing): string[] => {
  const { nowMs, cells, ink, glyphs } = drawing
  const { facts } = service.seen
  const style = styleOf(service.status)
  const tag = statusTag(service.status).trim()
  const state = `${facts.state}  ${tag}`
  const name = fitMiddle(facts.name, cells - 4 - textWidth(state))
  const percent = usedPercent(service)
  const spark = sparkOf(service, nowMs, cells - 9, glyphs)
  const isMeasured = facts.memory.kind === 'value'
  const limit = percent === null ? 'no limit' : `of ${limitText(service)}`
  const lines = [
    ...(isMeasured
      ? [`${usedText(service)} ${limit}${percent === null ? '' : `  ${percentText(percent)}`}`]
      : []),
    ...(percent === null ? [] : [plainBar(percent, cells - 4)]),
    ...(spark === '' ? [] : [`${spark}  24 h`]),
    ...(isMeasured ? [growthLine(service)] : []),
    ...(service.restartsToday > 0 || service.lastAction !== null
      ? [`restarts today ${service.restartsToday}; ${actionText(service, nowMs)}`]
      : []),
  ]
  const inked = (line: string): string => (style === null ? line : ink(style, line))
  return [
    `${statusMark(service.status, ink)}${inked(padText(name, cells - 4 - textWidth(state)))}  ${inked(state)}`.trimEnd(),
    ...lines.map((line) => `  ${fitText(line, cells - 2)}`),
    ...below(service, drawing),
  ]
}

const growthLine = (service: ServiceStatus): string => {
  const growth = growthText(service)
  if (isGrowing(service)) {
    const left = leftText(service)
    return `grows by ${growth}${left === '–' ? '' : `, limit in ${left}`}`
  }
  return growth === '–'
    ? 'growth not known'
    : growth === 'stable'
      ? 'stable'
      : 'growth not known yet: too short'
}
