import type { EndSignal, Host } from '../host/host.ts'

export interface InterruptibleWait {
  /** So long, or until a signal comes. One that came before does not shorten it: whoever waits asks first. */
  wait(ms: number): Promise<void>
  /** What the next signal calls, from now on; the next wait takes its place. */
  onRing(ring: () => void): void
}

/**
 * From now on signals to end are `heard` instead of ending the program, and cut a wait short. One slot, replaced by each
 * wait: a promise of the whole run would keep what every round has hung on it.
 */
export const interruptibleWait = (
  host: Host,
  heard: (signal: EndSignal) => void,
  takes: 'first' | 'each' = 'first',
): InterruptibleWait => {
  let ring = (): void => {}
  host.onEndSignal((signal) => {
    heard(signal)
    ring()
  }, takes)
  return {
    async wait(ms) {
      const timer = host.timer(ms)
      await new Promise<void>((resolve) => {
        ring = resolve
        timer.done.then(resolve)
      })
      timer.cancel()
    },
    onRing(given) {
      ring = given
    },
  }
}
