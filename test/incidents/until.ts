import { until as untilHere } from '../e2e/environment.ts'
import { isGuest, patience } from './place.ts'

/** To look is work, too: five looks a second keep an emulated core busy. */
const pauseMs = isGuest ? 3000 : 200

/** As of the end-to-end tests; in the guest with more time, and fewer looks. */
export const until: typeof untilHere = (what, probe, timeoutMs = 30_000) =>
  untilHere(what, probe, timeoutMs * patience, pauseMs)
