import { type Status, worstStatus } from '../../core/finding.ts'
import type { JobState } from '../../core/job.ts'
import type { Absent, Failed } from '../../core/reading.ts'
import type { LastCheck, SeenService } from '../../core/seen.ts'
import type { Host } from '../../host/host.ts'
import { type Due, oldAfterMs, periodMs, rhythmMs } from '../../plan/job-states.ts'
import { failureWords } from '../../report/failure-words.ts'
import type { ServiceStatus, StatusReport } from '../../report/status-report.ts'
import { statePath } from '../../store/paths.ts'
import { readLastCheck } from '../../store/read-last-check.ts'
import { freshRestarts, restartCounts } from '../../store/restart-state.ts'
import { freshState, type State } from '../../store/state.ts'
import { readStateText } from '../../store/state-text.ts'
import { requireFound } from '../chosen-services.ts'
import { mayNotRead } from '../may-not-read.ts'
import { jobsRecordedSince } from '../overdue-jobs.ts'
import type { Histories } from './history.ts'
import { recordedRuns, statesOfJobs } from './jobs.ts'
import { lastActionOf } from './last-action.ts'

export interface Asked {
  stateDir: string
  /** Empty: all. */
  names: readonly string[]
  due: readonly Due[]
  histories: Histories
}

/**
 * What the records say, as of now.
 *
 * @throws HealthError 64 for a service of which nothing is recorded, 77 for records that this user may not read
 */
export const makeReport = (host: Host, asked: Asked): StatusReport => {
  const { stateDir, due, names } = asked
  const nowMs = host.now()
  const runs = recordedRuns(host, stateDir)
  const state = stateOf(host, stateDir)
  const jobs = statesOfJobs(host, stateDir, due, runs, jobsRecordedSince(state))
  const last = readLastCheck(host.save, stateDir)
  if (last.kind === 'failed' && last.cause === 'denied') throw mayNotRead(last.what)
  const base = { hostname: host.hostname, nowMs, jobs }
  if (last.kind !== 'value')
    return { ...base, status: 'unknown', seen: null, trouble: troubleOf(last, stateDir), services: [] }
  const everyMs = periodMs(rhythmMs([...(runs.get('check') ?? [])]), scheduleMs(due, nowMs))
  const oldMs = oldAfterMs(everyMs)
  const isOld = (atMs: number): boolean => nowMs - atMs > oldMs
  const services = chosen(last.value, names).map((service) =>
    serviceStatus(service, isOld(service.atMs), state, asked.histories, nowMs),
  )
  const hostIsOld = isOld(last.value.host.atMs)
  const hostStatus: Status = hostIsOld ? 'unknown' : last.value.host.status
  return {
    ...base,
    status: worstStatus([
      ...services.map(({ status }) => status),
      ...(names.length > 0 && !hostIsOld ? [] : [hostStatus, ...jobs.map(statusOfJob)]),
    ]),
    seen: { host: last.value.host, isOld: hostIsOld, oldAfterMs: oldMs, everyMs },
    trouble: null,
    services,
  }
}

const chosen = ({ services }: LastCheck, names: readonly string[]): SeenService[] => {
  requireFound(
    names,
    services.map(({ facts }) => facts.name),
  )
  return services.filter(({ facts }) => names.length === 0 || names.includes(facts.name))
}

/** Of what no schedule starts nobody knows whether it will ever run again, and it would warn for good. */
const statusOfJob = ({ command, isOverdue, lastRunAtMs, isRunning, exitCode, dueAtMs }: JobState): Status => {
  const wasKilled = lastRunAtMs !== null && !isRunning && exitCode === null
  return isOverdue || (wasKilled && dueAtMs !== null && command !== 'watch') ? 'warning' : 'ok'
}

/** From one start by the schedule to the next, of what starts `check` most often. */
const scheduleMs = (due: readonly Due[], nowMs: number): number | null => {
  const gaps = due.flatMap(({ command, next }) => {
    const first = command === 'check' ? next(nowMs) : null
    const second = first === null ? null : next(first)
    return first === null || second === null ? [] : [second - first]
  })
  return gaps.length === 0 ? null : Math.min(...gaps)
}

const serviceStatus = (
  seen: SeenService,
  isOld: boolean,
  state: State,
  histories: Histories,
  nowMs: number,
): ServiceStatus => {
  const restarts = state.restarts[seen.facts.name] ?? freshRestarts
  const history = histories.of(seen.facts)
  return {
    seen,
    status: isOld ? 'unknown' : seen.status,
    isOld,
    ...history,
    culprit: toldCulprit(seen) ?? history.culprit,
    restartsToday: restartCounts(restarts, nowMs).today,
    lastAction: lastActionOf(restarts),
  }
}

/** In the words of the last check, where that looked for who grows. */
const toldCulprit = ({ findings }: SeenService): string | null => {
  const told = findings.find(({ check }) => check === 'growth')?.args?.culprit
  return typeof told === 'string' ? told : null
}

/** Only read: what is wrong with it is for `check` to say and to move aside. */
const stateOf = (host: Host, stateDir: string): State => {
  const text = host.save.readText(statePath(stateDir))
  const read = text.kind === 'value' ? readStateText(text.value) : null
  return read === null || typeof read === 'string' ? freshState() : read.state
}

const troubleOf = (last: Absent | Failed, stateDir: string): StatusReport['trouble'] => {
  if (last.kind === 'absent')
    return {
      what: `no check has left a record in ${stateDir}`,
      mend: 'run `oratio-health check`, by cron each minute; as the same user, with the same --state-dir',
    }
  const { why, mend } = failureWords(last.cause, last.what, last.detail)
  return {
    what: `the record of the last check cannot be used: ${why}`,
    mend:
      last.cause === 'malformed'
        ? 'the next `oratio-health check` makes it anew'
        : (mend ?? 'see who may read it'),
  }
}
