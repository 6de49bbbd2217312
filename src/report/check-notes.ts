import type { Failed, Reading } from '../core/reading.ts'
import type { CheckResult, ServiceFacts, ServiceResult } from '../core/service.ts'
import type { Observed } from '../core/transition.ts'
import type { Ink } from './color.ts'
import { failureWords } from './failure-words.ts'
import { sentenceOf, sentenceOn } from './sentence.ts'
import { entryLines } from './view.ts'
import { fitMiddle } from './width.ts'

const mostNames = 5
const nameWidth = 40

/**
 * What is worth knowing and no fault: findings that are well and carry no figure. What is the same for several
 * services is said once: `memory: no limit (db, web and 3 more)`.
 */
export const noteLines = (
  observed: readonly Observed[],
  cells: number,
  verbose: boolean,
  ink: Ink,
): string[] => {
  const owners = new Map<string, string[]>()
  for (const { service, finding } of observed) {
    if (finding.status !== 'ok' || finding.code === 'absent') continue
    if (!verbose && (finding.value !== null || finding.check === 'state')) continue
    if (service === null && finding.value !== null) continue
    const { subject, fact } = sentenceOf(finding, service === null ? 'host' : 'service')
    const said = `${subject}: ${fact}`
    owners.set(said, [...(owners.get(said) ?? []), ...(service === null ? [] : [service])])
  }
  return [...owners].flatMap(([text, names]) =>
    entryLines({ status: null, head: '', text: withNames(text, names), mend: null }, cells, ink),
  )
}

const withNames = (text: string, names: readonly string[]): string => {
  if (names.length === 0) return text
  const shown = names.slice(0, mostNames).map((name) => fitMiddle(name, nameWidth))
  const more = names.length - shown.length
  return `${text} (${shown.join(', ')}${more === 0 ? '' : ` and ${more} more`})`
}

/** Findings of status unknown, then single figures of services that are missing without being a fault. */
export const unmeasuredLines = (
  result: CheckResult,
  observed: readonly Observed[],
  cells: number,
  ink: Ink,
): string[] => {
  const unknown = observed.filter(({ finding }) => finding.status === 'unknown')
  return [
    ...unknown.flatMap((problem) => {
      const { subject, fact, mend } = sentenceOn(problem)
      return entryLines({ status: 'unknown', head: subject, text: fact, mend }, cells, ink)
    }),
    ...missingFigures(result.services).flatMap(({ text, names, mend }) =>
      entryLines({ status: null, head: '', text: withNames(text, names), mend }, cells, ink),
    ),
  ]
}

/** The figures of a service, by the words for them. */
const figures: readonly [words: string, of: (facts: ServiceFacts) => Reading<unknown>][] = [
  ['memory', ({ memory }) => memory],
  ['processes', ({ processes }) => processes],
  ['open files', ({ openFiles }) => openFiles],
  ['threads', ({ threads }) => threads],
  ['restarts', ({ restarts }) => restarts],
  ['uptime', ({ uptimeSeconds }) => uptimeSeconds],
  ['OOM kills', ({ oomKills }) => oomKills],
]

interface Missing {
  text: string
  names: string[]
  mend: string | null
}

/** One line for each figure and cause, with the services it is missing for, unless a finding tells it already. */
const missingFigures = (services: readonly ServiceResult[]): Missing[] => {
  const missing = new Map<string, Missing>()
  for (const { facts, findings } of services) {
    if (findings.some(({ status }) => status === 'unknown')) continue
    for (const [words, of] of figures) {
      const reading = of(facts)
      if (reading.kind !== 'failed') continue
      const key = `${words} ${reading.cause}`
      const known = missing.get(key)
      if (known) known.names.push(facts.name)
      else missing.set(key, { ...missingText(words, reading), names: [facts.name] })
    }
  }
  return [...missing.values()]
}

const missingText = (words: string, { cause, what, detail }: Failed): Omit<Missing, 'names'> => {
  const { why, mend } = failureWords(cause, what, detail)
  return { text: `${words}: ${why}`, mend }
}
