import type { CpuTimes } from '../core/facts.ts'
import { percent, record, threshold } from '../core/field.ts'
import { type Finding, judgeLevel } from '../core/finding.ts'
import { mapReading, mustBeThere, type Reading } from '../core/reading.ts'
import { parseCpuStat } from '../parse/cpu-stat.ts'
import { bootIdOf } from './boot-id.ts'
import type { HostCheck } from './check.ts'
import { percentOf } from './percent.ts'

export interface CpuSample extends CpuTimes {
  atMs: number
  bootId: string
}

export interface CpuFacts {
  busyPercent: number
  /** Seconds the figure is the mean of; null: since the boot, because no usable sample was remembered. */
  overSeconds: number | null
  now: CpuSample
  /** The sample before it, if usable: the next run takes it when it follows too soon. */
  before: CpuSample | null
}

const limits = record('CPU time in use, all CPUs together, since the run before', {
  warn: threshold(percent('Share in use', 90)),
  crit: threshold(percent('Share in use', 98)),
})

// Two runs by hand a second apart would call a moment of full use critical; a mean over more than an hour hides what
// happens now.
const shortestMs = 10_000
const longestMs = 3_600_000

export const cpu: HostCheck<typeof limits.default, CpuFacts> = {
  scope: 'host',
  name: 'cpu',
  limits,

  read(host, _limits, previous): Reading<CpuFacts> {
    const stat = mustBeThere(host.files.readText('/proc/stat'))
    if (stat.kind !== 'value') return stat
    return mapReading(parseCpuStat(stat.value), (times) => {
      const now = { ...times, atMs: host.now(), bootId: bootIdOf(host) }
      return since(now, rememberedSamples(previous))
    })
  },

  judge({ busyPercent, overSeconds }, { warn, crit }): Finding[] {
    const measured = overSeconds !== null
    return [
      {
        check: 'cpu',
        code: measured ? 'level' : 'since-boot',
        // The mean since the boot says nothing about now, so it is shown and not judged.
        status: measured ? judgeLevel(busyPercent, warn, crit) : 'ok',
        value: busyPercent,
        unit: 'percent',
        warn: measured ? warn : null,
        crit: measured ? crit : null,
        args: { overSeconds },
      },
    ]
  },

  remember: ({ now, before }) => ({ samples: before === null ? [now] : [now, before] }),
}

const since = (now: CpuSample, samples: CpuSample[]): CpuFacts => {
  const usable = samples.filter((sample) => isBefore(sample, now))
  const base = usable.find((sample) => now.atMs - sample.atMs >= shortestMs)
  const idleTicks = now.idleTicks - (base?.idleTicks ?? 0)
  const totalTicks = now.totalTicks - (base?.totalTicks ?? 0)
  return {
    // proc_stat(5): iowait, which counts as idle, may go back a little.
    busyPercent: Math.min(100, percentOf(totalTicks - Math.max(0, idleTicks), totalTicks)),
    overSeconds: base ? (now.atMs - base.atMs) / 1000 : null,
    now,
    // Runs that follow each other quickly keep the oldest sample until it is old enough.
    before: base ?? usable.at(-1) ?? null,
  }
}

const isBefore = (sample: CpuSample, now: CpuSample): boolean =>
  sample.bootId === now.bootId &&
  now.bootId !== '' &&
  sample.totalTicks < now.totalTicks &&
  sample.atMs <= now.atMs &&
  now.atMs - sample.atMs <= longestMs

const rememberedSamples = (previous: unknown): CpuSample[] => {
  const samples = (previous as { samples?: unknown } | null)?.samples
  return Array.isArray(samples) ? samples.filter(isSample) : []
}

const isSample = (sample: Partial<CpuSample> | null): sample is CpuSample =>
  typeof sample === 'object' &&
  sample !== null &&
  [sample.atMs, sample.totalTicks, sample.idleTicks].every(Number.isFinite) &&
  typeof sample.bootId === 'string'
