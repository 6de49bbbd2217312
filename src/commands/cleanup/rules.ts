import { userId } from '../../checks/observe/user-id.ts'
import type { CleanupRule } from '../../config/sections/cleanup.ts'
import { exitCode, HealthError } from '../../core/errors.ts'
import { clip } from '../../core/escape.ts'
import type { ReachedBy } from '../../core/tree.ts'
import type { Host } from '../../host/host.ts'
import { type NameMatch, parseGlob } from '../../parse/glob.ts'
import type { CleanupWish } from '../../plan/cleanup.ts'
import { closedMounts, mountsBelow, rootRefusal } from '../../plan/cleanup-roots.ts'
import type { RunContext } from '../command.ts'
import { ruleFollows } from './elsewhere.ts'
import { ownPlaces } from './own-places.ts'
import { isRemote, mountsNow, silenceOf } from './remote.ts'
import { systemFoldersOf } from './system-folders.ts'

/** A rule whose folder was looked at: it may be cleaned. */
export interface ReadyRule extends CleanupWish {
  /** As it was given, for people. */
  path: string
  /** Without symlinks; null: it is not there. */
  root: string | null
  recurse: boolean
  emptyDirs: boolean
  keepOpen: boolean
  oneFileSystem: boolean
  keepNewest: number
  maxTotalBytes: number | null
  /** Never entered. */
  mountPoints: ReadonlySet<string>
  /** Entered, by their numbers. */
  mountIds: ReadonlySet<number>
  /** What `root` lay on when it was looked at; null: it could not be opened, or is for another process to look at. */
  reachedBy: ReachedBy | null
  /** By `host.elapsedMs`. */
  judgedAtMs: number
  isAdHoc: boolean
  /** On a network or FUSE file system, and not for this process to clean. */
  isElsewhere: boolean
  /** As the config or the command line has it. */
  wanted: Wanted
  /** Why it can't be looked at now; null: it can. */
  silence: string | null
  /** As they were given; an empty list is every name. */
  globs: { match: readonly string[]; exclude: readonly string[] }
}

export type Wanted = Pick<CleanupRule, 'path' | 'older_than'> & Partial<CleanupRule>

/**
 * All of them are looked at before anything is removed.
 *
 * @throws HealthError 64 for what the command line asks for, 78 for a rule of the config that cannot be
 */
export const rulesOf = async (context: RunContext): Promise<ReadyRule[]> => {
  const { args, loaded } = context
  if (args[0] === ruleFollows) return [await readyRule(context, toldRule(args[1]), exitCode.usage, '')]
  const isAdHoc = args.length > 0
  const given = isAdHoc ? undefined : ruleOptions.find((name) => isGiven(context.options, name))
  if (given !== undefined)
    throw new HealthError(
      exitCode.usage,
      `--${given} is of a folder on the command line, and none is named`,
      'name the folders first: oratio-health cleanup-tmp DIR --match GLOB; the rules of the config have keys of their own',
    )
  const wanted = isAdHoc
    ? args.map((path) => adHoc(context, path))
    : ((loaded?.config.cleanup ?? []) as CleanupRule[])
  const code = isAdHoc ? exitCode.usage : exitCode.badConfig
  const rules: ReadyRule[] = []
  for (const [i, rule] of wanted.entries())
    rules.push(await readyRule(context, rule, code, isAdHoc ? '' : `cleanup[${i}] `))
  return rules
}

/** By another run of this program, see elsewhere.ts. */
const toldRule = (text = ''): Wanted => {
  try {
    const rule = JSON.parse(text) as Partial<Wanted>
    if (typeof rule.path === 'string' && typeof rule.older_than === 'number') return rule as Wanted
  } catch {
    // No JSON: said below.
  }
  throw new HealthError(exitCode.usage, `after ${ruleFollows} a rule is wanted, as JSON`)
}

const ruleOptions = [
  'older-than',
  'match',
  'exclude',
  'by',
  'empty-dirs',
  'no-recurse',
  'no-keep-open',
] as const

/** Of commander: `--no-x` makes x false, anything else is there or not. */
const isGiven = (options: RunContext['options'], name: string): boolean => {
  const key = name.replace(/^no-/, '').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  return name.startsWith('no-') ? options[key] === false : options[key] !== undefined
}

const stamps = ['newest', 'mtime', 'atime', 'ctime'] as const

const adHoc = ({ options }: RunContext, path: string): Wanted => {
  const by = options.by ?? 'newest'
  const stamp = stamps.find((one) => one === by)
  if (stamp === undefined)
    throw new HealthError(
      exitCode.usage,
      `--by ${clip(String(by), 40)}: no such stamp`,
      `one of ${stamps.join(', ')}`,
    )
  return {
    path,
    older_than: (options.olderThan as number | undefined) ?? 86_400,
    match: options.match as string[] | undefined,
    exclude: options.exclude as string[] | undefined,
    age_by: stamp,
    recurse: options.recurse !== false,
    empty_dirs: options.emptyDirs === true,
    keep_open: options.keepOpen !== false,
  } as Wanted
}

/** @throws HealthError when it may not be cleaned any more */
export const readyAgain = async (
  context: RunContext,
  { wanted, isAdHoc }: ReadyRule,
): Promise<ReadyRule> => ({
  ...(await readyRule(context, wanted, exitCode.usage, '')),
  isAdHoc,
})

/** @throws HealthError with that status, when it may not be cleaned */
export const readyRule = async (
  context: RunContext,
  rule: Wanted,
  code: number,
  place: string,
): Promise<ReadyRule> => {
  const { host } = context
  const wrong = (what: string, mend?: string): HealthError =>
    new HealthError(code, `${place}${clip(rule.path, 200)}: ${what}; nothing was removed`, mend)
  if (rule.path.trim() === '') throw wrong('no folder is named')
  const globs = (list: readonly string[]): NameMatch[] =>
    list.map((glob) => {
      const parsed = parseGlob(glob)
      if (typeof parsed === 'string') throw wrong(`the glob "${clip(glob, 60)}" ${parsed}`)
      return parsed
    })
  const judgedAtMs = host.elapsedMs()
  // Without them nobody knows what may be touched.
  mountsNow(host)
  const local = host.files.resolveLocal(rule.path)
  if (local.kind !== 'value') throw wrong(local.kind === 'failed' ? local.detail : 'it is not there')
  const silence = isRemote(host, local.value.path) ? await silenceOf(host, local.value.path) : null
  const root = silence === null ? rootOf(host, rule.path, wrong) : null
  const isElsewhere =
    context.args[0] !== ruleFollows &&
    root !== null &&
    (isRemote(host, local.value.path) || isRemote(host, root))
  let closed: string[] = []
  let entered: number[] = []
  let reachedBy: ReachedBy | null = null
  if (root !== null) {
    // Before the look at the mounts: by one that is mounted in between the folder is reached no more.
    if (!isElsewhere) reachedBy = (await host.tree()).reachedBy(root)
    const mounts = mountsNow(host)
    const place = {
      ...{ path: root, written: local.value.written, mounts },
      ...ownPlaces(context),
      system: systemFoldersOf(host, mounts),
    }
    const refusal = rootRefusal(place)
    if (refusal !== null) throw wrong(refusal, 'name a folder that holds temporary files alone')
    closed = rule.one_file_system === false ? closedMounts(place) : mountsBelow(place)
    const open = new Set(mountsBelow(place).filter((point) => !closed.includes(point)))
    entered = mounts.flatMap(({ id, mountPoint }) => (open.has(mountPoint) ? [id] : []))
  }
  const match = rule.match ?? ['*']
  const texts = { match: match.includes('*') ? [] : match, exclude: rule.exclude ?? [] }
  globs(match)
  return {
    path: rule.path,
    root,
    silence,
    globs: texts,
    match: globs(texts.match),
    exclude: globs(texts.exclude),
    olderThanMs: rule.older_than * 1000,
    ageBy: rule.age_by ?? 'newest',
    minBytes: rule.min_size ?? null,
    uids: rule.users === undefined || rule.users.length === 0 ? null : await uidsOf(host, rule.users, wrong),
    recurse: rule.recurse ?? true,
    emptyDirs: rule.empty_dirs ?? false,
    keepOpen: rule.keep_open ?? true,
    oneFileSystem: rule.one_file_system ?? true,
    isAdHoc: place === '',
    isElsewhere,
    wanted: rule,
    keepNewest: rule.keep_newest ?? 0,
    maxTotalBytes: rule.max_total ?? null,
    mountPoints: new Set(closed),
    mountIds: new Set(entered),
    reachedBy,
    judgedAtMs,
  }
}

/** Its symlinks are followed here, once, where only root can make them; anybody else's lead where they like. */
const rootOf = (
  host: Host,
  path: string,
  wrong: (what: string, mend?: string) => HealthError,
): string | null => {
  const resolved = host.files.resolve(path)
  if (resolved.kind === 'absent') return null
  if (resolved.kind === 'failed') throw wrong(resolved.detail)
  for (const passed of resolved.value.passed) {
    const info = host.files.info(passed)
    if (info.kind === 'absent') return null
    if (info.kind === 'failed') throw wrong(`${passed}: ${info.detail}`)
    if (info.value.kind === 'symlink' && info.value.uid !== 0 && info.value.uid !== host.uid)
      throw wrong(`${passed} is a symbolic link of another user`, 'name the folder itself')
  }
  const end = host.files.info(resolved.value.path)
  if (end.kind === 'absent') return null
  if (end.kind === 'value' && end.value.kind !== 'folder') throw wrong('it is no folder')
  return resolved.value.path
}

const uidsOf = async (
  host: Host,
  users: readonly string[],
  wrong: (what: string, mend?: string) => HealthError,
): Promise<Set<number>> => {
  const uids = new Set<number>()
  for (const user of users) {
    const uid = await userId(host, user)
    if (uid.kind !== 'value')
      throw wrong(
        uid.kind === 'failed' ? `${uid.what} ${clip(uid.detail, 100)}` : `no user ${clip(user, 40)}`,
      )
    uids.add(uid.value)
  }
  return uids
}
