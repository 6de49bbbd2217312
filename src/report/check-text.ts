import type { CheckResult, Consumer } from '../core/service.ts'
import { localStamp } from '../core/stamp.ts'
import { byStatus, lookouts, type Observed, observedOf } from '../core/transition.ts'
import { attributionLines } from './attribution-text.ts'
import { hostLines } from './check-host.ts'
import { noteLines, unmeasuredLines } from './check-notes.ts'
import { consumerLines, serviceLines } from './check-services.ts'
import { type Ink, inkFor, styleOf } from './color.ts'
import { sentenceOn } from './sentence.ts'
import { extent, summary, totalMemoryBytes } from './summary.ts'
import { beside, entryLines, lineCells, section, type View } from './view.ts'
import { wrapText } from './width.ts'

const mostProblems = 30
// Two tables of names and figures are legible from here on.
const sideBySide = 100

/**
 * What `check` saw, as a person reads it: the verdict, the problems with their mends, the host's figures, the
 * services, who uses the memory, notes, and what could not be measured. No line is wider than `columns` (at least 40).
 */
export const checkText = (result: CheckResult, view: View): string => {
  const cells = lineCells(view.columns)
  const ink = inkFor(view.color)
  const observed = observedOf(result)
  const lines = [
    ...headline(result, observed, cells, ink),
    ...section('Problems', problemLines(observed, cells, view.verbose, ink), ink),
    ...section('Host', hostLines(result.findings, cells, view.verbose, ink), ink),
    ...section('Services', servicesOrNone(result, cells, view.verbose, ink), ink),
    ...section('What grows', growthLines(result, cells, ink), ink),
    ...biggest(result, cells, ink),
    ...section('Actions', actionLines(result, cells, ink), ink),
    ...section('Notes', noteLines(observed, cells, view.verbose, ink), ink),
    ...section('Could not be measured', unmeasuredLines(result, observed, cells, ink), ink),
  ]
  return `${lines.join('\n')}\n`
}

/** Without any in the config, those that are up or went down badly are looked for. */
const servicesOrNone = (result: CheckResult, cells: number, verbose: boolean, ink: Ink): string[] => {
  if (result.services.length > 0) return serviceLines(result.services, cells, verbose, ink)
  const lookedThrough = !result.findings.some(({ check }) => lookouts.includes(check))
  const why = lookedThrough ? ': no container is up, no unit has failed or was restarted' : ''
  return wrapText(`none found${why}`, cells - 2).map((line) => `  ${line}`)
}

/** Of the services that grow or are too big, and have been looked at before. */
const growthLines = ({ services, startedAtMs }: CheckResult, cells: number, ink: Ink): string[] =>
  services.flatMap(({ facts }) =>
    facts.attribution === undefined
      ? []
      : attributionLines(facts.name, facts.attribution, startedAtMs, cells - 2, ink).map(
          (line) => `  ${line}`,
        ),
  )

/** Next to each other on a wide terminal. */
const biggest = (result: CheckResult, cells: number, ink: Ink): string[] => {
  const ram = totalMemoryBytes(result.findings)
  const blockCells = cells < sideBySide ? cells : Math.floor(cells / 2) - 3
  const block = (title: string, consumers: readonly Consumer[], of: 'process' | 'name'): string[] =>
    section(title, consumerLines(consumers, of, ram, blockCells, ink), ink).slice(1)
  const lines = beside(
    block('Biggest processes', result.biggestProcesses, 'process'),
    block('Biggest names, added up', result.biggestNames, 'name'),
    cells < sideBySide ? 0 : cells,
  )
  return lines.length === 0 ? [] : ['', ...lines]
}

const headline = (result: CheckResult, observed: readonly Observed[], cells: number, ink: Ink): string[] => {
  const word = result.status.toUpperCase()
  const [first = '', ...more] = wrapText(`${word}  ${result.hostname}  ${summary(observed)}`, cells)
  const painted = ink('bold', ink(styleOf(result.status) ?? 'green', word)) + first.slice(word.length)
  const seen = wrapText(`${localStamp(result.startedAtMs)}, ${extent(result)}`, cells)
  return [painted, ...more, ...seen.map((line) => ink('dim', line))]
}

const problemLines = (observed: readonly Observed[], cells: number, verbose: boolean, ink: Ink): string[] => {
  const problems = observed
    .filter(({ finding }) => finding.status === 'critical' || finding.status === 'warning')
    .sort((a, b) => byStatus(a.finding.status, b.finding.status))
  const shown = verbose ? problems : problems.slice(0, mostProblems)
  const hidden = problems.length - shown.length
  return [
    ...shown.flatMap((problem) => {
      const { subject, fact, mend } = sentenceOn(problem)
      return entryLines({ status: problem.finding.status, head: subject, text: fact, mend }, cells, ink)
    }),
    ...(hidden === 0 ? [] : [ink('dim', `  … and ${hidden} more; -v shows them`)]),
  ]
}

const actionLines = (result: CheckResult, cells: number, ink: Ink): string[] =>
  result.services.flatMap(({ facts, action }) => {
    if (action === null) return []
    const status = action.outcome === 'failed' ? 'critical' : null
    const text = `${action.kind} ${action.outcome}: ${action.reason}`
    return entryLines({ status, head: facts.name, text, mend: null }, cells, ink)
  })
