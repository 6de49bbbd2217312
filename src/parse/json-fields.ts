/** Reading JSON whose shape nobody vouches for: what is missing or of another type is null, nothing throws. */

export type JsonFields = Readonly<Record<string, unknown>>

/** The object's own fields; none for what is no object. */
export const fieldsOf = (json: unknown): JsonFields =>
  typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as JsonFields) : {}

/** Null for empty text too. */
export const textOf = (json: unknown): string | null =>
  typeof json === 'string' && json !== '' ? json : null

export const wholeNumberOf = (json: unknown): number | null =>
  Number.isSafeInteger(json) ? (json as number) : null

/** Null for 0 too: how the Engine API says "none" of pids and limits. Numbers past 2^53 are no limit in practice. */
export const positiveOf = (json: unknown): number | null => {
  const whole = wholeNumberOf(json)
  return whole !== null && whole > 0 ? whole : null
}

/** The entries whose value is text. */
export const textsOf = (json: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fieldsOf(json)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
