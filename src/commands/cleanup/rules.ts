import { userId } from '../../checks/observe/user-id.ts'
import { exitCode, HealthError } from '../../core/errors.ts'
import { clip } from '../../core/escape.ts'
import type { ReachedBy } from '../../core/tree.ts'
import type { Host } from '../../host/host.ts'
import { type NameMatch, parseGlob } from '../../parse/glob.ts'
import type { CleanupWish } from '../../plan/cleanup.ts'
import { closedMounts, globFault, mountsBelow, rootRefusal, textRefusal } from '../../plan/cleanup-roots.ts'
import type { RunContext } from '../command.ts'
import { ruleFollows } from './elsewhere.ts'
import { ownPlaces } from './own-places.ts'
import { isRemote, mountsNow, silenceOf } from './remote.ts'
import { systemFoldersOf } from './system-folders.ts'
import { type Wanted, wantedRules } from './wanted.ts'

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

/** One that was not let through by what was seen on this host: the others are none the worse. */
export interface RefusedRule {
  path: string
  refused: string
}

/**
 * All of them are looked at before anything is removed. What only the disk tells anybody may bring about who may write to a
 * folder on the way, so that it never stops the rules of the config, but that one alone.
 *
 * @throws HealthError 64 for what the command line asks for, 78 for what the text of the config says
 */
export const rulesOf = async (context: RunContext): Promise<(ReadyRule | RefusedRule)[]> => {
  const { rules, isAdHoc, isTold } = wantedRules(context)
  const code = isAdHoc || isTold ? exitCode.usage : exitCode.badConfig
  const wrong = (i: number, what: string, mend: string | null): HealthError => {
    const place = code === exitCode.badConfig ? `cleanup[${i}] ` : ''
    return new HealthError(
      code,
      `${place}${clip(rules[i]?.path ?? '', 200)}: ${what}; nothing was removed`,
      mend,
    )
  }
  for (const [i, rule] of rules.entries()) {
    const fault = textFault(rule)
    if (fault !== null) throw wrong(i, fault, null)
  }
  const judged: (ReadyRule | RefusedRule)[] = []
  for (const [i, rule] of rules.entries())
    try {
      judged.push(await readyRule(context, rule, isAdHoc))
    } catch (error) {
      if (!(error instanceof HealthError) || error.code === exitCode.unknown) throw error
      if (isAdHoc && !isTold && error.code === exitCode.usage) throw wrong(i, error.message, error.mend)
      judged.push({ path: rule.path, refused: error.message })
    }
  return judged
}

/** What its text alone says against a rule; null: nothing. */
const textFault = ({ path, match = [], exclude = [] }: Wanted): string | null => {
  if (path.trim() === '') return 'no folder is named'
  for (const glob of [...match, ...exclude]) {
    const fault = globFault(glob)
    if (fault !== null) return fault
  }
  return path.startsWith('/') ? textRefusal(path) : null
}

/** @throws HealthError 64 when it may not be cleaned, 2 when that cannot be told, 3 when it cannot be told of any */
export const readyRule = async (context: RunContext, rule: Wanted, isAdHoc: boolean): Promise<ReadyRule> => {
  const { host } = context
  const fault = textFault(rule)
  if (fault !== null) throw refused(fault)
  const judgedAtMs = host.elapsedMs()
  // Without them nobody knows what may be touched.
  mountsNow(host)
  const local = host.files.resolveLocal(rule.path)
  if (local.kind !== 'value') throw refused(local.kind === 'failed' ? local.detail : 'it is not there')
  const silence = isRemote(host, local.value.path) ? await silenceOf(host, local.value.path) : null
  const root = silence === null ? rootOf(host, rule.path) : null
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
    if (refusal !== null) throw refused(refusal, 'name a folder that holds temporary files alone')
    closed = rule.one_file_system === false ? closedMounts(place) : mountsBelow(place)
    const open = new Set(mountsBelow(place).filter((point) => !closed.includes(point)))
    entered = mounts.flatMap(({ id, mountPoint }) => (open.has(mountPoint) ? [id] : []))
  }
  const match = rule.match ?? ['*']
  const texts = { match: match.includes('*') ? [] : match, exclude: rule.exclude ?? [] }
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
    uids: rule.users === undefined || rule.users.length === 0 ? null : await uidsOf(host, rule.users),
    recurse: rule.recurse ?? true,
    emptyDirs: rule.empty_dirs ?? false,
    keepOpen: rule.keep_open ?? true,
    oneFileSystem: rule.one_file_system ?? true,
    isAdHoc,
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
const rootOf = (host: Host, path: string): string | null => {
  const resolved = host.files.resolve(path)
  if (resolved.kind === 'absent') return null
  if (resolved.kind === 'failed') throw refused(resolved.detail)
  for (const passed of resolved.value.passed) {
    const info = host.files.info(passed)
    if (info.kind === 'absent') return null
    if (info.kind === 'failed') throw untold(`${passed}: ${info.detail}`)
    if (info.value.kind === 'symlink' && info.value.uid !== 0 && info.value.uid !== host.uid)
      throw refused(`${passed} is a symbolic link of another user`, 'name the folder itself')
  }
  const end = host.files.info(resolved.value.path)
  if (end.kind === 'absent') return null
  if (end.kind === 'value' && end.value.kind !== 'folder') throw refused('it is no folder')
  return resolved.value.path
}

const uidsOf = async (host: Host, users: readonly string[]): Promise<Set<number>> => {
  const uids = new Set<number>()
  for (const user of users) {
    const uid = await userId(host, user)
    if (uid.kind !== 'value') {
      const why = uid.kind === 'failed' ? `${uid.what} ${clip(uid.detail, 100)}` : `no user ${clip(user, 40)}`
      // Only the host knows, which may be without its LDAP just now.
      throw untold(`${why} (where that stays so, mend \`users:\` of the rule)`)
    }
    uids.add(uid.value)
  }
  return uids
}

const refused = (what: string, mend?: string): HealthError => new HealthError(exitCode.usage, what, mend)

const untold = (what: string): HealthError => new HealthError(exitCode.critical, what)

/** Of texts that were read before. */
const globs = (list: readonly string[]): NameMatch[] =>
  list.flatMap((glob) => {
    const parsed = parseGlob(glob)
    return typeof parsed === 'string' ? [] : [parsed]
  })
