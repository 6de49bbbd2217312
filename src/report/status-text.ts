import type { Status } from '../core/finding.ts'
import { type JobState, wasInterrupted } from '../core/job.ts'
import { localStamp } from '../core/stamp.ts'
import { byStatus, type Observed } from '../core/transition.ts'
import { formatDuration } from '../core/units.ts'
import { type Ink, inkFor, styleOf } from './color.ts'
import { sentenceOn } from './sentence.ts'
import type { Glyphs, StatusReport } from './status-report.ts'
import { type Drawing, inOrderOfNeed, narrowBelow, serviceBlocks } from './status-services.ts'
import { ago, dueText, endText } from './status-words.ts'
import { type Cell, type Column, table } from './table.ts'
import { entryLines, lineCells, section, statusTag, type View } from './view.ts'
import { fitText, wrapText } from './width.ts'

const mostServices = 30
const mostProblems = 20

export interface StatusView extends View {
  glyphs: Glyphs
  /** Lines there are on the screen; null: as many as it takes. */
  rows: number | null
}

/** All services at a glance: what was seen when, each service, its problems, the jobs. No line is wider than `columns`. */
export const statusText = (report: StatusReport, view: StatusView): string => {
  const cells = lineCells(view.columns)
  const ink = inkFor(view.color)
  const drawing: Drawing = { nowMs: report.nowMs, cells, ink, glyphs: view.glyphs }
  const head = headline(report, cells, ink)
  const most = view.verbose ? Number.POSITIVE_INFINITY : mostProblems
  const problems = section('Problems', problemLines(report, cells, most, ink), ink)
  const jobs = section('Jobs', jobLines(report, cells, ink), ink)
  // On a screen the services come first, but a quarter of it is for what is wrong.
  const kept = view.rows === null ? 0 : Math.min(problems.length, Math.floor(view.rows / 4))
  const room = view.rows === null ? null : Math.max(4, view.rows - head.length - 2 - kept)
  const services = section('Services', serviceLines(report, drawing, view.verbose, room), ink)
  const lines = [...head, ...services, ...problems, ...jobs].slice(0, view.rows ?? undefined)
  return `${lines.join('\n')}\n`
}

const headline = (report: StatusReport, cells: number, ink: Ink): string[] => {
  const { status, hostname } = report
  const word = status.toUpperCase()
  const [first = '', ...more] = wrapText(`${word}  ${hostname}  ${summary(report)}`, cells)
  const painted = ink('bold', ink(styleOf(status) ?? 'green', word)) + first.slice(word.length)
  return [painted, ...more, ...seenLines(report, cells, ink)]
}

const summary = ({ services, seen, jobs }: StatusReport): string => {
  if (seen === null) return 'nothing is known'
  const overdue = jobs.filter(({ isOverdue }) => isOverdue).length
  const counted = (['critical', 'unknown', 'warning'] as const).flatMap((status) => {
    const count = services.filter((service) => service.status === status).length
    return count === 0 ? [] : [`${count} ${status}${status === 'warning' && count > 1 ? 's' : ''}`]
  })
  const of = services.length === 1 ? '1 service' : `${services.length} services`
  const said =
    counted.length === 0
      ? `${of}${services.length === 0 ? '' : ', all well'}`
      : `${of}: ${counted.join(', ')}`
  const host = seen.isOld || seen.host.status === 'ok' ? '' : `; host ${seen.host.status}`
  return `${said}${host}${overdue === 0 ? '' : `; ${overdue} ${overdue === 1 ? 'job' : 'jobs'} overdue`}`
}

/** Closer together they are hardly more than runs by hand. */
const leastRhythmMs = 10_000

const seenLines = ({ seen, trouble, nowMs }: StatusReport, cells: number, ink: Ink): string[] => {
  if (trouble !== null)
    return entryLines({ status: 'unknown', head: '', text: trouble.what, mend: trouble.mend }, cells, ink)
  if (seen === null) return []
  const { host, isOld, everyMs } = seen
  const every =
    everyMs === null || everyMs < leastRhythmMs ? '' : `; a check every ${formatDuration(everyMs / 1000)}`
  const text = `seen ${localStamp(host.atMs)}, ${ago(host.atMs, nowMs)}${every}`
  if (!isOld) return wrapText(text, cells).map((line) => ink('dim', line))
  const mend = 'see that check still runs, as this user: `oratio-health doctor`'
  return entryLines(
    { status: 'unknown', head: '', text: `last ${text}: too old to tell how it is now`, mend },
    cells,
    ink,
  )
}

const serviceLines = (
  { services, seen }: StatusReport,
  drawing: Drawing,
  verbose: boolean,
  room: number | null,
): string[] => {
  const { cells, ink } = drawing
  if (services.length === 0) return seen === null ? [] : ['  none in the last check']
  const sorted = inOrderOfNeed(services)
  const most = room === null ? mostServices : Number.POSITIVE_INFINITY
  const wanted =
    verbose && room === null ? sorted : sorted.filter(({ status }, i) => i < most || status !== 'ok')
  const { titles, blocks } = serviceBlocks(wanted, drawing)
  // Services further down than the screen are counted, not cut in two.
  const lines = [...titles]
  let shown = 0
  for (const block of blocks) {
    const isLast = shown === services.length - 1
    if (room !== null && lines.length + block.length > room - (isLast ? 0 : 1)) break
    lines.push(...(cells < narrowBelow && shown > 0 && room === null ? ['', ...block] : block))
    shown++
  }
  const hidden = services.length - shown
  if (hidden === 0) return lines
  const allWell = sorted.slice(shown).every(({ status }) => status === 'ok')
  const how = room === null ? '; -v shows them' : ''
  return [...lines, ink('dim', fitText(`  … and ${hidden} more${allWell ? ', all well' : ''}${how}`, cells))]
}

const problemLines = (report: StatusReport, cells: number, most: number, ink: Ink): string[] => {
  const problems = problemsOf(report)
  const shown = problems.slice(0, most)
  const hidden = problems.length - shown.length
  return [
    ...shown.flatMap((problem) => {
      const { subject, fact, mend } = sentenceOn(problem)
      return entryLines({ status: problem.finding.status, head: subject, text: fact, mend }, cells, ink)
    }),
    ...(hidden === 0 ? [] : [ink('dim', `  … and ${hidden} more`)]),
  ]
}

/** As they were when they were seen last; of what is old they say nothing of now. */
const problemsOf = ({ seen, services }: StatusReport): Observed[] =>
  [
    ...(seen === null || seen.isOld ? [] : seen.host.findings.map((finding) => ({ service: null, finding }))),
    ...services.flatMap((service) =>
      service.isOld
        ? []
        : service.seen.findings.map((finding) => ({ service: service.seen.facts.name, finding })),
    ),
  ].sort((a, b) => byStatus(a.finding.status, b.finding.status))

const jobColumns: readonly Column[] = [
  { title: 'job', align: 'left', rank: 0 },
  { title: 'last run', align: 'left', rank: 0 },
  { title: 'ended', align: 'left', rank: 2 },
  // One that is overdue has a mark besides.
  { title: 'next', align: 'left', rank: 1 },
]

const jobLines = ({ jobs, nowMs }: StatusReport, cells: number, ink: Ink): string[] => {
  const rows = jobs.map((job): Cell[] => [
    { text: job.command },
    { text: job.lastRunAtMs === null ? 'none recorded' : ago(job.lastRunAtMs, nowMs) },
    { text: endText(job), style: endedBadly(job) ? 'yellow' : null },
    { text: dueText(job, nowMs), style: job.isOverdue ? 'yellow' : null },
  ])
  return jobs.length === 0
    ? []
    : table(jobColumns, rows, cells - 2, ink).map(
        (line, i) => (jobs[i - 1]?.isOverdue ? `${ink('yellow', '!')} ` : '  ') + line,
      )
}

/** It did not do its job: killed, or not even begun for want of a config or a right. */
const endedBadly = ({ lastRunAtMs, isRunning, exitCode }: JobState): boolean =>
  lastRunAtMs !== null && !isRunning && (exitCode === null || (exitCode >= 64 && !wasInterrupted(exitCode)))

/** For stderr when nobody is watching: what is not well, a line each. */
export const statusProblems = (report: StatusReport): string[] => {
  if (report.trouble !== null)
    return [`${statusTag('unknown')} ${report.trouble.what} — ${report.trouble.mend}`]
  if (report.seen?.isOld)
    return [`${statusTag('unknown')} the last check was ${ago(report.seen.host.atMs, report.nowMs)}`]
  return problemsOf(report)
    .slice(0, mostProblems)
    .map((problem) => {
      const { subject, fact } = sentenceOn(problem)
      return `${statusTag(problem.finding.status as Status)} ${subject}: ${fact}`
    })
}
