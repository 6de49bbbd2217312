import type { CrashEvent } from '../core/crash-event.ts'
import { type CrashStory, leavesDoubt, type SourceOutcome } from '../core/crash-story.ts'
import { clip, escapeControl } from '../core/escape.ts'
import { localStamp } from '../core/stamp.ts'
import { formatBytes, formatDuration } from '../core/units.ts'
import { eventWords, kindWords, nextStep, reasonWords, timeWords } from './crash-words.ts'
import { wrapText } from './width.ts'

export interface CrashReport {
  hostname: string
  version: string
  story: CrashStory
  /** Up time, load, memory, swap, pressure and the biggest processes now; empty for given files alone. */
  hostNow: readonly string[]
  /** What this toolkit did in that time, by its own history. */
  ownActions: readonly string[]
}

const cells = 80
/** Nobody reads more; the document of --json has all. */
export const [shownEvents, shownKills, shownTasks] = [400, 20, 8] as const
/** With names and messages cut as they are it stays far below; this is the last word. */
const maxLength = 340_000

/** The investigation for a person: the summary first, 80 columns, at most 1 MB. Ends in a newline. */
export const crashText = (report: CrashReport): string => {
  const { story } = report
  const lines = [
    `Investigation of ${clip(report.hostname, 200)}, ${localStamp(story.untilMs)}`,
    `${spanWords(story)}by oratio-health ${report.version}`,
    '',
    ...summaryLines(story),
    ...part('SUSPECTS', suspectLines(story)),
    ...part('KILLS FOR MEMORY', killLines(story.events)),
    ...part('TIMELINE', timelineLines(story.events)),
    ...part(
      'WHAT ORATIO-HEALTH DID',
      report.ownActions.slice(-100).flatMap((line) => indented(escapeControl(line))),
    ),
    ...part(
      'THE HOST NOW',
      report.hostNow.flatMap((line) => indented(line)),
    ),
    ...part('SOURCES', story.sources.flatMap(sourceLines)),
  ]
  const text = `${lines.join('\n')}\n`
  return text.length <= maxLength
    ? text
    : `${text.slice(0, maxLength - 60)}\n[cut here: the report was too long]\n`
}

/** Of given logs in which nothing has a time, nobody knows of when they are. */
const spanWords = ({ sinceMs, untilMs }: CrashStory): string =>
  sinceMs >= untilMs ? '' : `from ${localStamp(sinceMs)} (${formatDuration((untilMs - sinceMs) / 1000)}), `

const part = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', title, ...lines]

/** `depth` in steps of two blanks; what does not fit goes on a step further in. */
const indented = (text: string, depth = 1): string[] =>
  wrapText(text, cells - 2 * (depth + 1)).map(
    (line, i) => ' '.repeat(2 * (i === 0 ? depth : depth + 1)) + line,
  )

/** `3 killed for memory, 1 kernel panic`, the gravest first. */
export const foundLine = ({ events, sources }: CrashStory): string => {
  const counts = new Map<CrashEvent['kind'], number>()
  for (const { kind } of events) if (kind !== 'boot') counts.set(kind, (counts.get(kind) ?? 0) + 1)
  const found = [...counts].map(([kind, count]) => `${count} × ${kindWords[kind]}`)
  return found.length === 0 ? whatNone(sources) : `Found: ${found.join(', ')}.`
}

/** What was found, who is most suspect, and whether all could be read. */
export const summaryLines = (story: CrashStory): string[] => {
  const { suspects, warnings, sources } = story
  const unread = sources.filter(({ missing }) => missing !== null).length
  const [first] = suspects
  return [
    ...wrapText(foundLine(story), cells),
    ...(first === undefined
      ? []
      : wrapText(
          `Most suspect: ${clip(first.name, 80)}: ${first.reasons.map(reasonWords).join(', ')}.`,
          cells,
        )),
    ...warnings.flatMap((warning) => wrapText(`Warning: ${escapeControl(warning)}.`, cells)),
    ...(unread === 0
      ? []
      : [`${unread} ${unread === 1 ? 'source' : 'sources'} could not be read: see SOURCES.`]),
  ]
}

const suspectLines = ({ suspects }: CrashStory): string[] =>
  suspects
    .slice(0, 10)
    .flatMap((suspect, i) => [
      ...wrapText(`${i + 1}. ${clip(suspect.name, 80)} (${suspect.kind})`, cells - 2).map(
        (line) => `  ${line}`,
      ),
      ...suspect.reasons.flatMap((reason) => indented(reasonWords(reason), 2)),
      ...indented(`next: ${nextStep(suspect)}`, 2),
    ])

const killLines = (events: readonly CrashEvent[]): string[] => {
  const kills = events.filter(({ kind }) => kind === 'oom-kill')
  const lines = kills.slice(-shownKills).flatMap((kill) => {
    const { oom } = kill
    const tasks = (oom?.tasks ?? []).slice(0, shownTasks)
    return [
      ...indented(`${timeWords(kill.atMs)}  ${eventWords(kill)}`),
      ...(oom?.cgroup == null ? [] : indented(`cgroup ${clip(oom.cgroup, 300)}`, 2)),
      ...(oom?.invokedBy == null ? [] : indented(`asked for memory then: ${clip(oom.invokedBy, 40)}`, 2)),
      ...tasks.map(
        ({ pid, comm, rssBytes, swapBytes }) =>
          `      ${formatBytes(rssBytes).padStart(10)}${swapBytes > 0 ? ` + ${formatBytes(swapBytes)} swap` : ''}  ${clip(comm, 30)} (${pid})`,
      ),
    ]
  })
  const left = kills.length - Math.min(kills.length, shownKills)
  return left > 0 ? [`  (${left} earlier ones are left out here)`, ...lines] : lines
}

const timelineLines = (events: readonly CrashEvent[]): string[] => {
  const shown = events.slice(-shownEvents)
  const left = events.length - shown.length
  const lines = shown.flatMap((event) =>
    event.kind === 'boot' || event.kind === 'unclean-shutdown'
      ? [`  ${timeWords(event.atMs)}  ---- ${kindWords[event.kind]} ----`]
      : wrapText(`${kindWords[event.kind]}: ${clip(eventWords(event), 240)}`, cells - 24).map((line, i) =>
          i === 0 ? `  ${timeWords(event.atMs)}  ${line}` : `${' '.repeat(25)}${line}`,
        ),
  )
  return left > 0 ? [`  (${left} earlier ones are left out here)`, ...lines] : lines
}

const whatNone = (sources: readonly SourceOutcome[]): string =>
  sources.some(leavesDoubt)
    ? 'No trace of a crash was found in what could be read; not all could.'
    : 'No trace of a crash was found.'

const sourceLines = ({ name, lines, complete, missing, mend }: SourceOutcome): string[] => {
  const label = clip(name, 100)
  if (missing !== null)
    return indented(`${label}: not read: ${clip(missing, 200)}${mend === null ? '' : `; ${mend}`}`)
  return indented(
    `${label}: ${lines} ${lines === 1 ? 'entry' : 'entries'}${complete ? '' : ', not all: time or size ran out'}`,
  )
}
