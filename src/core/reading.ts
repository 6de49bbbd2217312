/**
 * What a measurement may come to. No data is never zero and never "fine":
 * - `value`: measured.
 * - `absent`: this host does not have the thing (no swap, no PSI in the kernel, no Docker). Not a fault.
 * - `failed`: it should be measurable, but was not (permission, time-out, broken file). Status 3.
 */
export type Reading<T> = { kind: 'value'; value: T } | Absent | Failed

export interface Absent {
  kind: 'absent'
  what: string
}

export interface Failed {
  kind: 'failed'
  cause: FailureCause
  /** The thing that could not be read, e.g. a path or a socket. */
  what: string
  /** The system's own words, one line. */
  detail: string
}

export type FailureCause = 'denied' | 'timeout' | 'refused' | 'malformed' | 'vanished' | 'io' | 'tool-missing'

export const value = <T>(v: T): Reading<T> => ({ kind: 'value', value: v })

export const absent = (what: string): Absent => ({ kind: 'absent', what })

export const failed = (cause: FailureCause, what: string, detail: string): Failed => ({
  kind: 'failed',
  cause,
  what,
  detail,
})

/** For what every host has, such as /proc/meminfo: when it is not there, it could not be measured. */
export const mustBeThere = <T>(reading: Reading<T>): Reading<T> =>
  reading.kind === 'absent' ? failed('io', reading.what, 'is not there') : reading

/** Applies `f` to a value; no data and failures pass through unchanged. */
export const mapReading = <A, B>(reading: Reading<A>, f: (v: A) => B): Reading<B> =>
  reading.kind === 'value' ? value(f(reading.value)) : reading

/** The value, or null where there is none. For display and JSON only, never for judging. */
export const valueOrNull = <T>(reading: Reading<T>): T | null =>
  reading.kind === 'value' ? reading.value : null

/** The same for an `f` that may itself have no value. */
export const flatMapReading = <A, B>(reading: Reading<A>, f: (v: A) => Reading<B>): Reading<B> =>
  reading.kind === 'value' ? f(reading.value) : reading
