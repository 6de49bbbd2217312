import type { RestartSettings } from '../core/service.ts'

type Delays = RestartSettings & { delaySeconds: number }

/**
 * How long systemd waits before restart `n` in a row (the first is 1): RestartSec, or since version 254 from there to
 * RestartMaxDelaySec in RestartSteps steps of equal ratio (systemd.service(5)). Each of the two does nothing without
 * the other. Its count does not begin anew by itself when the unit stays up.
 */
export const delayBefore = (n: number, { delaySeconds, steps, maxDelaySeconds }: Delays): number => {
  if (!grows({ delaySeconds, steps, maxDelaySeconds }) || maxDelaySeconds === null) return delaySeconds
  if (n > steps) return maxDelaySeconds
  return delaySeconds * (maxDelaySeconds / delaySeconds) ** (Math.max(0, n - 1) / steps)
}

/** Of `count` restarts in a row, the first of which is restart `from`. */
export const delaysTogether = (from: number, count: number, settings: Delays): number => {
  if (!grows(settings)) return count * settings.delaySeconds
  const { steps, delaySeconds, maxDelaySeconds } = settings
  const growing = Math.min(count, Math.max(0, steps - from + 1))
  const step = Math.log((maxDelaySeconds ?? delaySeconds) / delaySeconds) / steps
  // The sum of a geometric series, not a loop: a burst may be billions, and so may the steps.
  const growingSeconds =
    growing === 0 ? 0 : (delayBefore(from, settings) * Math.expm1(growing * step)) / Math.expm1(step)
  return growingSeconds + (count - growing) * lastingDelay(settings)
}

/** What it comes to when it keeps crashing. */
export const lastingDelay = (settings: Delays): number => delayBefore(Number.POSITIVE_INFINITY, settings)

const grows = ({
  delaySeconds,
  steps,
  maxDelaySeconds,
}: Pick<Delays, 'delaySeconds' | 'steps' | 'maxDelaySeconds'>): boolean =>
  steps > 0 && delaySeconds > 0 && maxDelaySeconds !== null && maxDelaySeconds > delaySeconds
