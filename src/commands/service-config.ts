import { configNameOf } from '../checks/judge.ts'
import type { GrowthLimits } from '../checks/service-growth.ts'
import type { ServiceConfig } from '../config/config.ts'
import type { Restart } from '../config/sections/restart.ts'
import { type Finding, judgeLevel } from '../core/finding.ts'
import { localClock } from '../core/stamp.ts'
import { ofEarlierLives } from '../leak/series.ts'
import { type FailOn, isFailure } from '../plan/check-outcome.ts'
import type { HookSettings } from '../plan/hooks.ts'
import { insideWindow } from '../plan/maintenance.ts'

/** The config of a service as it was seen, also of a replica NAME/1; null for one that was found and not configured. */
export const configOf = (
  configs: Readonly<Record<string, ServiceConfig>>,
  name: string,
): ServiceConfig | null => own(configs, name) ?? own(configs, configNameOf(name))

/** Its restart settings; null: it is never restarted by this toolkit. */
export const restartOf = (config: ServiceConfig | null): Restart | null =>
  (config?.features.restart ?? null) as Restart | null

/** The program by which it is started, with its arguments; empty: it has no `start:`. */
export const startOf = (config: ServiceConfig | null): string[] => (config?.features.start ?? []) as string[]

/** Is it a time in which nothing of it is restarted? */
export const inMaintenance = (config: ServiceConfig | null, nowMs: number): boolean =>
  insideWindow((config?.features.maintenance ?? []) as string[], localClock(nowMs))

/** A service may be called `constructor`. */
const own = <T>(record: Readonly<Record<string, T>>, key: string): T | null =>
  Object.hasOwn(record, key) ? (record[key] ?? null) : null

/** What it asks of growth; null: not named. */
export const growthLimitsOf = (config: ServiceConfig | null): GrowthLimits => {
  const memory = config?.checks.memory as Partial<GrowthLimits> | null | undefined
  return { growth: memory?.growth ?? null, forecast: memory?.forecast ?? null }
}

/** Without a word on it, of a service in the config or one that was found, the usual thresholds stand. */
export const growthIsUnnamed = (config: ServiceConfig | null): boolean =>
  growthLimitsOf(config).growth === null

/**
 * What restarts go by. A leak that only the usual thresholds found is told, and nothing is restarted for it: what loads
 * its data at an even rate looks like one for some minutes, and who named no growth did not ask for a restart. Nor for
 * what only the lives before have shown, a leak or lines in its log: that is what the restart was for, and the present
 * life may be mended.
 */
export const findingsThatCount = (
  config: ServiceConfig | null,
  findings: readonly Finding[],
  failOn: FailOn,
): Finding[] =>
  findings
    .filter(({ check }) => check !== 'growth' || !growthIsUnnamed(config))
    .map((finding) => inDoubt(withoutEarlierLines(finding), failOn))

/** A life that is too young to show the leak of those before, or at the edge of it, is not well either: nothing is reset. */
const inDoubt = (finding: Finding, failOn: FailOn): Finding =>
  finding.args?.reason === ofEarlierLives && isFailure(finding.status, failOn)
    ? { ...finding, status: 'unknown' }
    : finding

const withoutEarlierLines = (finding: Finding): Finding => {
  const { check, code, value, warn, crit, args } = finding
  const earlier = args?.earlier
  return check === 'probes' && code === 'log-count' && value !== null && typeof earlier === 'number'
    ? { ...finding, status: judgeLevel(value - earlier, warn, crit) }
    : finding
}

export const asksForGrowth = (config: ServiceConfig | null): boolean => {
  const { growth, forecast } = growthLimitsOf(config)
  return [growth, forecast].some((asked) => asked !== null && (asked.warn !== null || asked.crit !== null))
}

/** In the order of the config; empty without any. */
export const hooksOf = (config: ServiceConfig | null): HookSettings[] => {
  const hooks = config?.features.hooks
  return Array.isArray(hooks) ? (hooks as HookSettings[]) : []
}
