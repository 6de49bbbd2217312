import { until as untilHere } from '../e2e/environment.ts'
import { patience } from './place.ts'

/** As of the end-to-end tests, with more time in the guest. */
export const until: typeof untilHere = (what, probe, timeoutMs = 30_000) =>
  untilHere(what, probe, timeoutMs * patience)
