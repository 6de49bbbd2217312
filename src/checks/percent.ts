/**
 * Share in percent, never below 0; of nothing, anything is all of it and nothing is none. Multiplied first, so that
 * what is exactly at a threshold comes out as that: 0.07 × 100 is 7.000000000000001.
 */
export const percentOf = (part: number, whole: number): number => {
  if (whole > 0) return Math.max(0, (part * 100) / whole)
  return part > 0 ? 100 : 0
}
