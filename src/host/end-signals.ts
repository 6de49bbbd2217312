import type { EndSignal, Host } from './host.ts'

export interface EndSignals {
  /** What happens without a handler, and at the second SIGINT or SIGTERM unless the handler takes each. */
  otherwise(end: (signal: EndSignal) => void): void
  take: Host['onEndSignal']
}

/** The signals that end a program, for the one command that goes on until it gets one. */
export const makeEndSignals = (from: Pick<NodeJS.Process, 'on'>): EndSignals => {
  let handler: ((signal: EndSignal) => void) | null = null
  let takesEach = false
  let wasAsked = false
  return {
    otherwise(end) {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
        from.on(signal, () => {
          if (handler === null || (wasAsked && !takesEach)) return end(signal)
          wasAsked = signal !== 'SIGHUP'
          handler(signal)
        })
    },
    take: (given, takes = 'first') => {
      handler = given
      takesEach = takes === 'each'
    },
  }
}
