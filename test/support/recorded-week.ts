import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { HistorySample } from '../../src/core/history.ts'
import { dayStamp, localStamp } from '../../src/core/stamp.ts'
import { makeSave } from '../../src/host/save.ts'
import { historyFolder, historyPath, hostSeries, writeHistory } from '../../src/store/history-file.ts'
import { recordSample } from '../../src/store/history-record.ts'
import { addMark } from '../../src/store/marks.ts'
import { appendLedger } from '../../src/store/restart-ledger.ts'
import { liveBase } from './bases.ts'

const mib = 1024 ** 2
const minuteMs = 60_000

export interface RecordedService {
  name: string
  /** What it holds at a minute from the start of the recording. */
  bytesAt(minute: number, noise: () => number): number
  limitBytes?: number
  /** At these minutes it began anew. */
  restartMinutes?: readonly number[]
  /** Of the one that is recorded, when it is a process that really runs. */
  identity?: number
  /** Minutes without a sample. */
  gap?: readonly [from: number, to: number]
  problem?: { fromMinute: number; toMinute: number; level: 'WARN' | 'CRIT' | 'ERROR'; text: string }
}

/** The same numbers in every run (a linear congruential generator, Numerical Recipes). */
const noiseOf = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Records samples, restarts, alerts and a mark as `check` does: by the store's own writers. */
export const recordWeek = (
  folder: string,
  {
    nowMs,
    minutes,
    services,
    everyMinutes = 1,
  }: { nowMs: number; minutes: number; services: readonly RecordedService[]; everyMinutes?: number },
): { stateDir: string; logDir: string } => {
  const [stateDir, logDir] = [join(folder, 'state'), join(folder, 'logs')]
  const save = makeSave(liveBase, () => nowMs)
  mkdirSync(logDir, { recursive: true, mode: 0o750 })
  save.ensureFolder(historyFolder(stateDir))
  const startMs = nowMs - minutes * minuteMs
  const write = (name: string, sampleAt: (minute: number) => HistorySample | null): void => {
    const path = historyPath(stateDir, name)
    const written = writeHistory(save, process.getuid?.() ?? 0, path, name, (file) => {
      for (let minute = 0; minute <= minutes; minute += everyMinutes) {
        const sample = sampleAt(minute)
        if (sample !== null) recordSample(file, sample)
      }
    })
    if (written.kind !== 'value') throw new Error(JSON.stringify(written))
  }
  services.forEach((service, place) => {
    const noise = noiseOf(place + 1)
    const restarts = service.restartMinutes ?? []
    write(service.name, (minute) => {
      if (service.gap && minute >= service.gap[0] && minute < service.gap[1]) return null
      const leakBytes = Math.round(service.bytesAt(minute, noise) / 4096) * 4096
      return {
        ...{ atMs: startMs + minute * minuteMs, leakBytes, usedBytes: leakBytes + 40 * mib },
        ...{ limitBytes: service.limitBytes ?? null, swapBytes: 0, cpuSeconds: minute * 3, processes: 2 },
        ...{ openFiles: 30, threads: 8 },
        identity: service.identity ?? 1 + restarts.filter((one) => one <= minute).length,
      }
    })
    for (const minute of restarts.slice(1))
      appendLedger(save, logDir, {
        atMs: startMs + minute * minuteMs,
        service: service.name,
        event: 'restarted',
        detail: '3 failed checks in a row',
      })
  })
  const noise = noiseOf(99)
  write(hostSeries, (minute) => {
    const usedBytes = Math.round((9 + Math.sin(minute / 229) + noise()) * 256) * 1024 * 1024
    return {
      ...{ atMs: startMs + minute * minuteMs, leakBytes: usedBytes, usedBytes, limitBytes: 16 * 1024 * mib },
      ...{ swapBytes: 0, cpuSeconds: minute * 9, processes: 140, openFiles: null, threads: 400, identity: 9 },
    }
  })
  logProblems(logDir, startMs, services)
  addMark(save, stateDir, { atMs: startMs + Math.round(minutes * 0.6) * minuteMs, text: 'release 2.4.1' })
  return { stateDir, logDir }
}

const logProblems = (logDir: string, startMs: number, services: readonly RecordedService[]): void => {
  const days = new Map<string, string>()
  for (const { name, problem } of services) {
    if (problem === undefined) continue
    for (let minute = problem.fromMinute; minute <= problem.toMinute; minute++) {
      const atMs = startMs + minute * minuteMs
      const file = `health_${dayStamp(atMs)}.log`
      const line = `[${localStamp(atMs)}] ${problem.level} ${name} ${problem.text}\n`
      days.set(file, (days.get(file) ?? '') + line)
    }
  }
  for (const [file, text] of days) appendFileSync(join(logDir, file), text)
}

/** A host's week with one of each kind: a leak, one that restarts hide, a warm-up, gaps, a daily tide, hostile names. */
export const weekOfKinds = (minutes: number): RecordedService[] => [
  {
    name: 'electron-cash',
    bytesAt: (minute, noise) => (400 + (minute / minutes) * 950 + noise() * 25) * mib,
    limitBytes: 1536 * mib,
    problem: {
      fromMinute: Math.round(minutes * 0.93),
      toMinute: minutes,
      level: 'CRIT',
      text: 'forecast: limit in 1d 2h, critical from 2d — see what grows',
    },
  },
  {
    name: 'capture_monitor.py',
    bytesAt: (minute, noise) => (300 + (minute % Math.round(minutes / 6.5)) * 0.9 + noise() * 10) * mib,
    restartMinutes: Array.from({ length: 7 }, (_, i) => i * Math.round(minutes / 6.5)),
    limitBytes: 2048 * mib,
    problem: {
      fromMinute: Math.round(minutes * 0.5),
      toMinute: Math.round(minutes * 0.52),
      level: 'WARN',
      text: 'memory: 82% of 2.0 GiB, warning from 80%',
    },
  },
  {
    name: 'trading',
    bytesAt: (minute, noise) => (900 - 600 * Math.exp(-minute / 400) + noise() * 30) * mib,
    limitBytes: 4096 * mib,
  },
  {
    name: 'postgres',
    bytesAt: (minute, noise) => (700 + 200 * Math.sin((minute / 1440) * 2 * Math.PI) + noise() * 40) * mib,
    limitBytes: 1100 * mib,
    gap: [Math.round(minutes * 0.3), Math.round(minutes * 0.42)],
  },
  {
    name: '</script><img src=x onerror="alert(1)">',
    bytesAt: (_, noise) => (64 + noise() * 4) * mib,
    problem: { fromMinute: 100, toMinute: 130, level: 'ERROR', text: 'memory: <b>could not</b> be read' },
  },
  { name: `abc\u202egpj.exe-${'x'.repeat(120)}`, bytesAt: (_, noise) => (30 + noise() * 2) * mib },
]
