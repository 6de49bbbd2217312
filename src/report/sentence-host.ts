import type { Finding } from '../core/finding.ts'
import { formatBytes, formatDuration } from '../core/units.ts'
import { boundOf, figureOf, formatValue, listed, numberArg, textArg } from './figure.ts'
import type { Wording } from './sentence.ts'

/** Wording for findings on the host, by `check.code`. */
export const hostSentences: Record<string, Wording> = {
  'memory.level': (finding) => ({
    subject: textArg(finding, 'of') === 'container' ? 'memory of this container' : 'memory',
    fact: listed(figureOf(finding), numberArg(finding, 'estimated') ? 'estimated' : '', boundOf(finding)),
    mend: 'restart the biggest process or add memory',
  }),

  'swap.level': () => ({ mend: 'restart what was swapped out, or add memory' }),
  'swap.absent': () => ({ fact: 'none' }),

  'cpu.level': (finding) => ({
    fact: listed(`${figureOf(finding)} busy${over(finding)}`, boundOf(finding)),
    mend: 'see which process it is with top',
  }),
  'cpu.since-boot': (finding) => ({
    fact: `${figureOf(finding)} busy since the boot`,
  }),

  'pressure.level': (finding) => ({
    fact: listed(`${figureOf(finding)} of the last minute lost`, boundOf(finding)),
    mend: 'restart the biggest process or add memory',
  }),
  'pressure.absent': () => ({ fact: 'not told by this kernel (PSI is off)' }),

  'disks.level': (finding) => ({
    fact: listed(figureOf(finding), left(finding), boundOf(finding)),
    mend: numberArg(finding, 'inRam')
      ? 'it is kept in RAM: delete what is no longer needed there'
      : 'find what fills it with du -x, then delete or move it',
  }),
  'disks.inodes': (finding) => ({
    fact: listed(
      `${formatValue(finding.value ?? 0, finding.unit)} of ${numberArg(finding, 'totalInodes') ?? 'its'} inodes`,
      boundOf(finding),
    ),
    mend: 'it holds too many small files: find the folder with du --inodes -x',
  }),
  'disks.skipped': (finding) => ({ fact: `not measured: ${skipReason(finding)}` }),
  'disks.not-found': () => notFound('disks'),

  'folders.level': (finding) => ({
    fact: listed(`${atLeast(finding)}${figureOf(finding)}${inFiles(finding)}`, boundOf(finding)),
    mend: 'delete what is no longer needed there',
  }),
  'folders.incomplete': (finding) => ({
    fact: `too many files to add up in time: at least ${figureOf(finding)}${inFiles(finding)}`,
    mend: 'watch a folder further down, or the disk it lies on',
  }),
  'folders.not-found': (finding) => (finding.status === 'ok' ? { fact: 'not there' } : notFound('folders')),

  'orphans.left': (finding) => ({
    fact: listed(`${finding.value ?? 0} left${memoryOf(finding)}`, boundOf(finding)),
    mend: 'end them with kill-orphans; -n shows which',
  }),
  'orphans.blind': (finding) => ({
    fact: `could not be looked for: ${textArg(finding, 'reason')}`,
    mend: 'mend that, or the rule in orphans: of the config',
  }),
  'orphans.refused': (finding) => ({
    fact: `not looked for, the rule is refused: ${textArg(finding, 'reason')}`,
    mend: 'write the rule in orphans: of the config narrower',
  }),
  'cleanup.leftovers': (finding) => ({
    fact: leftoversFact(finding),
    mend: '`oratio-health cleanup-tmp -n` says what; see whether it is scheduled and what its log says',
  }),
  'cleanup.unseen': (finding) => ({
    fact: `not known: ${textArg(finding, 'reason', 300)}${unseenFact(finding)}`,
    mend: '`oratio-health doctor` says what may be seen here, and `cleanup-tmp -n` what it makes of it',
  }),
  'cleanup.skipped': (finding) => ({ fact: `not looked at: ${textArg(finding, 'reason')}` }),
  'cleanup.refused': (finding) => ({
    fact: `will not be cleaned: ${textArg(finding, 'detail', 300)}`,
    mend: 'mend the rule in the config',
  }),
}

const memoryOf = (finding: Finding): string => {
  const bytes = numberArg(finding, 'memoryBytes')
  return bytes === null || finding.value === 0 ? '' : `, with ${formatBytes(bytes)}`
}

const leftoversFact = (finding: Finding): string =>
  numberArg(finding, 'staleSeconds') === null
    ? numberArg(finding, 'atLeast')
      ? 'none in what was looked at'
      : 'none'
    : leftoversFigures(finding)

const leftoversFigures = (finding: Finding): string =>
  listed(
    `${bound(finding)}${figureOf(finding)}${inFiles(finding)}`,
    `stale for ${formatDuration(numberArg(finding, 'staleSeconds') ?? 0)}`,
  )

/** Of a look that was cut short, and did not see what is open either, neither end is known. */
const bound = (finding: Finding): string =>
  numberArg(finding, 'atMost') ? (numberArg(finding, 'atLeast') ? 'about ' : 'at most ') : atLeast(finding)

const unseenFact = (finding: Finding): string =>
  numberArg(finding, 'staleSeconds') === null ? '' : `; ${leftoversFigures(finding)}`

const notFound = (key: string): { fact: string; mend: string } => ({
  fact: 'not there',
  mend: `create or mount it, or take it out of host.${key} in the config`,
})

const over = (finding: Finding): string => {
  const seconds = numberArg(finding, 'overSeconds')
  return seconds === null ? '' : ` over ${formatDuration(seconds)}`
}

const left = (finding: Finding): string => {
  const bytes = numberArg(finding, 'availableBytes')
  return bytes === null ? '' : `${formatBytes(bytes)} left`
}

const atLeast = (finding: Finding): string => (numberArg(finding, 'atLeast') ? 'at least ' : '')

const inFiles = (finding: Finding): string => {
  const files = numberArg(finding, 'files')
  return files === null ? '' : ` in ${files} ${files === 1 ? 'file' : 'files'}`
}

const skipReason = (finding: Finding): string =>
  textArg(finding, 'reason') === 'denied'
    ? 'permission denied; run as root to see it'
    : `${textArg(finding, 'type')} may never answer; name it under host.disks.paths if it must be watched`
