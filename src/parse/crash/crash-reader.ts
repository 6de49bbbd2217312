import type { CrashEvent, LogRecord } from '../../core/crash-event.ts'
import { makeWordScan } from '../word-scan.ts'
import { kernelFaultWords, makeKernelFaultReader } from './kernel-faults.ts'
import { type LogClock, parseLogRecord } from './log-record.ts'
import { makeOomReader } from './oom.ts'
import { oomWords } from './oom-lines.ts'
import { serviceFault, serviceFaultWords } from './service-faults.ts'

export interface CrashReader {
  /** The events that are complete with this line. */
  read(line: string): CrashEvent[]
  /** True while the next line may matter without having any of `crashWords`. */
  wantsAll(): boolean
  end(): CrashEvent[]
}

/** What these write to /dev/kmsg, or early in the boot: `[   77.749670] systemd-oomd[659]: Marked …`. */
const throughKernel = /^(systemd|systemd-oomd|earlyoom|nohang(?:-desktop)?)\[(\d{1,10})\]: (.*)$/

/** Finds the crash events in one log, line by line, whatever its form and length; holds no more than one kill. */
export const makeCrashReader = (source: string, clock: LogClock, pageBytes = 4096): CrashReader => {
  const [oom, faults] = [makeOomReader(source, pageBytes), makeKernelFaultReader(source)]
  return {
    read(line) {
      const record = parseLogRecord(line, clock)
      if (record === null) return []
      const ofKernel = record.program === 'kernel' ? [...oom.read(record), ...faults.read(record)] : []
      const spoken = ofKernel.length > 0 ? null : spokenBy(record)
      const fault = spoken === null ? null : serviceFault(spoken, source)
      return fault === null ? ofKernel : [fault]
    },
    wantsAll: () => oom.isInDump(),
    end: () => oom.end(),
  }
}

/** The record as of a program; null for a line of the kernel's own. */
const spokenBy = (record: LogRecord): LogRecord | null => {
  if (record.program !== 'kernel') return record
  const [whole, program = '', pid, text = ''] = throughKernel.exec(record.text) ?? []
  return whole === undefined ? null : { ...record, program, pid: Number(pid), text }
}

/** journalctl writes a message that is no UTF-8 as numbers, in which no word can be seen. */
const messageOfNumbers = ['"MESSAGE":[', '"MESSAGE": [', '"MESSAGE" : [']

const scan = makeWordScan([...oomWords, ...kernelFaultWords, ...serviceFaultWords, ...messageOfNumbers])

/**
 * Where in the bytes of a log a line shows that a crash reader can make something of it; -1: in none. NULs may stand
 * between the letters of a word (UTF-16), so a line with one is looked at, too.
 */
export const findCrashWord = (bytes: Uint8Array, from: number): number => {
  const nul = bytes.indexOf(0, from)
  const word = scan(nul === -1 ? bytes : bytes.subarray(0, nul), from)
  return word === -1 ? nul : word
}
