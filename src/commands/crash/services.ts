import { findContainers } from '../../checks/observe/find-container.ts'
import type { Config } from '../../config/config.ts'
import { mapBounded } from '../../core/bounded.ts'
import { type CrashEvent, type CrashEventKind, crashEvent } from '../../core/crash-event.ts'
import type { ContainerFacts, UnitFacts } from '../../core/facts.ts'
import { systemJournal } from './journal.ts'
import { addEvents, type CrashSource, type Gathering, lackOf, outcome, readerFor } from './source.ts'

const [unitLogMs, containerLogMs] = [2000, 2000]
const containerLogBytes = 1024 * 1024
/** So many of 200 bytes: of more bytes the engine's answer would lack the newest, which are those before a crash. */
const containerLogLines = Math.floor(containerLogBytes / 200)
/** Words of the faults that services tell of themselves; the parser looks closer. */
const faultWords =
  'WORKER TIMEOUT|sent SIGKILL|HARAKIRI|DAMN !|PoolWorker|exited on signal|timed out|heap out of memory|OutOfMemoryError|MemoryError|out of memory|Allowed memory size|bad_alloc'

/** Containers that ended badly, by the engine. */
export const containerSource: CrashSource = async (gathering) => {
  const containers = await gathering.host.engine.containers()
  gathering.engineSaid = containers
  if (containers.kind !== 'value') {
    const lack = lackOf(containers)
    if (lack !== null) outcome(gathering, 'container engine', 0, true, lack)
    return
  }
  gathering.containers.push(...containers.value)
  for (const container of containers.value) {
    gathering.containerNames.set(container.id, container.name)
    if (container.notInspected !== undefined) continue
    addEvents(gathering, exitOf(container))
  }
  outcome(gathering, 'container engine', containers.value.length, true)
}

/** 137: SIGKILL, 139: SIGSEGV, 134: SIGABRT, by Docker's 128 + signal. An orderly stop ends with 0 or 143. */
const exitOf = ({ id, name, state, exitCode, oomKilled, finishedAtMs }: ContainerFacts) => {
  const isDead = state === 'exited' || state === 'dead' || state === 'restarting'
  if (!oomKilled && !(isDead && exitCode !== null && [134, 137, 139].includes(exitCode))) return []
  const words = `container ${name} exited with ${exitCode ?? '?'}${oomKilled ? ', killed for memory' : ''}`
  const oom = {
    ...{
      scope: 'container' as const,
      anonRssBytes: null,
      totalVmBytes: null,
      cgroup: null,
      limitBytes: null,
    },
    ...{ invokedBy: null, tasks: [] },
  }
  return [
    crashEvent(oomKilled ? 'oom-kill' : 'container-exit', 'engine', finishedAtMs, words, {
      container: id,
      exitCode,
      oom: oomKilled ? oom : null,
    }),
  ]
}

/** Units that have failed. */
export const unitSource: CrashSource = async (gathering) => {
  const units = await gathering.host.systemd.units()
  gathering.systemdSaid = units
  if (units.kind !== 'value') {
    const lack = lackOf(units)
    if (lack !== null) outcome(gathering, 'systemd units', 0, true, lack)
    return
  }
  const failed = units.value.filter(({ activeState }) => activeState === 'failed')
  addEvents(gathering, failed.flatMap(failureOf(gathering)))
  outcome(gathering, 'systemd units', units.value.length, true)
}

/** What the journal has told is not told again, and what it would have told is of before the time asked for. */
const failureOf =
  ({ events, outcomes, clock: { bootAtMs } }: Gathering) =>
  ({ id, result, inactiveSinceMonotonicUs: sinceUs }: UnitFacts): CrashEvent[] => {
    const atMs = bootAtMs === null || sinceUs === null ? null : bootAtMs + sinceUs / 1000
    const isTold = events.some(({ kind, unit }) => unit === id && failures.includes(kind))
    const hasJournal = outcomes.some(
      ({ name, complete, missing }) => name === systemJournal && complete && missing === null,
    )
    if (isTold || (atMs === null && hasJournal)) return []
    return [crashEvent('unit-failed', 'systemd', atMs, `${id}: ${result}`, { unit: id })]
  }

const failures: readonly CrashEventKind[] = ['unit-failed', 'oom-kill']

/** The logs of the services of the config, and of the containers that ended badly. */
export const serviceLogSource = async (gathering: Gathering, config: Config | null): Promise<void> => {
  const targets = Object.values(config?.services ?? {}).map(({ target }) => target)
  const units = targets.flatMap((target) => (target.type === 'unit' ? [target.ref] : []))
  const wanted = new Set(
    targets.flatMap((target) => {
      const found = target.type === 'container' ? findContainers(target.ref, gathering.containers) : null
      return found?.kind === 'containers' ? found.containers.map(({ id }) => id) : []
    }),
  )
  const containers = gathering.containers.filter(
    ({ id, state, exitCode }) =>
      wanted.has(id) || state === 'restarting' || (state === 'exited' && (exitCode ?? 0) > 1),
  )
  await Promise.all([
    units.length > 0 ? readUnitLogs(gathering, units) : null,
    mapBounded(containers.slice(0, 50), 20, (container) => readContainerLog(gathering, container)),
  ])
}

const readUnitLogs = async (gathering: Gathering, units: readonly string[]): Promise<void> => {
  const reader = readerFor(gathering, 'journal')
  const since = `--since=@${Math.floor(gathering.sinceMs / 1000)}`
  const read = await gathering.host.logs.program(
    [
      'journalctl',
      '--quiet',
      '--no-pager',
      '--output=json',
      since,
      `--grep=${faultWords}`,
      '--case-sensitive=true',
      ...units.map((unit) => `--unit=${unit}`),
    ],
    reader.take,
    { maxMs: unitLogMs, filter: reader.filter },
  )
  reader.end()
  if (read.kind === 'value') outcome(gathering, 'logs of units', read.value.lines, read.value.complete)
  else outcome(gathering, 'logs of units', 0, true, lackOf(read))
}

const readContainerLog = async (gathering: Gathering, { id, name }: ContainerFacts): Promise<void> => {
  const log = await gathering.host.engine.logs(
    id,
    Math.floor(gathering.sinceMs / 1000),
    containerLogBytes,
    containerLogMs,
    containerLogLines,
  )
  if (log.kind !== 'value') {
    const lack = lackOf(log)
    if (lack !== null) outcome(gathering, `log of ${name}`, 0, true, lack)
    return
  }
  const events: CrashEvent[] = []
  const reader = readerFor({ ...gathering, events }, `log of ${name}`)
  // `2026-01-31T03:00:00.123Z text`: the engine's stamp, which the program's own words follow.
  const lines = log.value.text.split('\n')
  for (const line of lines) reader.take(line)
  reader.end()
  addEvents(
    gathering,
    events.map((event) => ({ ...event, container: id })),
  )
  gathering.outcomes.push({
    ...{ name: `log of ${name}`, lines: lines.length, complete: !log.value.truncated },
    ...{ missing: null, mend: null, isNeeded: false },
  })
}
