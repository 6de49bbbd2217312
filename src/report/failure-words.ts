import { clip } from '../core/escape.ts'
import type { Finding } from '../core/finding.ts'

export interface FailureWords {
  /** Why it could not be read: `permission denied on /proc/1/io`. */
  why: string
  mend: string | null
}

const whatWidth = 100
const detailWidth = 160

/**
 * A failed reading in words, safe to show. The system's own words (`detail`) are added where the cause alone does not
 * tell; a cause that is not known here is shown as it is.
 */
export const failureWords = (cause: string, what: string, detail: string): FailureWords => {
  const thing = what === '' ? 'it' : clip(what, whatWidth)
  const words = clip(detail, detailWidth)
  const own = words === '' ? '' : ` (${words})`
  // The system's words say what happened; without the thing they stand alone.
  const told = (fallback: string): string =>
    `${what === '' ? '' : `${thing}: `}${words === '' ? fallback : words}`
  switch (cause) {
    case 'denied':
      return { why: `permission denied on ${thing}`, mend: deniedMend(what) }
    case 'timeout':
      return {
        why: `${thing} did not answer in time${own}`,
        mend: `see whether ${thing} hangs, then check again`,
      }
    case 'refused':
      return /ECONNREFUSED/.test(detail)
        ? { why: `${thing} refused the connection`, mend: 'start what should listen there' }
        : { why: told('refused'), mend: null }
    case 'malformed':
      return {
        why: `${thing} does not have the form it should${own}`,
        mend: 'look into it; if it is sound, please report this as a defect of oratio-health',
      }
    case 'vanished':
      return { why: `${thing} went away while it was looked at`, mend: 'check again' }
    case 'tool-missing':
      return { why: `${thing} is not installed`, mend: 'install it' }
    case 'io':
      return { why: told('input/output error'), mend: ioMend(detail) }
    default:
      return { why: told(clip(cause, whatWidth)), mend: null }
  }
}

/** The failure that a finding carries in `cause`, `what` and `detail`, in words; null when it carries none. */
export const failureOf = ({ args, item }: Finding): FailureWords | null => {
  const [cause, what, detail] = ['cause', 'what', 'detail'].map((name) => String(args?.[name] ?? ''))
  // `disk /srv: could not be read: /srv …` would say it twice.
  return cause ? failureWords(cause, (what !== item && what) || '', detail ?? '') : null
}

const deniedMend = (what: string): string =>
  /docker|podman/.test(what) ? 'run as root, or join the group that owns the socket' : 'run as root'

const ioMend = (detail: string): string | null => {
  if (/ENOSPC|EDQUOT/.test(detail)) return 'free some space there'
  if (/EROFS/.test(detail)) return 'remount it writable, or choose another folder'
  // Only what a disk or its driver answers is in the kernel's log; what is not there is not.
  return /\b(?:EIO|ENXIO|EREMOTEIO|EUCLEAN|EBADMSG)\b/.test(detail) ? 'see the kernel log (dmesg)' : null
}
