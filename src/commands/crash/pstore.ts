import type { CrashEvent } from '../../core/crash-event.ts'
import { addEvents, type CrashSource, type Gathering, lackOf, outcome, readerFor } from './source.ts'

/** Where the firmware keeps it, and where systemd-pstore moves it at the next boot: `TIME/COUNT/` for EFI. */
const places = [
  { folder: '/sys/fs/pstore', depth: 0 },
  { folder: '/var/lib/systemd/pstore', depth: 2 },
] as const
/** Of one folder, and to read. A host that panics again and again has its flash full of them. */
const [mostEntries, mostRecords] = [200, 50] as const

interface KernelRecord {
  path: string
  /** The time of the panic: pstore and systemd-pstore keep it. */
  modifiedAtMs: number
}

/** What the firmware kept of a kernel that panicked in the time asked for. It keeps it until somebody takes it away. */
export const pstoreSource: CrashSource = async (gathering) => {
  const found = places.flatMap(({ folder, depth }) => recordsBelow(gathering, folder, depth))
  const late = found
    .filter(({ modifiedAtMs }) => modifiedAtMs >= gathering.sinceMs)
    .sort((a, b) => b.modifiedAtMs - a.modifiedAtMs)
  for (const record of late.slice(0, mostRecords)) readRecord(gathering, record)
  if (late.length > mostRecords) outcome(gathering, 'pstore: the newest', mostRecords, false)
}

/** `dmesg-efi-…` and such are parts as the firmware has them; `dmesg.txt` is made of those beside it. */
const recordsBelow = (gathering: Gathering, folder: string, depth: number): KernelRecord[] => {
  const { files } = gathering.host
  const names = files.list(folder)
  if (names.kind !== 'value') {
    const lack = lackOf(names)
    if (lack !== null) outcome(gathering, `pstore (${folder})`, 0, true, lack)
    return []
  }
  // Folders are called by the time: of too many the newest.
  const entries = [...names.value]
    .sort()
    .reverse()
    .slice(0, mostEntries)
    .flatMap((name) => {
      const [path, info] = [`${folder}/${name}`, files.info(`${folder}/${name}`)]
      return info.kind === 'value' ? [{ ...info.value, name, path }] : []
    })
  const records = entries.filter(({ name, kind }) => kind === 'file' && name.startsWith('dmesg'))
  const parts = records.filter(({ name }) => name.startsWith('dmesg-'))
  const folders = depth === 0 ? [] : entries.filter(({ kind }) => kind === 'folder')
  return [
    ...(parts.length > 0 ? parts : records),
    ...folders.flatMap(({ path }) => recordsBelow(gathering, path, depth - 1)),
  ]
}

const readRecord = (gathering: Gathering, { path, modifiedAtMs }: KernelRecord): void => {
  const text = gathering.host.files.readText(path)
  if (text.kind !== 'value') {
    const lack = lackOf(text)
    if (lack !== null) outcome(gathering, path, 0, true, lack)
    return
  }
  const events: CrashEvent[] = []
  const reader = readerFor({ ...gathering, events }, path, { endMs: gathering.nowMs, bootAtMs: null })
  const lines = text.value.split('\n')
  for (const line of lines) reader.take(line)
  reader.end()
  addEvents(
    gathering,
    events.map((event) => ({ ...event, atMs: event.atMs ?? modifiedAtMs })),
  )
  outcome(gathering, path, lines.length, true)
}
