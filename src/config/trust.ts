import type { FileInfo } from '../core/facts.ts'
import type { Host } from '../host/host.ts'

const root = 0
// With a private group for each user, the default nearly everywhere, 0775 is usual below a home.
const writableByOthers = (ownUid: number): number => (ownUid === root ? 0o022 : 0o002)
const readableByOthers = 0o004
const enterableByOthers = 0o001
const sticky = 0o1000

export interface Distrust {
  /** Cause first, one line. */
  message: string
  mend: string
}

/**
 * A config can name commands, so whoever can change it, or put another in its place, can act as whom reads it. Every
 * file, folder and link on the way must belong to root or to us and be closed to the writes of others; in a sticky
 * folder such as /tmp others cannot touch what is not theirs (unlink(2)).
 *
 * @param path the config; it exists
 * @returns what is open to whom, or null; as root such a config must not be used
 */
export const distrustOf = (host: Host, path: string): Distrust | null => {
  const whom = host.uid === root ? 'root' : 'you'
  for (const [entry, info] of entriesOnTheWay(host, path)) {
    const flaw = flawOf(entry, info, host.uid)
    if (flaw === null) continue
    const what = entry === path ? flaw.what : `${entry} ${flaw.what}`
    return { message: `${path}: ${what}, who could have ${whom} run any command through it`, mend: flaw.mend }
  }
  return null
}

const flawOf = (
  entry: string,
  { kind, mode, uid }: FileInfo,
  ownUid: number,
): { what: string; mend: string } | null => {
  const mend = ownUid === root ? `chown root ${entry} && chmod go-w ${entry}` : `chmod o-w ${entry}`
  if (uid !== root && uid !== ownUid)
    return { what: `belongs to user ${uid}`, mend: ownUid === root ? mend : 'use a config of your own' }
  // The mode of a link means nothing: who may replace it is said by its folder.
  const closed = kind === 'symlink' || (mode & writableByOthers(ownUid)) === 0
  return closed || (kind === 'folder' && (mode & sticky) !== 0)
    ? null
    : { what: 'can be written by other users', mend }
}

/** True when every user of the host can read the file, as far as its folders let them. */
export const isReadableByAll = (host: Host, path: string): boolean => {
  const entries = entriesOnTheWay(host, path)
  const file = entries.at(-1)?.[1]
  return (
    file?.kind === 'file' &&
    (file.mode & readableByOthers) !== 0 &&
    entries.every(([, { kind, mode }]) => kind !== 'folder' || (mode & enterableByOthers) !== 0)
  )
}

const entriesOnTheWay = (host: Host, path: string): [string, FileInfo][] => {
  const resolved = host.files.resolve(path)
  if (resolved.kind !== 'value') return []
  return ['/', ...resolved.value.passed].flatMap((entry): [string, FileInfo][] => {
    const info = host.files.info(entry)
    return info.kind === 'value' ? [[entry, info.value]] : []
  })
}
