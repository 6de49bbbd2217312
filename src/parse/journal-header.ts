/**
 * When the oldest entry of all journal files was written, by `journalctl --header`: its lines
 * `Head realtime timestamp: Thu 2026-11-26 10:00:00 UTC (62c8a3f1b2c4d)`, in hexadecimal microseconds. Null without one.
 */
export const oldestEntryMs = (header: string): number | null => {
  let oldest: number | null = null
  for (const [, hex = ''] of header.matchAll(/^Head realtime timestamp: .*\(([0-9a-f]{1,16})\)\s*$/gm)) {
    const atMs = Number.parseInt(hex, 16) / 1000
    // A file without an entry has 0 there.
    if (atMs > 0 && (oldest === null || atMs < oldest)) oldest = atMs
  }
  return oldest
}
