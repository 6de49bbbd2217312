import { until as untilHere } from '../e2e/environment.ts'
import { isGuest } from './place.ts'

/** How much longer the same takes on an emulated host that may not have both cores for itself. */
const patience = isGuest ? 3 : 1

/** As of the end-to-end tests, with more time in the guest. */
export const until = <T>(what: string, probe: () => Promise<T | null>, timeoutMs: number): Promise<T> =>
  untilHere(what, probe, timeoutMs * patience)
