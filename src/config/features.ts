import { cleanup } from './sections/cleanup.ts'
import { hooks } from './sections/hooks.ts'
import { journal } from './sections/journal.ts'
import { metrics, notify } from './sections/notify.ts'
import { orphans } from './sections/orphans.ts'
import { probes } from './sections/probes.ts'
import { after, limit, maintenance, restart, start } from './sections/restart.ts'
import { schedule } from './sections/schedule.ts'
import { verify } from './sections/verify.ts'

/** The keys of a service beside its identity and the limits of its checks. */
export const serviceFeatures = { probes, restart, start, limit, hooks, maintenance, after, verify }

/** The sections beside `host` and `services`. */
export const topFeatures = { cleanup, orphans, journal, schedule, notify, metrics }
