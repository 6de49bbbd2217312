import type { AcceptanceWindow, Criterion, CriterionName, Mark } from '../core/acceptance.ts'
import { clip } from '../core/escape.ts'
import { localStamp } from '../core/stamp.ts'
import { formatBytes, formatDuration, formatRate } from '../core/units.ts'
import { inkFor, type Style } from './color.ts'
import { type Cell, type Column, table } from './table.ts'
import { lineCells, type View } from './view.ts'
import { fitMiddle, wrapText } from './width.ts'

export interface VerifiedService {
  name: string
  /** Null: its records could not be read. */
  window: AcceptanceWindow | null
  samples: number
  criteria: readonly Criterion[]
  /** The same over as long a time before the mark; null: none, or nothing was recorded. */
  before: readonly Criterion[] | null
  error: string | null
}

const labels: Record<CriterionName, string> = {
  'max-memory': 'memory',
  'max-growth': 'growth',
  'max-swap': 'swap',
  'max-cpu': 'CPU',
  'min-uptime': 'uptime',
  'max-processes': 'processes',
}

const figure = (name: CriterionName, value: number | null): string => {
  if (value === null) return '-'
  if (name === 'max-memory' || name === 'max-swap') return formatBytes(value)
  if (name === 'max-growth') return formatRate(value)
  if (name === 'max-cpu') return `${value.toFixed(1)}%`
  return name === 'min-uptime' ? formatDuration(value) : String(value)
}

const words = { pass: 'pass', fail: 'FAIL', insufficient: '?' } as const
const styles: Record<Criterion['result'], Style> = { pass: 'green', fail: 'red', insufficient: 'cyan' }

/** A table of each service, with what stands behind what is not passed. */
export const verifyText = (services: readonly VerifiedService[], mark: Mark | null, view: View): string => {
  const ink = inkFor(view.color)
  const cells = lineCells(view.columns)
  const blocks = services.map((service) => {
    const verdict = verdictOf(service)
    const head = `${verdict.word}  ${fitMiddle(service.name, 40)}${windowText(service)}`
    const [first = '', ...more] = wrapText(head, cells)
    const lines = [ink('bold', ink(verdict.style, verdict.word)) + first.slice(verdict.word.length), ...more]
    if (service.criteria.length > 0) {
      const rows = table(
        columnsOf(service),
        service.criteria.map((one) => rowOf(one, service)),
        cells - 2,
        ink,
      )
      lines.push('', ...rows.map((row) => `  ${row}`))
    }
    const said = reasonsOf(service).flatMap((reason) =>
      wrapText(reason, cells - 2).map((part, i) => (i === 0 ? `  ${part}` : `    ${part}`)),
    )
    if (said.length > 0) lines.push('', ...said)
    return lines.join('\n')
  })
  const marked = mark === null ? '' : `${markText(mark, cells)}\n\n`
  return `${marked}${blocks.join('\n\n')}\n`
}

/** One line for each that is not passed, for stderr. */
export const verifyProblems = (services: readonly VerifiedService[]): string[] =>
  services.flatMap((service) => {
    const name = fitMiddle(service.name, 80)
    if (service.error !== null) return [`UNKN ${name}: ${service.error}`]
    return service.criteria
      .filter(({ result }) => result !== 'pass')
      .map((one) => `${one.result === 'fail' ? 'CRIT' : 'UNKN'} ${name}: ${sentenceOf(one)}`)
  })

const markText = ({ atMs, text }: Mark, cells: number): string =>
  wrapText(`since the mark of ${localStamp(atMs)}${text === '' ? '' : `: ${clip(text, 200)}`}`, cells).join(
    '\n',
  )

const verdictOf = ({ criteria, error }: VerifiedService): { word: string; style: Style } => {
  if (criteria.some(({ result }) => result === 'fail')) return { word: 'FAIL', style: 'red' }
  return error !== null || criteria.some(({ result }) => result === 'insufficient')
    ? { word: 'INSUFFICIENT', style: 'cyan' }
    : { word: 'PASS', style: 'green' }
}

const windowText = ({ window, samples, error }: VerifiedService): string => {
  if (window === null) return `: ${error}`
  const lasted = formatDuration((window.toMs - window.fromMs) / 1000)
  const of = window.expected === null ? '' : ` of ${window.expected}`
  return `: ${lasted} from ${localStamp(window.fromMs)}, ${samples}${of} ${(window.expected ?? samples) === 1 ? 'sample' : 'samples'}`
}

const columnsOf = ({ before }: VerifiedService): Column[] => [
  { title: '', align: 'left', rank: 0 },
  ...(before === null ? [] : [{ title: 'before', align: 'right', rank: 1 } as const]),
  { title: 'measured', align: 'right', rank: 0 },
  { title: 'bound', align: 'right', rank: 0 },
  { title: 'result', align: 'left', rank: 0 },
]

const rowOf = (one: Criterion, { before }: VerifiedService): Cell[] => [
  { text: labels[one.name] },
  ...(before === null
    ? []
    : [{ text: figure(one.name, before.find(({ name }) => name === one.name)?.measured ?? null) }]),
  { text: figure(one.name, one.measured) },
  { text: `${one.name === 'min-uptime' ? '≥' : '≤'} ${figure(one.name, one.bound)}` },
  { text: words[one.result], style: styles[one.result] },
]

/** What is the same of several is said once. */
const reasonsOf = ({ criteria }: VerifiedService): string[] => {
  const said = new Map<string, string[]>()
  for (const one of criteria.filter(({ result }) => result !== 'pass')) {
    const why = whyOf(one)
    said.set(why, [...(said.get(why) ?? []), labels[one.name]])
  }
  return [...said].map(([why, names]) => `${names.join(', ')}: ${why}`)
}

const sentenceOf = (one: Criterion): string => `${labels[one.name]}: ${whyOf(one)}`

const whyOf = ({ name, measured, range, bound, reason, result }: Criterion): string => {
  const said = `${figure(name, measured)}, ${name === 'min-uptime' ? 'asked for' : 'allowed'} ${figure(name, bound)}`
  const between =
    range === null ? '' : ` (between ${figure(name, range.low)} and ${figure(name, range.high)})`
  if (reason === null) return result === 'fail' ? `${said}${between}` : said
  switch (reason.code) {
    case 'no-samples':
      return 'there is no sample of that time; see that check runs'
    case 'not-measured':
      return 'it could not be measured'
    case 'gaps':
      return `${figure(name, measured)} so far, but samples are missing: ${reason.had} of ${reason.expected}`
    case 'cpu-lost':
      return `${figure(name, measured)} at least: ${reason.times === 1 ? 'once' : `${reason.times} times`} a process had ended, and what it used is not counted; a unit or container of its own counts all (cgroup v2)`
    case 'restarted': {
      const times = reason.restarts === 1 ? 'a restart' : `${reason.restarts} restarts`
      return `${said}: ${times}, the last at ${localStamp(reason.atMs)}`
    }
    case 'too-young':
      return `up for ${formatDuration(reason.uptimeSeconds)} of ${figure(name, bound)}, without a restart; judge it later`
    case 'too-few':
      return `${reason.had === 1 ? '1 sample is' : `${reason.had} samples are`} too few for a rate, ${reason.needed} are needed`
    case 'uncertain':
      return `${said}${between}; a longer time tells`
  }
}
