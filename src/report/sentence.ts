import { clip } from '../core/escape.ts'
import type { Finding } from '../core/finding.ts'
import type { Observed } from '../core/transition.ts'
import { failureOf } from './failure-words.ts'
import { boundOf, figureOf, listed } from './figure.ts'
import { growthSentences } from './sentence-growth.ts'
import { hostSentences } from './sentence-host.ts'
import { ownSentences } from './sentence-own.ts'
import { probeSentences } from './sentence-probe.ts'
import { restartSentences } from './sentence-restart.ts'
import { serviceSentences } from './sentence-service.ts'
import { fitMiddle } from './width.ts'

/** One plain sentence in three parts; all of it is safe to show. */
export interface Sentence {
  /** What it is about: `memory`, `disk /tmp`. */
  subject: string
  /** What is the case, the cause first: `96% of 8.0 GiB, critical from 95%`. */
  fact: string
  /** What to do about it; null where all is well, or nothing better is known than to look. */
  mend: string | null
}

/** Writes what the general wording below does not say well; what it leaves out, the general wording says. */
export type Wording = (finding: Finding) => Partial<Sentence>

const itemWidth = 80

/**
 * The sentence for a finding. Wording for one finding is looked up as `check.code`, for the host and for services
 * (`memory` is a check of both); without it the code alone decides (`level`, `count`, `unreadable` …), so that a new
 * check speaks well without an entry here.
 */
export const sentenceOf = (finding: Finding, of: 'host' | 'service'): Sentence => {
  const general = generalSentence(finding)
  const special = wordings[of].get(`${finding.check}.${finding.code}`)?.(finding) ?? {}
  const said = { ...general, ...special }
  return finding.status === 'ok' ? { ...said, mend: null } : said
}

// Maps, not objects: a check may be called `constructor`.
const wordings: Readonly<Record<'host' | 'service', ReadonlyMap<string, Wording>>> = {
  host: new Map(Object.entries({ ...hostSentences, ...ownSentences })),
  service: new Map(
    Object.entries({ ...serviceSentences, ...growthSentences, ...restartSentences, ...probeSentences }),
  ),
}

/** The same for a finding and whose it is; the subject then begins with the service's name. */
export const sentenceOn = ({ service, finding }: Observed): Sentence => {
  const sentence = sentenceOf(finding, service === null ? 'host' : 'service')
  return service === null
    ? sentence
    : { ...sentence, subject: `${fitMiddle(service, itemWidth)} ${sentence.subject}` }
}

/** The whole as one line: `memory 96% of 8.0 GiB, critical from 95% — end the biggest process or add RAM`. */
export const messageOf = (finding: Finding, of: 'host' | 'service'): string => {
  const { subject, fact, mend } = sentenceOf(finding, of)
  return `${subject} ${fact}${mend === null ? '' : ` — ${mend}`}`
}

const subjects = new Map([
  ['cpu', 'CPU'],
  ['pressure', 'memory pressure'],
])

// Where the plural that the config uses would read wrongly for one thing.
const singular = new Map([
  ['disks', 'disk'],
  ['folders', 'folder'],
  ['orphans', 'orphans of rule'],
  ['cleanup', 'stale files in'],
  ['probes', 'probe'],
])

/** What a finding is about, in words: `disk /tmp`. */
export const subjectOf = ({ check, item }: { check: string; item?: string | null | undefined }): string =>
  item === undefined || item === null || item === ''
    ? (subjects.get(check) ?? clip(check, itemWidth))
    : `${singular.get(check) ?? subjects.get(check) ?? clip(check, itemWidth)} ${fitMiddle(item, itemWidth)}`

const generalSentence = (finding: Finding): Sentence => {
  const subject = subjectOf(finding)
  switch (finding.code) {
    case 'level':
    case 'size':
    case 'count':
      return { subject, fact: listed(figureOf(finding), boundOf(finding)), mend: null }
    case 'absent':
      return { subject, fact: 'not here', mend: null }
    case 'unreadable':
      return { subject, ...told('could not be read', finding) }
    case 'defect':
      return {
        subject,
        fact: `defect: ${clip(String(finding.args?.message ?? ''), 200)}`,
        mend: 'please report it',
      }
    default: {
      const said = listed(plainCode(finding.code), figureOf(finding), boundOf(finding))
      return { subject, ...told(said, finding) }
    }
  }
}

/** A finding that carries a failure tells it. */
const told = (said: string, finding: Finding): Omit<Sentence, 'subject'> => {
  const failure = failureOf(finding)
  return failure === null
    ? { fact: said, mend: null }
    : { fact: `${said}: ${failure.why}`, mend: failure.mend }
}

const plainCode = (code: string): string => clip(code, itemWidth).replaceAll('-', ' ')
