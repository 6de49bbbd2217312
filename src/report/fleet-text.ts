import type { Status } from '../core/finding.ts'
import { type Fleet, type FleetHost, serviceCount } from '../core/fleet.ts'
import { localStamp } from '../core/stamp.ts'
import { byStatus } from '../core/transition.ts'
import { formatDuration } from '../core/units.ts'
import { type Ink, inkFor, styleOf } from './color.ts'
import {
  ageText,
  fleetSummary,
  leaksText,
  nextText,
  problemText,
  servicesText,
  staleMend,
  staleText,
  worstText,
} from './fleet-words.ts'
import { type Cell, type Column, table } from './table.ts'
import { entryLines, lineCells, section, statusTag, type View } from './view.ts'
import { fitMiddle, fitText, padText, textWidth, wrapText } from './width.ts'

const mostHosts = 30
const mostProblems = 20
const narrowBelow = 72

/** All hosts at a glance, the worst first. No line is wider than `columns`. */
export const fleetText = (fleet: Fleet, view: View): string => {
  const cells = lineCells(view.columns)
  const ink = inkFor(view.color)
  const { hosts } = fleet
  const most = view.verbose ? Number.POSITIVE_INFINITY : mostHosts
  // Of those that are well the first ones; all that are not.
  const shown = hosts.filter(({ status }, i) => i < most || status !== 'ok')
  const hidden = hosts.length - shown.length
  const lines = [
    ...headline(fleet, cells, ink),
    ...section(
      'Hosts',
      [
        ...(cells < narrowBelow
          ? cards(shown, fleet.nowMs, cells, ink)
          : rows(shown, fleet.nowMs, cells, ink)),
        ...(hidden === 0
          ? []
          : [ink('dim', fitText(`  … and ${hidden} more, all well; -v shows them`, cells))]),
      ],
      ink,
    ),
    ...section('Problems', problemLines(fleet, cells, view.verbose, ink), ink),
    ...(view.verbose ? section('Notes', noteLines(hosts, cells), ink) : []),
  ]
  return `${lines.join('\n')}\n`
}

const headline = (fleet: Fleet, cells: number, ink: Ink): string[] => {
  const word = fleet.status.toUpperCase()
  const [first = '', ...more] = wrapText(`${word}  ${fleetSummary(fleet)}`, cells)
  const twice = fleet.hosts.filter(({ notes }) => notes.length > 0).length
  const noted = twice === 0 ? '' : `; ${twice} with more than one file or one name: -v`
  const said = `at ${localStamp(fleet.nowMs)}; what is older than ${formatDuration(fleet.maxAgeMs / 1000)} counts as unknown${noted}`
  return [
    ink('bold', ink(styleOf(fleet.status) ?? 'green', word)) + first.slice(word.length),
    ...more,
    ...wrapText(said, cells).map((line) => ink('dim', line)),
  ]
}

const mark = (status: Status, ink: Ink): string => {
  const style = styleOf(status)
  return style === null ? '  ' : `${ink(style, status === 'unknown' ? '?' : '!')} `
}

const columns: readonly Column[] = [
  { title: 'host', align: 'left', rank: 0, shrinksTo: { first: 16, last: 10 } },
  { title: 'services', align: 'right', rank: 2 },
  { title: 'leaks', align: 'right', rank: 1 },
  { title: 'to limit', align: 'right', rank: 3 },
  { title: 'seen', align: 'right', rank: 4 },
  { title: 'worst', align: 'left', rank: 0, shrinksTo: { first: 24, last: 12 }, cutAt: 'end' },
]

const rows = (hosts: readonly FleetHost[], nowMs: number, cells: number, ink: Ink): string[] => {
  if (hosts.length === 0) return []
  const [titles = '', ...lines] = table(
    columns,
    hosts.map((host): Cell[] => {
      const style = styleOf(host.status)
      return [
        { text: host.name, style },
        { text: servicesText(host) },
        { text: leaksText(host), style: host.freshness === 'fresh' && host.leaks > 0 ? 'yellow' : null },
        { text: nextText(host), style: nextText(host) === '–' ? null : 'yellow' },
        { text: ageText(host, nowMs), style: host.freshness === 'fresh' ? null : style },
        // Longer than any terminal, and of a thousand hosts each is measured.
        { text: worstText(host, nowMs).slice(0, 200), style },
      ]
    }),
    cells - 2,
    ink,
  )
  return [`  ${titles}`, ...lines.map((line, i) => mark(hosts[i]?.status ?? 'unknown', ink) + line)]
}

const cards = (hosts: readonly FleetHost[], nowMs: number, cells: number, ink: Ink): string[] =>
  hosts.flatMap((host, i) => {
    const style = styleOf(host.status)
    const tag = statusTag(host.status).trim()
    const state = host.seen === null ? tag : `${ageText(host, nowMs)}  ${tag}`
    const name = padText(fitMiddle(host.name, cells - 4 - textWidth(state)), cells - 4 - textWidth(state))
    const inked = (text: string): string => (style === null ? text : ink(style, text))
    const all = serviceCount(host)
    const facts =
      host.freshness === 'fresh'
        ? [
            all === 0 ? 'no services' : `services ${servicesText(host)}`,
            ...(host.leaks === 0 ? [] : [`${host.leaks} ${host.leaks === 1 ? 'leaks' : 'leak'}`]),
            ...(host.next === null ? [] : [`limit in ${nextText(host)}`]),
          ].join(', ')
        : ''
    const worst = worstText(host, nowMs)
    return [
      ...(i === 0 ? [] : ['']),
      `${mark(host.status, ink)}${inked(name)}  ${inked(state)}`,
      ...[facts, worst].filter((line) => line !== '').map((line) => `  ${fitText(line, cells - 2)}`),
    ]
  })

interface Told {
  status: Status
  head: string
  text: string
  mend: string | null
}

const problemLines = (
  { hosts, troubles, nowMs }: Fleet,
  cells: number,
  verbose: boolean,
  ink: Ink,
): string[] => {
  const all: Told[] = [
    ...troubles.map((text): Told => ({ status: 'unknown', head: '', text, mend: null })),
    ...hosts
      .flatMap((host): Told[] => {
        const stale = staleText(host, nowMs)
        if (stale !== null)
          return [{ status: 'unknown', head: host.name, text: stale, mend: staleMend(host) }]
        return host.problems.map((problem) => ({
          ...{ status: problem.status, head: host.name, text: problemText(problem), mend: null },
        }))
      })
      .sort((a, b) => byStatus(a.status, b.status)),
  ]
  if (hosts.length === 0 && troubles.length === 0)
    all.push({
      ...{ status: 'unknown', head: '', text: 'these folders hold no host' },
      mend: 'each host is HOST.json of `check --json`, HOST.prom of `metrics`, or a folder HOST with these',
    })
  const shown = verbose ? all : all.slice(0, mostProblems)
  const hidden = all.length - shown.length + hosts.reduce((sum, { moreProblems }) => sum + moreProblems, 0)
  return [
    ...shown.flatMap((one) => entryLines(one, cells, ink)),
    ...(hidden === 0 ? [] : [ink('dim', `  … and ${hidden} more`)]),
  ]
}

const noteLines = (hosts: readonly FleetHost[], cells: number): string[] =>
  hosts.flatMap(({ name, notes }) =>
    notes.flatMap((note) => wrapText(`${name}: ${note}`, cells - 2).map((line) => `  ${line}`)),
  )
