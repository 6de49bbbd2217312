import { existsSync, opendirSync, readlinkSync, statSync } from 'node:fs'
import { release } from 'node:os'
import type { ProcessScan, ProcessStat } from '../core/facts.ts'
import { absent, failed, mapReading, type Reading, value } from '../core/reading.ts'
import { type MachineUnits, parseAuxv } from '../parse/auxv.ts'
import { parseBootTime } from '../parse/cpu-stat.ts'
import { hidesProcessesFrom } from '../parse/hidepid.ts'
import { parseMountinfo } from '../parse/mountinfo.ts'
import { parsePidStat } from '../parse/pid-stat.ts'
import { parsePidStatus, parseProcViewer } from '../parse/pid-status.ts'
import type { HostBase } from './base.ts'
import { errnoOf } from './errno.ts'
import type { HostProcesses } from './host.ts'
import { goneOrFailed, readKernelBytes, readKernelText } from './kernel-file.ts'
import { listPids, scanProc } from './process-scan.ts'
import { maySignal } from './signal.ts'

/**
 * What is read of one command line. Arguments may come to 2 MB, and anybody may start a program with that many;
 * 32 KiB still hold the class path of a big Java service, whose main class stands behind it.
 */
const maxCommandLineBytes = 32 * 1024

/**
 * Processes of a live or captured /proc. Every reading is new except the scan, the boot time and the machine's
 * units, which are kept: a failed one is tried again.
 */
export const makeProcesses = (base: HostBase): HostProcesses => {
  const units = keepValue(() => readUnits(base))
  const ownPidNamespace = keepValue(() => readOwnPidNamespace(base))
  const text = (path: string): Reading<string> => readKernelText(base, path)
  const thenParse = <T>(from: Reading<string>, parse: (text: string) => Reading<T>): Reading<T> =>
    from.kind === 'value' ? parse(from.value) : from

  return {
    scan: keepValue(() => scan(base, units())),
    list: () => listPids(base),
    stat: (pid) =>
      thenParse(text(`/proc/${pid}/stat`), (line) => parsePidStat(line, unitsOrUsual(units()).pageBytes)),
    commandLine: (pid) => commandLine(base, pid),
    executable: (pid) => executable(base, pid),
    memory: (pid) => thenParse(text(`/proc/${pid}/status`), parsePidStatus),
    status: (pid) => text(`/proc/${pid}/status`),
    openFiles: (pid) => openFiles(base, pid),
    isInOwnPidNamespace: (pid) => {
      const own = ownPidNamespace()
      return own.kind === 'value'
        ? mapReading(linkAt(base, `/proc/${pid}/ns/pid`), (one) => one === own.value)
        : own
    },
    maySignal: (pid) => maySignal(base, pid),
    bootAtMs: keepValue(() => thenParse(text('/proc/stat'), parseBootTime)),
    get ticksPerSecond() {
      return unitsOrUsual(units()).ticksPerSecond
    },
    get pageBytes() {
      return unitsOrUsual(units()).pageBytes
    },
  }
}

const keepValue = <T>(read: () => Reading<T>): (() => Reading<T>) => {
  let kept: Reading<T> | null = null
  return () => {
    if (kept !== null) return kept
    const reading = read()
    if (reading.kind === 'value') kept = reading
    return reading
  }
}

/** USER_HZ is 100 on every architecture Node runs on; pages are 4 KiB on most, but 16 or 64 KiB on some arm64. */
const usualUnits: MachineUnits = { pageBytes: 4096, ticksPerSecond: 100 }

const unitsOrUsual = (read: Reading<MachineUnits>): MachineUnits =>
  read.kind === 'value' ? read.value : usualUnits

/** From the auxiliary vector, since asking `getconf` would cost a process. */
const readUnits = (base: HostBase): Reading<MachineUnits> => {
  const path = '/proc/self/auxv'
  const bytes = readKernelBytes(base, path, 4096)
  if (bytes.kind !== 'value') return base.live ? bytes : value(usualUnits)
  const units = parseAuxv(bytes.value)
  if (units !== null) return value(units)
  return base.live ? failed('malformed', path, 'no page size in it') : value(usualUnits)
}

const scan = (base: HostBase, units: Reading<MachineUnits>): Reading<ProcessScan> => {
  if (units.kind !== 'value') return units
  const raw = scanProc(base, units.value.pageBytes)
  return mapReading(raw, ({ processes, unread }) => ({
    processes,
    complete: unread === 0 && seesAll(base, processes),
  }))
}

/** Process 1 is there on every running host; a fixture may hold a few processes only. */
const seesAll = (base: HostBase, processes: ProcessStat[]): boolean => {
  const hidden = hidesOthers(base)
  const needsFirst = base.live || hidden !== 'no'
  if (needsFirst && !processes.some((p) => p.pid === 1)) return false
  return hidden !== 'yes'
}

/** `maybe`: they are hidden from some, and a capture does not tell as whom it was made. */
const hidesOthers = (base: HostBase): 'no' | 'maybe' | 'yes' => {
  const mountinfo = readKernelText(base, '/proc/self/mountinfo')
  // The mounts of a busy Docker host are hundreds of long lines: parsed only when the word is there at all.
  if (mountinfo.kind !== 'value' || !mountinfo.value.includes('hidepid=')) return 'no'
  const mounts = parseMountinfo(mountinfo.value)
  const status = readKernelText(base, '/proc/self/status')
  const viewer = status.kind === 'value' ? parseProcViewer(status.value) : status
  if (viewer.kind === 'value') return hidesProcessesFrom(mounts, viewer.value) ? 'yes' : 'no'
  if (!hidesProcessesFrom(mounts, null)) return 'no'
  return base.live && base.uid !== 0 ? 'yes' : 'maybe'
}

const commandLine = (base: HostBase, pid: number): Reading<string> => {
  const path = `/proc/${pid}/cmdline`
  return mapReading(readKernelBytes(base, path, maxCommandLineBytes, true), (bytes) => {
    // Each argument ends in NUL; a program that renames itself (setproctitle) pads the rest with more of them.
    let end = bytes.length
    while (end > 0 && bytes[end - 1] === 0) end--
    return bytes.toString('utf8', 0, end).replaceAll('\0', ' ')
  })
}

const executable = (base: HostBase, pid: number): Reading<string> => {
  const path = `/proc/${pid}/exe`
  try {
    return value(readlinkSync(base.at(path)))
  } catch (error) {
    const lives = errnoOf(error) === 'ENOENT' && existsSync(base.at(`/proc/${pid}`))
    return lives ? absent(`executable of process ${pid}`) : goneOrFailed(error, path)
  }
}

/** Absent where this program has a number in a namespace below that of /proc, too: then others are in that of /proc. */
const readOwnPidNamespace = (base: HostBase): Reading<string> => {
  const status = readKernelText(base, '/proc/self/status')
  if (status.kind !== 'value') return status
  return /^NSpid:\t\d+$/m.test(status.value)
    ? linkAt(base, '/proc/self/ns/pid')
    : absent('pid namespace of /proc')
}

const linkAt = (base: HostBase, path: string): Reading<string> => {
  try {
    return value(readlinkSync(base.at(path)))
  } catch (error) {
    return goneOrFailed(error, path)
  }
}

/** Since Linux 6.2 the size of the folder is the number of open files, also for who may not list them. */
const sizeOfFdFolderIsCount = (): boolean => {
  const [major = 0, minor = 0] = release().split('.').map(Number)
  return major > 6 || (major === 6 && minor >= 2)
}

const openFiles = (base: HostBase, pid: number): Reading<number> => {
  const path = `/proc/${pid}/fd`
  try {
    const counted = base.live && sizeOfFdFolderIsCount() ? statSync(base.at(path)).size : 0
    return value(counted > 0 ? counted : countEntries(base.at(path)))
  } catch (error) {
    return goneOrFailed(error, path)
  }
}

/** Name by name: a leak of file descriptors can make a million, which as a list would be 60 MB. */
const countEntries = (folder: string): number => {
  const entries = opendirSync(folder, { bufferSize: 1024 })
  try {
    let count = 0
    while (entries.readSync() !== null) count++
    return count
  } finally {
    entries.closeSync()
  }
}
