import { valueOrNull } from '../core/reading.ts'
import type { Host } from '../host/host.ts'

/** Names this boot (random(4)), so that counters and pids of another are not compared; empty where it is not told. */
export const bootIdOf = (host: Pick<Host, 'files'>): string =>
  (valueOrNull(host.files.readText('/proc/sys/kernel/random/boot_id')) ?? '').trim()
