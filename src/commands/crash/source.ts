import type { CrashEvent } from '../../core/crash-event.ts'
import type { Restarts, SourceOutcome } from '../../core/crash-story.ts'
import type { ContainerFacts, UnitFacts } from '../../core/facts.ts'
import type { Absent, Failed, Reading } from '../../core/reading.ts'
import type { Host, LineFilter } from '../../host/host.ts'
import { type CrashReader, findCrashWord, makeCrashReader } from '../../parse/crash/crash-reader.ts'
import type { LogClock } from '../../parse/crash/log-record.ts'
import { boundEvents } from '../../plan/crash-bound.ts'
import { failureWords } from '../../report/failure-words.ts'

/** What the sources fill together, and what they may ask. */
export interface Gathering {
  host: Host
  sinceMs: number
  nowMs: number
  clock: LogClock
  pageBytes: number
  events: CrashEvent[]
  /** How many there was no room for. */
  left: { events: number }
  outcomes: SourceOutcome[]
  restarts: Restarts[]
  /** What the kernel counts for the cgroups of the configured services. */
  oomCounts: Restarts[]
  /** Names of containers by id. */
  containerNames: Map<string, string>
  containers: ContainerFacts[]
  /** The answers themselves, so that nobody asks twice. */
  engineSaid: Reading<ContainerFacts[]>
  systemdSaid: Reading<UnitFacts[]>
}

/** Each takes its own time and no more, and none stops another. */
export type CrashSource = (gathering: Gathering) => Promise<void>

/** A host that crashes each second has more than anybody reads. */
const maxEvents = 20_000

/** Logs are read from their beginning, so it is the newest that would find no room. */
export const addEvents = (gathering: Gathering, found: readonly CrashEvent[]): void => {
  const { events, sinceMs } = gathering
  for (const event of found) {
    if (event.atMs !== null && event.atMs < sinceMs) continue
    events.push(event)
    // Not at each one: it looks at all of them.
    if (events.length >= 2 * maxEvents) bound(gathering)
  }
}

const bound = ({ events, left }: Gathering): void => {
  const kept = boundEvents(events, maxEvents)
  left.events += events.length - kept.length
  events.length = 0
  for (const event of kept) events.push(event)
}

/** After all sources: no more than anybody reads, and that there were more is said. */
export const settleEvents = (gathering: Gathering): void => {
  bound(gathering)
  const { events, left } = gathering
  if (left.events > 0)
    outcome(gathering, `events: ${left.events} left out, the oldest of the commonest`, events.length, false)
}

/** Counts of several sources are of different restarts: systemd's own, the engine's, this toolkit's. */
export const addRestarts = (
  { restarts }: Gathering,
  name: string,
  kind: Restarts['kind'],
  count: number,
): void => {
  const known = restarts.find((one) => one.name === name)
  if (known !== undefined) known.count += count
  else if (count > 0) restarts.push({ name, kind, count })
}

export interface EventReader {
  take(line: string): void
  /** For the bounds of what is handed to `take`. */
  filter: LineFilter
  end(): void
}

/** Reads lines of a source into events of it. */
export const readerFor = (gathering: Gathering, source: string, clock = gathering.clock): EventReader => {
  const reader: CrashReader = makeCrashReader(source, clock, gathering.pageBytes)
  return {
    take: (line) => addEvents(gathering, reader.read(line)),
    filter: { find: findCrashWord, wantsAll: reader.wantsAll },
    end: () => addEvents(gathering, reader.end()),
  }
}

export type Lack = Pick<SourceOutcome, 'mend' | 'isNeeded'> & { missing: string }

export const outcome = (
  { outcomes }: Gathering,
  name: string,
  lines: number,
  complete: boolean,
  lack: Lack | null = null,
): void => {
  outcomes.push({
    ...{ name, lines, complete, missing: lack?.missing ?? null, mend: lack?.mend ?? null },
    ...(lack?.isNeeded ? { isNeeded: true } : {}),
  })
}

/** A thing that this host does not have is no lack. */
export const lackOf = (reading: Absent | Failed): Lack | null =>
  reading.kind === 'absent' ? null : lackWords(reading)

export const lackWords = ({ cause, what, detail }: Failed): Lack => {
  const { why, mend } = failureWords(cause, what, detail)
  return { missing: why, mend }
}
