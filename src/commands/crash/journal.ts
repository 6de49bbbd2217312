import type { CrashEvent, CrashEventKind } from '../../core/crash-event.ts'
import type { Host } from '../../host/host.ts'
import { addEvents, type CrashSource, type Lack, lackWords, outcome, readerFor } from './source.ts'

const maxMs = 2200
export const systemJournal = 'journal of the system'

/**
 * What systemd, systemd-oomd, systemd-coredump, earlyoom and nohang said, by the journal's indexes: SD_MESSAGE_UNIT_FAILED
 * (two of them), _UNIT_FAILURE_RESULT, _UNIT_OUT_OF_MEMORY and _COREDUMP of sd-messages.h, and the units of the others.
 */
const wanted = [
  // A user may send any of these; `_PID` is journald's own, and leaves out the systemd of each session, too.
  '_PID=1',
  'MESSAGE_ID=be02cf6855d2428ba40df7e9d022f03d',
  'MESSAGE_ID=d9b373ed55a64feb8242e02dbe79a49c',
  'MESSAGE_ID=fe6faa94e7774663a0da52717891d8ef',
  '+',
  'MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1',
  ...['systemd-oomd', 'earlyoom', 'nohang', 'nohang-desktop'].flatMap((unit) => [
    '+',
    `_SYSTEMD_UNIT=${unit}.service`,
  ]),
]

/** Only the system's own daemons are believed in these (service-faults.ts). */
const ofSystem: readonly CrashEventKind[] = ['oom-kill', 'unit-failed', 'trap']

export const journalSource: CrashSource = async (gathering) => {
  const { host, sinceMs } = gathering
  const events: CrashEvent[] = []
  const reader = readerFor({ ...gathering, events }, 'journal')
  const read = await host.logs.program(
    [
      'journalctl',
      '--quiet',
      '--no-pager',
      '--output=json',
      `--since=@${Math.floor(sinceMs / 1000)}`,
      ...wanted,
    ],
    reader.take,
    { maxMs, filter: reader.filter },
  )
  reader.end()
  // Of programs that say something else under the id of a core dump nothing was asked.
  addEvents(
    gathering,
    events.filter(({ kind }) => ofSystem.includes(kind)),
  )
  if (read.kind === 'absent') return
  if (read.kind === 'failed') {
    // Without the program there is no systemd, and so no journal that could hold anything.
    const isNeeded = read.cause !== 'tool-missing'
    outcome(gathering, systemJournal, 0, true, { ...lackWords(read), isNeeded })
    return
  }
  const { complete, lines, exitCode, words = '' } = read.value
  // Who is root and gets lines has all.
  const isSure = !complete || (lines > 0 && host.uid === 0)
  outcome(
    gathering,
    systemJournal,
    lines,
    complete,
    isSure ? null : lackIn(words, exitCode === 0, await hintOf(host)),
  )
}

/**
 * With --quiet journalctl does not say that it shows a user's own entries alone, or that there is no journal at all: it
 * prints nothing and ends with 0.
 */
const hintOf = async (host: Host): Promise<string> => {
  const read = await host.logs.program(['journalctl', '--no-pager', '--lines=0'], () => {}, { maxMs: 800 })
  return read.kind === 'value' ? (read.value.words ?? '') : ''
}

const lackIn = (words: string, isWell: boolean, hint: string): Lack | null => {
  if (/permission|not seeing/i.test(words + hint))
    return { missing: 'the journal may not be read by this user', mend: 'run as root', isNeeded: true }
  if (/No journal files were found/.test(words + hint))
    return { missing: 'there is no journal here', mend: null }
  return isWell ? null : { missing: words.split('\n')[0] || 'journalctl failed', mend: null, isNeeded: true }
}
