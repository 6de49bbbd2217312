import { formatDuration } from '../core/units.ts'
import { numberArg, textArg } from './figure.ts'
import type { Wording } from './sentence.ts'

/** Wording for what became of restarts, by `check.code`. */
export const restartSentences: Record<string, Wording> = {
  'restart.given-up': (finding) => ({
    fact: `given up after ${numberArg(finding, 'restarts') ?? 'all'} restarts in ${formatDuration(numberArg(finding, 'perSeconds') ?? 0)}`,
    mend: 'find out why it does not stay well, then `oratio-health check --reset`',
  }),
  'restart.failed': (finding) => ({
    fact: `failed: ${textArg(finding, 'reason', 300)}`,
    mend: 'restart it by hand, and see its log',
  }),
  'restart.unfinished': (finding) => ({
    fact: `was begun (${textArg(finding, 'cause', 200)}) and not brought to its end, and this run may not do it`,
    mend: 'see whether it is up; `oratio-health check` brings it to its end, without --no-act and with `restart:` in the config',
  }),
}
