import { clip } from '../core/escape.ts'
import type { Finding } from '../core/finding.ts'
import { formatDuration } from '../core/units.ts'
import { failureOf } from './failure-words.ts'
import { numberArg, textArg } from './figure.ts'
import type { Sentence, Wording } from './sentence.ts'

/** Wording for findings on this tool itself (commands/record.ts), by `check.code`. */
export const ownSentences: Record<string, Wording> = {
  'metrics.foreign': (finding) => ({
    fact: `${textArg(finding, 'file', 400)} is not of oratio-health, so it was left alone`,
    mend: 'remove it, or give metrics.textfile another name',
  }),
  'metrics.unwritable': (finding) => because('could not be written, so Prometheus sees old figures', finding),
  'log.unwritable': (finding) => because('could not be written', finding),
  'log.not-pruned': (finding) =>
    because(`${numberArg(finding, 'files') ?? 'some'} old files could not be removed`, finding),
  'log.not-cut': (finding) => because('could not be cut, and grows', finding),
  'state.unwritable': (finding) => {
    const second = textArg(finding, 'second')
    const effect =
      second === '' ? 'so the next run will not know of this one' : `so it is kept in ${second} until it can`
    return because(`could not be saved, ${effect}, and nothing is restarted`, finding)
  },
  'state.broken': (finding) => ({
    subject: ownSubject(finding),
    fact: `was broken (${textArg(finding, 'detail')})${aside(finding)}`,
    mend: null,
  }),
  'action-journal.broken': (finding) => ({
    subject: ownSubject(finding),
    fact: `was broken (${textArg(finding, 'detail')})${aside(finding)}`,
    mend: 'see whether all services are up: a restart that was under way may be forgotten',
  }),
  'history.unwritable': (finding) => because('could not be recorded, so growth is not seen', finding),
  'history.broken': (finding) => ({
    subject: `${ownSubject(finding)} of ${finding.item ? clip(finding.item, 80) : 'the host'}`,
    fact: `could not be used (${textArg(finding, 'detail')})${aside(finding)}`,
    mend: null,
  }),
  'state.unreadable': (finding) => ({
    subject: ownSubject(finding),
    fact: `could not be read (${textArg(finding, 'detail')})${aside(finding)}`,
    mend: `see who may read ${textArg(finding, 'file')}`,
  }),
  'state.clock-went-back': (finding) => ({
    subject: 'clock',
    fact: `went back (${textArg(finding, 'detail')})`,
    mend: 'see whether the time is kept by NTP',
  }),
  'jobs.overdue': (finding) => {
    const since = numberArg(finding, 'sinceRunSeconds')
    const late = formatDuration(numberArg(finding, 'overdueSeconds') ?? 0)
    return {
      subject: `job ${finding.item ? clip(finding.item, 80) : ''}`,
      fact:
        since === null
          ? 'is scheduled, but has never run'
          : `has not run for ${formatDuration(since)}, three times in a row its schedule should have started it (overdue by ${late})`,
      mend: 'see that cron or the timer runs and what it says: `oratio-health doctor`',
    }
  },
  'orphans.frozen': (finding) => ({
    subject: 'kill-orphans',
    fact: `could not thaw what it had frozen (${textArg(finding, 'detail', 400)}); nothing in there runs`,
    mend: 'echo 0 >FOLDER/cgroup.freeze, or echo THAWED >FOLDER/freezer.state where that is there',
  }),
  'jobs.killed': (finding) => ({
    subject: `job ${finding.item ? clip(finding.item, 80) : ''}`,
    fact: `was killed ${numberArg(finding, 'runs') ?? 'some'} times in a row before it was done`,
    mend: 'see whether the kernel did it for memory (`oratio-health crash-report`), or a bound of cron or systemd that is too short for it',
  }),
  'config.warning': (finding) => ({ subject: 'config', fact: textArg(finding, 'detail', 300), mend: null }),
}

// `state` alone would be taken for a service's.
const ownSubject = ({ check }: Finding): string => `own ${check}`

const because = (said: string, finding: Finding): Partial<Sentence> => {
  const failure = failureOf(finding)
  const subject = ownSubject(finding)
  return failure === null
    ? { subject, fact: said }
    : { subject, fact: `${said}: ${failure.why}`, mend: ownMend(finding) ?? failure.mend }
}

/** Of our own folders: a user whose HOME is not theirs to write needs another folder, and not root. */
const ownMend = ({ check, code, args }: Finding): string | null =>
  args?.cause === 'denied' && code === 'unwritable' && check !== 'metrics'
    ? `name a folder that this user may write: ${check === 'log' ? '--log-dir' : '--state-dir'} DIR, or another HOME`
    : null

const aside = (finding: Finding): string => {
  const path = textArg(finding, 'setAsideTo')
  return path === '' ? ', begun anew' : `, begun anew; the old one is kept as ${path}`
}
