import type { LogSender } from '../../core/crash-event.ts'
import { type fieldsOf, textOf } from '../json-fields.ts'

/** Each has a user of its own, or gets one by DynamicUser=; systemd-coredump takes on that of the process that crashed. */
const daemons = /^(?:systemd-oomd|earlyoom|nohang|nohang-desktop|systemd-coredump@.*)\.service$/

/**
 * Who has sent an entry of the journal, by journald's own fields: those that begin with an underscore no client can send
 * (systemd.journal-fields(7)). All others, SYSLOG_IDENTIFIER and MESSAGE_ID too, are the sender's own word: any user may
 * call himself `systemd`. _COMM is what a process calls itself. Undefined where those fields were not exported.
 */
export const journalSender = (entry: ReturnType<typeof fieldsOf>): LogSender | undefined => {
  const [pid, uid, unit] = [textOf(entry._PID), textOf(entry._UID), textOf(entry._SYSTEMD_UNIT)]
  const transport = textOf(entry._TRANSPORT)
  // Into /dev/kmsg nobody but root can write.
  if (transport === 'kernel' || pid === '1' || unit === 'init.scope') return 'manager'
  if (uid === '0' || (unit !== null && daemons.test(unit))) return 'daemon'
  return pid === null && uid === null && transport === null ? undefined : 'program'
}
