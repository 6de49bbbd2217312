/** A compose file as plain data, its variables filled in. */
export type Plain = null | string | number | boolean | Plain[] | { [key: string]: Plain }
export type PlainMap = { [key: string]: Plain }

/** What `!reset` and `!override` leave in the data: the key is taken away, or taken as it is instead of merged. */
export const resetMark = '\u0000reset'
export const overrideMark = '\u0000override'

export const isMap = (raw: unknown): raw is PlainMap =>
  typeof raw === 'object' && raw !== null && !Array.isArray(raw)

/** A command is one thing, and not a list to add to (13-merge.md of the compose specification). */
const replacedLists = new Set(['command', 'entrypoint', 'test'])

/** What `docker compose -f A -f B` makes of two: maps are merged, lists are joined, all else is B's. */
export const mergeCompose = (a: PlainMap, b: PlainMap): PlainMap => {
  const merged: PlainMap = { ...a }
  for (const [key, value] of Object.entries(b)) {
    const before = a[key]
    if (value === resetMark) delete merged[key]
    else if (isMap(value) && overrideMark in value) merged[key] = value[overrideMark] ?? null
    else if (isMap(before) && isMap(value)) merged[key] = mergeCompose(before, value)
    else if (Array.isArray(before) && Array.isArray(value) && !replacedLists.has(key))
      merged[key] = [...before, ...value]
    // An empty key in B, as in `web:`, says nothing about it.
    else if (value !== null || before === undefined) merged[key] = value
  }
  return merged
}

/** The service without what `!reset` took away where there was nothing before. */
export const withoutMarks = (raw: Plain): Plain => {
  if (Array.isArray(raw)) return raw.map(withoutMarks)
  if (!isMap(raw)) return raw === resetMark ? null : raw
  if (overrideMark in raw) return withoutMarks(raw[overrideMark] ?? null)
  return Object.fromEntries(
    Object.entries(raw).flatMap(([key, value]) => (value === resetMark ? [] : [[key, withoutMarks(value)]])),
  )
}
