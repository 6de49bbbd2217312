import { closeSync } from 'node:fs'

/**
 * What Node cannot say to the kernel, by the optional package koffi: this is its one door. Loading takes 6–7 ms (the
 * first time on a cold disk 90 ms), so only what ends processes or cleans folders does. Where koffi is not installed or
 * not for this machine, and where the kernel has no pidfds (before 5.3, or a seccomp filter that forbids them), callers get null
 * and say what they cannot promise.
 */
export interface CLibrary {
  /** A function of the C library by its prototype, of whole numbers and addresses alone; null: it has none of that name. */
  find(prototype: string): ((...args: number[]) => number) | null
  /** Stays right while somebody holds the buffer. */
  addressOf(buffer: Buffer): number
  /** Of the call before. */
  errno(): number
}

/** Null where koffi is not installed or not for this machine. */
export const loadLibrary = async (): Promise<CLibrary | null> => {
  try {
    const { default: koffi } = await import('koffi')
    const library = koffi.load(null)
    return {
      find: (prototype) => {
        try {
          return library.func(prototype)
        } catch {
          return null
        }
      },
      addressOf: (buffer) => Number(koffi.address(buffer)),
      errno: () => koffi.errno(),
    }
  } catch {
    // Whatever the words, there is none.
    return null
  }
}

export interface Pidfds {
  /** pidfd_open(2): a descriptor that stays with this process whatever becomes of its pid. */
  open(pid: number): PidfdAnswer
  /** pidfd_send_signal(2). */
  signal(fd: number, signal: number): Exclude<PidfdAnswer, { kind: 'fd' }> | { kind: 'done' }
}

export type PidfdAnswer =
  | { kind: 'fd'; fd: number }
  /** ESRCH: no such process. */
  | { kind: 'gone' }
  /** EPERM. */
  | { kind: 'denied' }
  /** Anything else, e.g. no descriptors left: the question was not answered. */
  | { kind: 'unable' }

// From 424 on a system call has the same number on every architecture (the kernel's scripts/syscall.tbl).
const pidfdSendSignal = 424
const pidfdOpen = 434

const EPERM = 1
const ESRCH = 3

type Syscall = (number: number, a: number, b: number, c: number, d: number, e: number, f: number) => number

let loaded: Promise<Pidfds | null> | undefined

/** Null where the platform has none. Kept: the answer stays the same while this program runs. */
export const loadPidfds = (): Promise<Pidfds | null> => {
  loaded ??= load()
  return loaded
}

const load = async (): Promise<Pidfds | null> => {
  try {
    const library = await loadLibrary()
    // syscall(2) of whatever C library this program runs with; variadic, which for whole numbers is no difference on
    // Linux. All six arguments are given, since it reads six.
    const syscall = library?.find('long syscall(long, long, long, long, long, long, long)') as Syscall | null
    if (!library || !syscall) return null
    const pidfds = pidfdsBy(syscall, library.errno)
    return answersOf(pidfds) ? pidfds : null
  } catch {
    // Not installed, or its binary does not fit this machine: whatever the words, there is none.
    return null
  }
}

const pidfdsBy = (syscall: Syscall, errno: () => number): Pidfds => {
  const refusal = (): { kind: 'gone' | 'denied' | 'unable' } => {
    const code = errno()
    if (code === ESRCH) return { kind: 'gone' }
    return { kind: code === EPERM ? 'denied' : 'unable' }
  }
  return {
    open(pid) {
      const fd = Number(syscall(pidfdOpen, pid, 0, 0, 0, 0, 0))
      return fd >= 0 ? { kind: 'fd', fd } : refusal()
    },
    signal(fd, signal) {
      const answer = Number(syscall(pidfdSendSignal, fd, signal, 0, 0, 0, 0))
      return answer === 0 ? { kind: 'done' } : refusal()
    },
  }
}

/** Seen to work once, on ourselves, with signal 0, which only asks. */
const answersOf = (pidfds: Pidfds): boolean => {
  const opened = pidfds.open(process.pid)
  if (opened.kind !== 'fd') return false
  try {
    return pidfds.signal(opened.fd, 0).kind === 'done'
  } finally {
    closeSync(opened.fd)
  }
}
