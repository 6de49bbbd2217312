import type { FileInfo, ProcessStat } from '../../core/facts.ts'
import { mountLookup } from '../../core/mounts.ts'
import { valueOrNull } from '../../core/reading.ts'
import type { ServiceFacts } from '../../core/service.ts'
import type { FilePart, Host } from '../../host/host.ts'
import { observeProcesses } from './process.ts'
import { isDead, withDescendants } from './process-tree.ts'
import { type Snapshot, startedAtMs } from './snapshot.ts'
import { reasonOf, type Wanted, withoutFigures } from './wanted.ts'

// A pid and a line break are 8 bytes; PostgreSQL's has seven more lines.
const maxBytes = 4096

// PID_MAX_LIMIT of the kernel's include/linux/threads.h.
const maxPid = 4_194_304

/**
 * Clocks are set now and then, and the file is written a moment after the start. A pid that comes round again within
 * a minute would take 32,768 new processes.
 */
const slackMs = 60_000

/** The process whose pid is the first line of the file, with all it has started. */
export const observePidfile = (snapshot: Snapshot, wanted: Wanted, path: string): ServiceFacts => {
  const { host, tree, scan } = snapshot
  const missing = (detail: string): ServiceFacts => withoutFigures(wanted, 'missing', detail)
  const info = host.files.info(path)
  if (info.kind === 'absent') return missing(`no file ${path}`)
  if (info.kind === 'failed') return withoutFigures(wanted, 'unknown', reasonOf(info))
  // Who may write the folder could lead it to any file, and have any process taken for the service.
  if (info.value.kind !== 'file') return missing(`${path} is no file but a ${info.value.kind}`)
  if (info.value.sizeBytes > maxBytes) return missing(`${path} is too large for a pid file`)
  const part = host.files.readFrom(path, 0, maxBytes, true)
  if (part.kind !== 'value') return withoutFigures(wanted, 'unknown', reasonOf(part))
  // Who may write the folder could put another one in its place meanwhile.
  if (part.value.inode !== info.value.inode)
    return withoutFigures(wanted, 'unknown', `${path} was replaced while it was read`)
  const pid = pidIn(part.value.text)
  if (pid === null) return missing(`${path} does not begin with a pid`)
  if (scan.kind !== 'value') return withoutFigures(wanted, 'unknown', reasonOf(scan))
  const stat = tree.byPid.get(pid)
  if (stat === undefined)
    return scan.value.complete
      ? missing(`process ${pid} of ${path} is not running`)
      : withoutFigures(wanted, 'unknown', `process ${pid} is not to be seen, some are hidden (hidepid)`)
  const objection = objectionTo(host, stat, path, info.value)
  if (objection !== null) return missing(objection)
  // Not missing: the daemon may well run, and must not be started once more.
  const distrust = distrustOf(host, stat, path, part.value)
  if (distrust !== null) return { ...withoutFigures(wanted, 'unknown', distrust), claimedPid: pid }
  const processes = withDescendants(tree, pid).flatMap((one) => tree.byPid.get(one) ?? [])
  return observeProcesses(
    snapshot,
    wanted,
    stat,
    processes.filter((one) => !isDead(one)),
  )
}

const pidIn = (text: string): number | null => {
  const first = text.split('\n', 1)[0]?.trim() ?? ''
  const pid = /^\d{1,7}$/.test(first) ? Number(first) : 0
  return pid >= 1 && pid <= maxPid ? pid : null
}

/** Why this process is not the one the file was written for; null when it may be. */
export const objectionTo = (host: Host, stat: ProcessStat, path: string, file: FileInfo): string | null => {
  if (stat.isKernelThread) return `process ${stat.pid} of ${path} is a kernel thread`
  if (isDead(stat)) return `process ${stat.pid} of ${path} has ended and was not reaped (zombie)`
  const started = valueOrNull(startedAtMs(host, stat.startTicks))
  if (started === null || started <= file.modifiedAtMs + slackMs) return null
  if (isFromBeforeTheClockWasSet(host, path, file)) return null
  return `process ${stat.pid} started after ${path} was written: the pid was given to another`
}

/**
 * Why the file may have been made to lead to somebody else's process, which would be ended for the service; null when
 * it is believed. What another user may write names processes of that user only (start-stop-daemon and systemd refuse
 * such files likewise); of what anybody may write, or a group may of root's, it is not known whose word it is.
 */
const distrustOf = (
  host: Host,
  { pid }: ProcessStat,
  path: string,
  { uid, mode }: FilePart,
): string | null => {
  const [byGroup, byAll] = [(mode & 0o020) !== 0, (mode & 0o002) !== 0]
  const isOwn = uid === 0 || uid === host.uid
  // Nothing of a capture is ended, and its files are of who unpacked it.
  if (!host.live || (isOwn && !byGroup && !byAll)) return null
  if (byAll || (byGroup && uid === 0 && host.uid === 0))
    return `${path} is not believed: others may write it (chmod go-w)`
  const owned = host.processes.memory(pid)
  if (owned.kind !== 'value') return reasonOf(owned)
  return owned.value.uid === uid
    ? null
    : `${path} is not believed: it is of user ${uid}, and process ${pid} of user ${owned.value.uid}`
}

/**
 * A Raspberry Pi has no clock of its own: files written before the first time signal have stamps from before the
 * boot, while start times follow the clock as it stands now. In RAM nothing is older than the boot, so such a stamp
 * only says that the clock was set; on a disk it says that the file is left from an earlier boot.
 */
const isFromBeforeTheClockWasSet = (host: Host, path: string, file: FileInfo): boolean => {
  const boot = valueOrNull(host.processes.bootAtMs())
  if (boot === null || file.modifiedAtMs >= boot) return false
  const mount = mountLookup(valueOrNull(host.files.mounts()) ?? [])(path.replace(/^\/var\/run\//, '/run/'))
  return mount?.type === 'tmpfs'
}
