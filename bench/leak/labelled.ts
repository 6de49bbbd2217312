import type { Ceiling, SeriesPoint } from '../../src/leak/series.ts'

export interface Labelled {
  kind: string
  leak: boolean
  points: SeriesPoint[]
  /** When the leak begins; null for a series that does not leak, and where the label cannot tell. */
  onsetAtMs: number | null
  ceiling: Ceiling | null
  /** When the curve without its noise meets the ceiling; null: it does not, or it is not defined. */
  hitAtMs: number | null
}
