import type { CrashEvent } from '../../core/crash-event.ts'
import { makeKernelFaultReader } from './kernel-faults.ts'
import { type LogClock, parseLogRecord } from './log-record.ts'
import { makeOomReader } from './oom.ts'
import { serviceFault } from './service-faults.ts'

export interface CrashReader {
  /** The events that are complete with this line. */
  read(line: string): CrashEvent[]
  end(): CrashEvent[]
}

/** Finds the crash events in one log, line by line, whatever its form and length; holds no more than one kill. */
export const makeCrashReader = (source: string, clock: LogClock, pageBytes = 4096): CrashReader => {
  const [oom, faults] = [makeOomReader(source, pageBytes), makeKernelFaultReader(source)]
  return {
    read(line) {
      const record = parseLogRecord(line, clock)
      if (record === null) return []
      if (record.program === 'kernel') return [...oom.read(record), ...faults.read(record)]
      const fault = serviceFault(record, source)
      return fault === null ? [] : [fault]
    },
    end: () => oom.end(),
  }
}
