import { list, path, record, required, size, text, threshold } from '../core/field.ts'
import { type Finding, judgeLevel } from '../core/finding.ts'
import { type Failed, type Reading, value } from '../core/reading.ts'
import type { Host } from '../host/host.ts'
import { type HostCheck, type LimitsOf, unreadable } from './check.ts'

export interface FolderItem {
  /** The folder's path; `PATH/…/NAME` when only folders of that name count. */
  item: string
  folder: FolderLimits
  size: Reading<MeasuredFolder>
}

/** A folder's size, as it is remembered too. */
export interface MeasuredFolder {
  bytes: number
  files: number
  /** False when the walk stopped at its bound: then `bytes` is a lower bound. */
  complete: boolean
  atMs: number
  tookMs: number
}

const folder = record('A folder', {
  path: required(path('The folder', null)),
  warn: threshold(size('Size', null)),
  crit: threshold(size('Size', null)),
  named: text('Only folders of this name below it count, e.g. __pycache__', null),
})

type FolderLimits = LimitsOf<typeof folder>

const observed = (at: string): FolderLimits => ({ path: at, warn: null, crit: null, named: null })

/** Where temporary files pile up, and where journald keeps its lines in RAM. */
const defaultFolders = [observed('/tmp'), observed('/run/log/journal')]

const limits = list('Size of folders', folder, { default: defaultFolders })

// A folder that nobody set limits for may not cost a run more than this; one with limits should be known whole.
const bounds = { observed: { maxEntries: 10_000, maxMs: 100 }, judged: { maxEntries: 500_000, maxMs: 2000 } }

// A walk that short, or of so few files (on a busy machine any walk is long), is made anew at each run; others are
// remembered for ten minutes.
const cheapMs = 10
const cheapFiles = 500
const rememberMs = 600_000

export const folders: HostCheck<FolderLimits[], FolderItem[]> = {
  scope: 'host',
  name: 'folders',
  limits,

  read(host, wanted, previous): Reading<FolderItem[]> {
    const known = rememberedSizes(previous)
    const unique = new Map(wanted.map((one) => [itemOf(one), one]))
    return value(
      [...unique].map(([item, one]) => ({ item, folder: one, size: sizeOf(host, one, known[item]) })),
    )
  },

  judge: (facts) => facts.flatMap(judgeFolder),

  remember: (facts) => ({
    sizes: Object.fromEntries(
      facts.flatMap(({ item, size }) => (size.kind === 'value' ? [[item, size.value]] : [])),
    ),
  }),
}

const itemOf = ({ path, named }: FolderLimits): string =>
  named === null ? path : `${path.replace(/\/+$/, '')}/…/${named}`

const sizeOf = (
  host: Host,
  wanted: FolderLimits,
  known: MeasuredFolder | undefined,
): Reading<MeasuredFolder> => {
  const atMs = host.now()
  if (known && mayReuse(known, wanted, atMs)) return value(known)
  const judged = wanted.warn !== null || wanted.crit !== null
  const startedMs = host.elapsedMs()
  const size = host.files.folderSize(wanted.path, {
    ...(judged ? bounds.judged : bounds.observed),
    named: wanted.named,
  })
  const tookMs = host.elapsedMs() - startedMs
  return size.kind === 'value' ? value({ ...size.value, atMs, tookMs }) : size
}

/** A size that is not known to be within its limits is measured anew, so that the end of a problem is seen at once. */
const mayReuse = (known: MeasuredFolder, { warn, crit, named }: FolderLimits, nowMs: number): boolean =>
  known.tookMs >= cheapMs &&
  (known.files >= cheapFiles || named !== null) &&
  (known.complete || (warn === null && crit === null)) &&
  known.atMs <= nowMs &&
  nowMs - known.atMs < rememberMs &&
  judgeLevel(known.bytes, warn, crit) === 'ok'

const judgeFolder = ({ item, folder: { path, warn, crit }, size }: FolderItem): Finding[] => {
  const judged = warn !== null || crit !== null
  const base = { check: 'folders', item, unit: 'bytes', warn, crit } as const
  if (size.kind === 'value') {
    const { bytes, files, complete } = size.value
    const status = judgeLevel(bytes, warn, crit)
    // "At least this much" is enough to be over a limit and never enough to be under it.
    const undecided = judged && !complete && status === 'ok'
    return [
      {
        ...base,
        code: undecided ? 'incomplete' : 'level',
        status: undecided ? 'unknown' : status,
        value: bytes,
        args: { files, atLeast: complete ? 0 : 1 },
      },
    ]
  }
  if (size.kind === 'absent' || size.cause === 'vanished')
    return judged || !defaultFolders.some((one) => one.path === path)
      ? [{ ...base, code: 'not-found', status: judged ? 'unknown' : 'ok', value: null }]
      : []
  return unmeasured(size, item, judged)
}

const unmeasured = (size: Failed, item: string, judged: boolean): Finding[] => {
  const finding = unreadable('folders', size, item)
  return [judged ? finding : { ...finding, status: 'ok' }]
}

const rememberedSizes = (previous: unknown): Record<string, MeasuredFolder> => {
  const sizes = (previous as { sizes?: unknown } | null)?.sizes
  if (typeof sizes !== 'object' || sizes === null) return {}
  return Object.fromEntries(Object.entries(sizes).filter(([, size]) => isMeasured(size)))
}

const isMeasured = (size: Partial<MeasuredFolder> | null): size is MeasuredFolder =>
  typeof size === 'object' &&
  size !== null &&
  [size.bytes, size.files, size.atMs, size.tookMs].every(Number.isFinite) &&
  typeof size.complete === 'boolean'
