import type { ProcessStat } from '../../core/facts.ts'
import { failed, type Reading, value } from '../../core/reading.ts'
import type { ServiceFacts, ServiceTarget } from '../../core/service.ts'
import { linesOf, matchAll, matchMs } from './match-lines.ts'
import type { Snapshot } from './snapshot.ts'
import { userId } from './user-id.ts'

/** What the expressions of `process: { match }` fit, and its users, noted in the snapshot, before services are made of it. */
export const matchCandidates = async (
  snapshot: Snapshot,
  targets: readonly ServiceTarget[],
): Promise<void> => {
  const processes = targets.filter((one) => one.type === 'process')
  for (const user of new Set(processes.flatMap((one) => one.user ?? [])))
    snapshot.userIds.set(user, await userId(snapshot.host, user))
  const matches = [...new Set(processes.map((one) => one.match))]
  if (matches.length === 0) return
  const texts = new Map(snapshot.candidates().map(({ stat, text }) => [stat, text]))
  // Of Java the name of what runs may come after kilobytes of class path.
  const lines = linesOf([...texts.keys()], textOf(texts), Number.POSITIVE_INFINITY)
  const found = await matchAll(
    snapshot.host,
    matches.map((match) => ({ match, lines })),
  )
  for (const [i, match] of matches.entries()) snapshot.matched.set(match, foundOr(match, found[i] ?? null))
}

const textOf = (texts: ReadonlyMap<ProcessStat, string>): ((pid: number) => string) => {
  const byPid = new Map([...texts].map(([{ pid }, text]) => [pid, text]))
  return (pid) => byPid.get(pid) ?? ''
}

const foundOr = (match: string, found: ProcessStat[] | null): Reading<ProcessStat[]> =>
  found === null
    ? failed(
        'refused',
        `match ${match}`,
        `given up after ${matchMs / 1000} s on the command lines that are here; write it so that fewer parts of it fit the same text`,
      )
    : value(found)

/** Counts those of a service's processes whose command line fits `processes.match`. */
export const withMatchedCount = async (
  snapshot: Snapshot,
  service: ServiceFacts,
  match: string,
): Promise<ServiceFacts> => {
  const { processes, pids } = service
  if (processes.kind !== 'value') return { ...service, matchedProcesses: processes }
  const stats = pids.map((pid) => ({ pid }) as ProcessStat)
  const lines = linesOf(stats, snapshot.commandLine, Number.POSITIVE_INFINITY)
  const [found = null] = await matchAll(snapshot.host, [{ match, lines }])
  const reading = foundOr(match, found)
  return {
    ...service,
    matchedProcesses: reading.kind === 'value' ? value(reading.value.length) : reading,
  }
}
