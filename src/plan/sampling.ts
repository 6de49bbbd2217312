const minute = 60
const hour = 60 * minute

/**
 * When to look, in seconds from the start of a window, which begins and ends with a look. Without an interval of its own
 * it thins out: a 30th of the window apart, at most five minutes, for half an hour; then each quarter of an hour up to two hours, then every two.
 */
export const sampleTimes = (windowSeconds: number, intervalSeconds: number | null): number[] => {
  const times: number[] = []
  for (let at = 0; at < windowSeconds; at += intervalSeconds ?? stepAt(at, windowSeconds)) times.push(at)
  return [...times, windowSeconds]
}

const stepAt = (atSeconds: number, windowSeconds: number): number => {
  if (atSeconds < hour / 2) return Math.min(5 * minute, Math.max(1, windowSeconds / 30))
  return atSeconds < 2 * hour ? hour / 4 : 2 * hour
}
