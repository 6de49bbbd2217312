import { describe, expect, it } from 'vitest'
import type { Timer } from '../../src/commands/doctor/read-schedule.ts'
import { dueJobs } from '../../src/commands/status/due-jobs.ts'
import type { Host } from '../../src/host/host.ts'
import { jobsIn } from '../../src/plan/cron-jobs.ts'

const root = { uid: 0, env: {} } as Host
const stateDir = '/var/lib/oratio-health'
const timer = (command: string, more: Partial<Timer> = {}): Timer => ({
  unit: 'oratio-health-check.timer',
  everySeconds: 30,
  sinceMs: 5000,
  isUsers: false,
  isActive: true,
  jobs: jobsIn(command),
  ...more,
})
const due = (one: Timer, host = root) =>
  dueJobs(host, stateDir, { ours: [], jobs: [], timers: [one], unread: [] })

describe('what a timer starts', () => {
  it('is due a period after its last run', () => {
    const [job, ...more] = due(timer('/usr/bin/node /usr/bin/oratio-health check'))
    expect(more).toEqual([])
    expect(job).toMatchObject({ command: 'check', sinceMs: 5000 })
    expect(job?.next(1_000_000)).toBe(1_030_000)
  })

  it.each([
    ['one whose period is not told', timer('oratio-health check', { everySeconds: null })],
    ['one of another state folder', timer('oratio-health check --state-dir /elsewhere')],
    ['one of a user, for root', timer('oratio-health check', { isUsers: true })],
  ])('%s says nothing', (_, one) => {
    expect(due(one)).toEqual([])
  })

  it('counts for whose systemd it is', () => {
    const me = { uid: 1000, env: {} } as Host
    expect(due(timer('oratio-health check', { isUsers: true }), me)).toHaveLength(1)
    expect(due(timer('oratio-health check'), me)).toEqual([])
    expect(due(timer(`oratio-health check --state-dir ${stateDir}`))).toHaveLength(1)
  })
})
