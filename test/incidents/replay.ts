import type { Place, PlaceWish } from './place.ts'

/** One incident: how its host broke, and what must be so in the end. */
export interface Replay {
  /** As docs/incidents.md calls it. */
  letter: string
  /** Of the file, of its example config, and on the command line. */
  name: string
  /** What only a whole host of its own has: memory limits of units, say. */
  needsGuest?: boolean
  run(stage: Stage): Promise<void>
}

/** What a replay is given to work with. */
export interface Stage {
  /** A new host, which is taken down after the replay. */
  open(wish: PlaceWish): Promise<Place>
  /** One thing that must come true, with its time in the table; a failure is noted and ends the replay. */
  step<T>(what: string, prove: () => Promise<T>): Promise<T>
  /** A line for who watches. */
  say(text: string): void
}

export interface Step {
  what: string
  /** From the start of the replay to its end. */
  endedSeconds: number
  failure: string | null
}

export interface Outcome {
  letter: string
  name: string
  steps: Step[]
  seconds: number
  /** Also of what is no step: a host that did not start. */
  failure: string | null
}

export const perform = async (
  replay: Replay,
  open: (name: string, wish: PlaceWish) => Promise<Place>,
  print: (line: string) => void,
): Promise<Outcome> => {
  const startedAtMs = Date.now()
  const seconds = (): number => Math.round((Date.now() - startedAtMs) / 1000)
  const say = (text: string): void => print(`${replay.letter} ${String(seconds()).padStart(4)} s  ${text}`)
  const steps: Step[] = []
  const places: Place[] = []
  const stage: Stage = {
    async open(wish) {
      const place = await open(replay.name, wish)
      places.push(place)
      say(`host up: ${place.told}`)
      return place
    },
    async step(what, prove) {
      try {
        const result = await prove()
        steps.push({ what, endedSeconds: seconds(), failure: null })
        say(`ok    ${what}`)
        return result
      } catch (error) {
        steps.push({ what, endedSeconds: seconds(), failure: messageOf(error) })
        say(`FAIL  ${what}: ${messageOf(error)}`)
        throw error
      }
    },
    say,
  }
  let failure: string | null = null
  try {
    await replay.run(stage)
  } catch (error) {
    failure = messageOf(error)
    if (steps.at(-1)?.failure !== failure) say(`FAIL  ${failure}`)
    for (const place of places) say(`what the toolkit has written:\n${await place.writings()}`)
  }
  for (const place of places.reverse()) await place.close()
  say(failure === null ? 'ended well' : 'did not end well')
  return { letter: replay.letter, name: replay.name, steps, seconds: seconds(), failure }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
