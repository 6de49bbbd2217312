/** Share in percent, never below 0; of nothing, anything is all of it and nothing is none. */
export const percentOf = (part: number, whole: number): number => {
  if (whole > 0) return Math.max(0, (part / whole) * 100)
  return part > 0 ? 100 : 0
}
