import type { ProcessMemory } from '../core/facts.ts'
import { failed, type Reading, value } from '../core/reading.ts'

/**
 * /proc/PID/status (proc_pid_status(5)), lines such as `RssAnon:\t    2080 kB`, in bytes; `kB` means 1024. Kernel
 * threads and zombies have no memory lines: they hold none, so all is 0. Kernels before 4.5 have `VmRSS` alone:
 * then it counts as anonymous.
 */
export const parsePidStatus = (text: string): Reading<ProcessMemory> => {
  const uid = naturalOf(fieldOf(text, 'Uid'))
  const threads = naturalOf(fieldOf(text, 'Threads'))
  if (uid === null || threads === null) return malformed('no Uid or Threads line')

  const rssBytes = bytesOf(fieldOf(text, 'VmRSS')) ?? 0
  return value({
    rssBytes,
    anonBytes: bytesOf(fieldOf(text, 'RssAnon')) ?? rssBytes,
    fileBytes: bytesOf(fieldOf(text, 'RssFile')) ?? 0,
    shmemBytes: bytesOf(fieldOf(text, 'RssShmem')) ?? 0,
    swapBytes: bytesOf(fieldOf(text, 'VmSwap')) ?? 0,
    uid,
    threads,
  })
}

/** Who reads /proc, as far as `hidepid` asks for it. */
export interface ProcViewer {
  /** The group of file access and all supplementary ones. */
  groups: number[]
  /** CAP_SYS_PTRACE, which root has on a host but not in a container. */
  mayTrace: boolean
}

/** CAP_SYS_PTRACE of the kernel's include/uapi/linux/capability.h. */
const capSysPtrace = 19n

/** /proc/self/status → what `hidepid` would let that process see. `Gid:` has real, effective, saved, file access. */
export const parseProcViewer = (text: string): Reading<ProcViewer> => {
  const capabilities = fieldOf(text, 'CapEff')
  if (capabilities === null || !/^[\da-f]{1,32}$/.test(capabilities)) return malformed('no CapEff line')
  const groups = `${fieldOf(text, 'Gid')?.split(/\s+/)[3] ?? ''} ${fieldOf(text, 'Groups') ?? ''}`
  return value({
    groups: (groups.match(/\d+/g) ?? []).map(Number),
    mayTrace: ((BigInt(`0x${capabilities}`) >> capSysPtrace) & 1n) === 1n,
  })
}

const malformed = (detail: string): Reading<never> => failed('malformed', '/proc/PID/status', detail)

/**
 * The text of one line. The name in the first line is any user's choice; the kernel writes its line breaks as `\n`
 * but leaves carriage returns, at which a regular expression's `^` would begin a line. Where a forged line stood
 * all the same, the later, real one wins.
 */
const fieldOf = (text: string, key: string): string | null => {
  const label = `\n${key}:`
  const at = text.lastIndexOf(label)
  if (at < 0) return null
  const end = text.indexOf('\n', at + 1)
  return text.slice(at + label.length, end < 0 ? undefined : end).trim()
}

const naturalOf = (text: string | null): number | null => {
  const digits = /^\d+/.exec(text ?? '')?.[0]
  return digits !== undefined && Number.isSafeInteger(Number(digits)) ? Number(digits) : null
}

const bytesOf = (text: string | null): number | null => {
  const kilobytes = /^(\d+) kB$/.exec(text ?? '')?.[1]
  const bytes = Number(kilobytes) * 1024
  return kilobytes !== undefined && Number.isSafeInteger(bytes) ? bytes : null
}
