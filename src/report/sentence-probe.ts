import { clip } from '../core/escape.ts'
import type { Finding } from '../core/finding.ts'
import { formatDuration } from '../core/units.ts'
import { failureOf } from './failure-words.ts'
import { boundOf, listed, numberArg, textArg } from './figure.ts'
import type { Wording } from './sentence.ts'

/** Wording for findings of probes (checks/probes/), by `check.code`. */
export const probeSentences: Record<string, Wording> = {
  'probes.ok': () => ({ fact: 'answers' }),

  'probes.failed': (finding) => {
    const { fact, mend } = failedWords(finding)
    return { fact: listed(`failed: ${fact}`, tries(finding)), mend }
  },

  'probes.log-count': (finding) => ({
    fact: listed(
      `${lines(finding)} in ${formatDuration(numberArg(finding, 'withinSeconds') ?? 0)}`,
      earlier(finding),
      boundOf(finding),
    ),
    mend: 'read the lines around them in its log',
  }),

  'probes.unreadable': (finding) => {
    const failure = failureOf(finding)
    if (textArg(finding, 'cause') === 'timeout' && textArg(finding, 'what') === '')
      return {
        fact: `not tried: ${textArg(finding, 'detail')}`,
        mend: 'give the run more time with --timeout',
      }
    return {
      fact: `could not be tried: ${failure?.why ?? 'no reason is known'}`,
      // The general advice on input/output errors is of disks.
      mend: textArg(finding, 'cause') === 'io' ? null : (failure?.mend ?? null),
    }
  },
}

interface FailedWords {
  fact: string
  mend: string | null
}

const seeWhatHangs = 'see its log for what it is busy with, or restart it'

/** By `reason`, as checks/probes/ gives it. */
const failedWords = (finding: Finding): FailedWords => {
  switch (textArg(finding, 'reason')) {
    case 'unanswered':
      return unanswered(finding)
    case 'status':
      return { fact: status(finding), mend: statusMend(finding) }
    case 'body':
      return {
        fact: `${numberArg(finding, 'isCut') ? 'the beginning of the answer' : 'the answer'} does not hold ${textArg(finding, 'wantedBody', 80)}`,
        mend: 'see in its log why, or correct expect.body in the config',
      }
    case 'password-refused':
      return {
        fact: 'password refused (401)',
        mend: 'correct user and password of the probe in the config',
      }
    case 'rpc-error':
      return { fact: `answered with the error "${textArg(finding, 'message', 200)}"`, mend: 'see its log' }
    case 'not-json':
      return { fact: 'the answer is no JSON', mend: 'see whether the address is that of its JSON-RPC' }
    case 'no-result':
      return { fact: 'the answer has no result', mend: 'see whether the address is that of its JSON-RPC' }
    case 'wrong-id':
      return {
        fact: 'the answer is to another call (wrong id)',
        mend: 'see whether a proxy mixes up answers',
      }
    case 'exit':
      return exit(finding)
    default:
      return { fact: clip(textArg(finding, 'reason'), 80), mend: null }
  }
}

const unanswered = (finding: Finding): FailedWords => {
  const detail = textArg(finding, 'detail', 160)
  switch (textArg(finding, 'cause')) {
    case 'refused':
      return {
        fact: 'connection refused',
        mend: 'start what should listen there, or see in its log why it does not',
      }
    case 'timeout':
      return { fact: `no answer in time (${detail})`, mend: seeWhatHangs }
    case 'malformed':
      return { fact: `the answer is no HTTP (${detail})`, mend: 'see what listens there' }
    default:
      return { fact: detail, mend: 'see its log' }
  }
}

const status = (finding: Finding): string => {
  const wanted = numberArg(finding, 'wantedStatus')
  return `answered ${numberArg(finding, 'status') ?? 'no status'}, not ${wanted ?? '200 to 299'}`
}

const statusMend = (finding: Finding): string => {
  const code = numberArg(finding, 'status') ?? 0
  if (code === 401 || code === 403) return 'correct user and password of the probe in the config'
  if (code >= 300 && code < 400) return 'a redirect is not followed: name the address it leads to'
  return code === 404 ? 'correct the address of the probe in the config' : 'see its log'
}

const exit = (finding: Finding): FailedWords => {
  const signal = textArg(finding, 'signal', 20)
  const code = numberArg(finding, 'exitCode')
  const end = signal === '' ? `ended with ${code ?? 'no status'}` : `was ended by ${signal}`
  const said = textArg(finding, 'said', 160)
  return {
    fact: `${textArg(finding, 'program', 60)} ${end}${said === '' ? '' : `: ${said}`}`,
    mend: 'run it by hand to see more',
  }
}

const tries = (finding: Finding): string => {
  const count = numberArg(finding, 'tries')
  return count === null ? '' : `${count} tries`
}

/** Of those before a restart, which are no reason for another. */
const earlier = (finding: Finding): string => {
  const before = numberArg(finding, 'earlier') ?? 0
  if (before === 0) return ''
  const which = before < (finding.value ?? 0) ? `${before} of them ` : before === 1 ? '' : 'all '
  return `${which}written before it was started`
}

/** `at least 3 lines`, `no line`. */
const lines = (finding: Finding): string => {
  const count = finding.value ?? 0
  const atLeast = numberArg(finding, 'atLeast') === 1
  if (count === 0) return atLeast ? 'no line in what was read' : 'no line'
  return `${atLeast ? 'at least ' : ''}${count} ${count === 1 ? 'line' : 'lines'}`
}
