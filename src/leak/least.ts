/** Of fewer samples nothing is said. */
export const leastSamples = 5

/** What growth must come to, as a share of the level it began at: fewer samples must show more. */
export const leastGain = (samples: number): number => Math.max(0.04, 5 / samples)
