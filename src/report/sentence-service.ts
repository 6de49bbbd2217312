import type { Finding } from '../core/finding.ts'
import { formatBytes, formatDuration, formatPercent } from '../core/units.ts'
import { boundOf, figureOf, listed, numberArg, textArg } from './figure.ts'
import type { Sentence, Wording } from './sentence.ts'

/** Wording for findings on a service, by `check.code`. */
export const serviceSentences: Record<string, Wording> = {
  'memory.level': (finding) => ({
    // What counts against a limit is in RAM; a size (below) counts what is swapped out too.
    fact: listed(figureOf(finding) + ceiling(finding), swapped(finding, 'more'), boundOf(finding)),
    mend: memoryMend(finding),
  }),
  'memory.size': (finding) => ({
    fact: listed(figureOf(finding), share(finding), swapped(finding, 'of it'), boundOf(finding)),
    mend: memoryMend(finding),
  }),
  'memory.no-ceiling': (finding) => ({
    fact: listed(figureOf(finding), 'but neither a limit nor the RAM is known, so no share of it'),
    mend: 'give its thresholds as sizes, e.g. warn: 500M',
  }),

  'limit.limit': (finding) => ({ subject: 'memory limit', fact: formatBytes(finding.value ?? 0) }),
  'limit.no-limit': (finding) => {
    const wanted = numberArg(finding, 'wantedBytes')
    return {
      subject: 'memory limit',
      fact: wanted === null ? 'none' : `none, ${formatBytes(wanted)} is wanted`,
      mend: 'set it with docker update --memory, or as MemoryMax= of the unit',
    }
  },

  'processes.count': (finding) => {
    const match = textArg(finding, 'match', 40)
    const which = match === '' ? '' : ` with a command line that matches ${match}`
    return {
      fact: listed(`${figureOf(finding)}${which}`, boundOf(finding)),
      mend: 'end those that nobody needs any more, or restart it',
    }
  },
  'open_files.count': () => ({ subject: 'open files', mend: 'it may leak files or sockets: see lsof -p' }),
  'threads.count': () => ({ mend: 'it may leak threads: restart it' }),

  'oom.kills': (finding) => ({
    subject: 'OOM',
    fact: `${processes(finding.value ?? 0)} ended by the kernel for want of memory since it started`,
    mend: 'raise its limit, or find what grows in it',
  }),

  'restarts.count': (finding) => ({ fact: `${figureOf(finding)} by ${restarter(finding)}` }),

  'restarts.masking': (finding) => {
    const times = finding.value === 1 ? 'once' : `${finding.value} times`
    return {
      fact: listed(
        `${times} in ${textArg(finding, 'over') === 'week' ? '7 days' : '24 h'}${restarters(finding)}`,
        `${boundOf(finding)}: they mask a fault`,
      ),
      mend: `${seeLog(finding) ?? 'see its log'} for why it ends`,
    }
  },

  'restart_settings.hammers': (finding) => ({
    subject: 'restart settings',
    fact: `Restart=${textArg(finding, 'restart', 20)} after only ${shortTime(finding.value ?? 0)}: they hammer`,
    mend: `set RestartSec=${numberArg(finding, 'wantedDelaySeconds')}s`,
  }),
  'restart_settings.endless': (finding) => {
    const burst = numberArg(finding, 'burst') ?? 0
    const interval = finding.value ?? 0
    const isOff = burst === 0 || interval === 0
    return {
      subject: 'restart settings',
      fact: isOff
        ? 'no start limit, so it is restarted for ever'
        : `its start limit never triggers: ${burst} starts take ${shortTime(numberArg(finding, 'burstSeconds') ?? 0)} at least, and it counts those within ${shortTime(interval)}`,
      mend: startLimit(finding),
    }
  },
  'restart_settings.outlived': (finding) => ({
    subject: 'restart settings',
    fact: listed(
      `restarted ${numberArg(finding, 'restarts')} times, and its start limit (${numberArg(finding, 'burst')} starts within ${shortTime(finding.value ?? 0)}) does not trigger`,
      `since it lives longer than ${shortTime(numberArg(finding, 'outlivesSeconds') ?? 0)} in between`,
    ),
    // Beyond a day it would take a week of crashes to see it.
    mend:
      (numberArg(finding, 'wantedIntervalSeconds') ?? 0) <= 86_400
        ? startLimit(finding, ' or more')
        : 'no start limit shows that: find why it ends',
  }),

  'state.running': state('up', null),
  'state.starting': state('starting', null),
  'state.unhealthy': state(
    'unhealthy: its own health check fails',
    (finding) => `see the output of the check in ${withRef('docker inspect', finding)}`,
  ),
  'state.paused': state('paused', (finding) => `go on with ${withRef('docker unpause', finding)}`),
  'state.restarting': state('restarting again and again', 'it does not stay up'),
  'state.stopped': state('stopped', 'start it'),
  'state.failed': state('failed', 'start it again'),
  'state.missing': state('not there', 'start it, or correct its name in the config'),
  'state.unknown': state('could not be asked', (finding) =>
    // What is wrong in the config says so by itself.
    /; correct \S+ of this service$/.test(textArg(finding, 'detail', 200))
      ? ''
      : '`oratio-health doctor` says what is missing',
  ),
}

const logCommands: Readonly<Record<string, string | undefined>> = {
  container: 'docker logs',
  unit: 'journalctl -u',
}

/** To be copied into a shell: a name that means something to it is left out. */
const withRef = (command: string, finding: Finding): string => {
  const ref = textArg(finding, 'ref', 100)
  return /^[\w@.:-]+$/.test(ref) ? `${command} ${ref}` : command
}

/** `see journalctl -u db.service`; null: it has no log that is known. */
const seeLog = (finding: Finding): string | null => {
  const command = logCommands[textArg(finding, 'kind')]
  return command === undefined ? null : `see ${withRef(command, finding)}`
}

/** `failed: exited with 137, killed for memory — see docker logs db, start it again`. */
function state(words: string, mend: string | ((finding: Finding) => string) | null): Wording {
  return (finding): Partial<Sentence> => {
    const detail = textArg(finding, 'detail', 200)
    const code = finding.code
    const log =
      code === 'failed' || code === 'restarting' || code === 'stopped' ? (seeLog(finding) ?? '') : ''
    const told = typeof mend === 'function' ? mend(finding) : mend
    return {
      fact: detail === '' ? words : `${words}: ${detail}`,
      mend: listed(log, told ?? '') || null,
    }
  }
}

/** ` of its limit of 2.0 GiB`, ` of the RAM (7.6 GiB)`. */
const ceiling = (finding: Finding): string => {
  const bytes = numberArg(finding, 'ceilingBytes')
  if (bytes === null) return ''
  const size = formatBytes(bytes)
  return textArg(finding, 'ceilingOf') === 'limit' ? ` of its limit of ${size}` : ` of the RAM (${size})`
}

const share = (finding: Finding): string => {
  const whole = numberArg(finding, 'ceilingBytes')
  if (whole === null || whole <= 0 || finding.value === null) return ''
  const of = textArg(finding, 'ceilingOf') === 'limit' ? 'its limit' : 'the RAM'
  return `${formatPercent((finding.value / whole) * 100)} of ${of}`
}

/** Said when it is more than a tenth of what the service holds: then the RAM alone would mislead. */
const swapped = (finding: Finding, words: 'more' | 'of it'): string => {
  const [swap, leak] = [numberArg(finding, 'swapBytes') ?? 0, numberArg(finding, 'leakBytes') ?? 0]
  return swap > 0 && swap * 10 >= leak ? `${formatBytes(swap)} ${words} swapped out` : ''
}

const memoryMend = (finding: Finding): string =>
  textArg(finding, 'ceilingOf') === 'limit'
    ? 'restart it, and find what grows in it or raise its limit'
    : 'restart it, and find what grows in it'

const processes = (count: number): string =>
  count === 0 ? 'no process was' : count === 1 ? '1 process was' : `${count} processes were`

const restarter = (finding: Finding): string =>
  textArg(finding, 'kind') === 'unit' ? 'systemd since it was loaded' : 'the engine since it was created'

/** `: 5 by systemd, 1 by this tool`; of the week, so only where there are several. */
const restarters = (finding: Finding): string => {
  const by = (name: string, who: string): string => {
    const count = numberArg(finding, name) ?? 0
    return count === 0 ? '' : `${count} by ${who}`
  }
  const all = listed(by('bySystemd', 'systemd'), by('byEngine', 'the engine'), by('byTool', 'this tool'))
  return all === '' ? '' : ` (this week ${all})`
}

const startLimit = (finding: Finding, more = ''): string =>
  `set StartLimitIntervalSec=${numberArg(finding, 'wantedIntervalSeconds')}${more} with StartLimitBurst=${numberArg(finding, 'wantedBurst')}`

/** `100ms`, `2h 10m`. */
const shortTime = (seconds: number): string =>
  seconds > 0 && seconds < 1 ? `${Math.round(seconds * 1000)}ms` : formatDuration(seconds)
