/**
 * Does `work` on every item, never on more than `limit` at once; the results are in the order of the items. Work is
 * expected not to reject: the first that does rejects the whole, while what was begun goes on.
 */
export const mapBounded = async <T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> => {
  const results = new Array<R>(items.length)
  // One iterator for all lanes: each takes the next item when it is free.
  const entries = items.entries()
  const lane = async (): Promise<void> => {
    for (const [i, item] of entries) results[i] = await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane))
  return results
}
