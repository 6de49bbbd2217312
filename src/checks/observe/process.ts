import type { ProcessStat } from '../../core/facts.ts'
import { absent } from '../../core/reading.ts'
import type { ServiceFacts } from '../../core/service.ts'
import { figuresOf } from './figures.ts'
import { groupOfPids } from './group.ts'
import { matchProcesses, type ProcessTarget } from './process-match.ts'
import { oldestOf } from './process-tree.ts'
import type { Snapshot } from './snapshot.ts'
import { reasonOf, type Wanted, withoutFigures } from './wanted.ts'

/** A service that is known by its command line alone; several processes may be it, also those inside containers. */
export const observeProcess = (snapshot: Snapshot, wanted: Wanted, target: ProcessTarget): ServiceFacts => {
  const { scan } = snapshot
  if (scan.kind !== 'value') return withoutFigures(wanted, 'unknown', reasonOf(scan))
  const found = matchProcesses(snapshot, target)
  if (found.kind !== 'value') return withoutFigures(wanted, 'unknown', reasonOf(found))
  const main = oldestOf(found.value)
  if (main !== null) return observeProcesses(snapshot, wanted, main, found.value)
  return scan.value.complete
    ? withoutFigures(wanted, 'missing', 'no process matches')
    : withoutFigures(wanted, 'unknown', 'no process matches, but some processes are hidden (hidepid)')
}

/** A running service of these processes; `main` is one of them. */
export const observeProcesses = (
  snapshot: Snapshot,
  { name, target, configured }: Wanted,
  main: ProcessStat,
  processes: readonly ProcessStat[],
): ServiceFacts => {
  const others = processes.filter((stat) => stat !== main)
  const pids = [main, ...others].map(({ pid }) => pid)
  return {
    name,
    kind: 'process',
    target,
    configured,
    state: 'running',
    stateDetail: '',
    identity: `${snapshot.bootId}:${main.pid}:${main.startTicks}`,
    mainPid: main.pid,
    health: null,
    restarts: absent('a restart counter'),
    ...figuresOf(snapshot, groupOfPids({ snapshot, pids, set: null })),
    uptimeSeconds: snapshot.uptimeSeconds(main.pid),
  }
}
