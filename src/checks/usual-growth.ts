const MiB = 1024 ** 2

/** Bytes a minute: below 20 MiB is fine, above 50 MiB is a leak (an indexer that grew by 123 MB/min, and its kin). */
export const usualGrowth = { warn: 20 * MiB, crit: 50 * MiB } as const
