import type { CrashEvent } from '../../core/crash-event.ts'
import type { SourceOutcome } from '../../core/crash-story.ts'
import type { Reading } from '../../core/reading.ts'
import type { Host, LinesRead } from '../../host/host.ts'
import { addEvents, type CrashSource, type Gathering, lackOf, outcome, readerFor } from './source.ts'

const [journalMs, dmesgMs, fileMs] = [2200, 800, 1500]
/** The newest of the journal: what a small machine can print in that time. A flood has more, and what came last counts. */
const journalLines = 200_000
const kernelJournal = 'kernel log (journal)'
const maxFileBytes = 256 * 1024 * 1024

/** The kernel's own lines: from the journal, which has those of former boots too, else from what else keeps them. */
export const kernelSource: CrashSource = async (gathering) => {
  if (await fromJournal(gathering)) return addKillsOfRing(gathering)
  const [ring, files] = [await fromRingBuffer(gathering), await fromFiles(gathering)]
  if (!ring && !files)
    outcome(gathering, 'kernel log', 0, true, {
      missing: 'neither the journal nor dmesg, /dev/kmsg or /var/log/kern.log could be read',
      // Root has a host that does not answer in time, or a container without a kernel's log.
      mend: gathering.host.uid === 0 ? null : 'run as root',
      isNeeded: true,
    })
}

/** By the index of _TRANSPORT: several times faster than `-k`, which asks for the boot first. */
const fromJournal = async (gathering: Gathering): Promise<boolean> => {
  const { host, sinceMs } = gathering
  const reader = readerFor(gathering, 'journal')
  const since = `--since=@${Math.floor(sinceMs / 1000)}`
  const argv = [
    'journalctl',
    '--quiet',
    '--no-pager',
    '--output=short-unix',
    since,
    `--lines=${journalLines}`,
    '_TRANSPORT=kernel',
  ] as const
  const read = await host.logs.program([...argv], reader.take, { maxMs: journalMs, filter: reader.filter })
  if (finish(gathering, kernelJournal, reader, read)) return true
  // It printed nothing in its time, and the ring buffer knows of this boot alone.
  if (read.kind === 'value' && !read.value.complete)
    outcome(gathering, kernelJournal, read.value.lines, false)
  if (read.kind !== 'value' || !read.value.complete || !(await hasKernelLines(host))) return false
  outcome(gathering, kernelJournal, 0, true)
  return true
}

/** A kernel may say nothing for days; a journal without any line of it, of whatever time, may not be read or has none. */
const hasKernelLines = async (host: Host): Promise<boolean> => {
  const argv = ['journalctl', '--quiet', '--no-pager', '--output=short-unix', '--lines=1'] as const
  const read = await host.logs.program([...argv, '_TRANSPORT=kernel'], () => {}, { maxMs: journalMs / 2 })
  return read.kind === 'value' && read.value.lines > 0
}

const fromRingBuffer = async (gathering: Gathering): Promise<boolean> => {
  const reader = readerFor(gathering, 'dmesg')
  const bounds = { maxMs: dmesgMs, filter: reader.filter }
  const read = await gathering.host.logs.program(['dmesg'], reader.take, bounds)
  return read.kind === 'value' ? finish(gathering, 'kernel log (dmesg)', reader, read) : fromDevice(gathering)
}

/**
 * Of a journal that is full in seconds the flood has pushed out what the kernel said of a kill, and the ring buffer has it
 * still. Kills alone, which are known again by their figures; without a right to it the journal is enough.
 */
const addKillsOfRing = async (gathering: Gathering): Promise<void> => {
  const events: CrashEvent[] = []
  const outcomes: SourceOutcome[] = []
  await fromRingBuffer({ ...gathering, events, outcomes })
  addEvents(
    gathering,
    events.filter(({ kind }) => kind === 'oom-kill'),
  )
  gathering.outcomes.push(...outcomes.filter(({ missing }) => missing === null))
}

/** A container or a small system has no dmesg(1). */
const fromDevice = async (gathering: Gathering): Promise<boolean> => {
  const reader = readerFor(gathering, 'kmsg')
  const read = await gathering.host.logs.kernelRing(reader.take, { maxMs: dmesgMs })
  if (read.kind === 'failed') outcome(gathering, 'kernel log (/dev/kmsg)', 0, true, lackOf(read))
  return finish(gathering, 'kernel log (/dev/kmsg)', reader, read)
}

const finish = (
  gathering: Gathering,
  name: string,
  reader: ReturnType<typeof readerFor>,
  read: Reading<LinesRead>,
): boolean => {
  reader.end()
  if (read.kind !== 'value') return false
  const { complete, lines, exitCode, words } = read.value
  if (lines === 0) {
    if (exitCode !== 0 && words)
      outcome(gathering, name, 0, true, { missing: words.split('\n')[0] ?? '', mend: 'run as root' })
    return false
  }
  outcome(gathering, name, lines, complete && lines !== journalLines)
  return true
}

const fromFiles = async (gathering: Gathering): Promise<boolean> => {
  const { host } = gathering
  let found = false
  for (const path of ['/var/log/kern.log', '/var/log/kern.log.1', '/var/log/messages']) {
    const info = host.files.info(path)
    if (info.kind !== 'value') continue
    const reader = readerFor(gathering, path, { ...gathering.clock, endMs: info.value.modifiedAtMs })
    const read = await host.logs.file(path, reader.take, {
      maxMs: fileMs,
      maxBytes: maxFileBytes,
      filter: reader.filter,
    })
    reader.end()
    outcome(
      gathering,
      path,
      read.kind === 'value' ? read.value.lines : 0,
      read.kind === 'value' && read.value.complete,
      read.kind === 'value' ? null : lackOf(read),
    )
    found ||= read.kind === 'value'
  }
  return found
}
