import type { AcceptanceSample, AcceptanceWindow } from '../core/acceptance.ts'

/** The samples of each lifetime, in order. An identity that is not known is the one before. */
export const livesOf = (samples: readonly AcceptanceSample[]): AcceptanceSample[][] => {
  const lives: AcceptanceSample[][] = []
  let identity: string | null = null
  for (const sample of samples) {
    const isNew = sample.identity !== null && identity !== null && sample.identity !== identity
    if (sample.identity !== null) identity = sample.identity
    const life = lives.at(-1)
    if (life === undefined || isNew) lives.push([sample])
    else life.push(sample)
  }
  return lives
}

export interface Coverage {
  had: number
  expected: number
  complete: boolean
}

// A run of cron that comes late, or once not at all, is no gap.
const widestSteps = 2.5
const leastShare = 0.9

/** Whether the samples are all there: no hole at the ends or between, and not too few of them. */
export const coverageOf = ({
  samples,
  window,
}: {
  samples: readonly AcceptanceSample[]
  window: AcceptanceWindow
}): Coverage => {
  const { fromMs, toMs, stepMs } = window
  const had = samples.length
  if (window.expected !== null) return { had, expected: window.expected, complete: had >= window.expected }
  const expected = Math.max(1, Math.floor((toMs - fromMs) / stepMs))
  const stamps = [fromMs, ...samples.map(({ atMs }) => atMs), toMs]
  const widest = stamps.slice(1).reduce((most, at, i) => Math.max(most, at - (stamps[i] as number)), 0)
  return {
    had,
    expected,
    complete: had > 1 && had >= leastShare * expected && widest <= widestSteps * stepMs,
  }
}
