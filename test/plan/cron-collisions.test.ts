import { describe, expect, it } from 'vitest'
import { parseCrontab } from '../../src/parse/crontab.ts'
import { collisionsOf, maxJobsCompared, type ScheduledJob } from '../../src/plan/cron-collisions.ts'
import { jobsIn } from '../../src/plan/cron-jobs.ts'

const jobsOf = (text: string): ScheduledJob[] =>
  parseCrontab(`${text}\n`, 'system').entries.flatMap((entry) =>
    jobsIn(entry.command).map((job) => ({
      file: 'x',
      line: entry.line,
      timing: entry.timing,
      schedule: entry.schedule,
      user: entry.user ?? '',
      stateDir: job.stateDir ?? '',
      job,
    })),
  )

const kinds = (text: string): string[] => collisionsOf(jobsOf(text)).map(({ kind }) => kind)

describe('collisionsOf', () => {
  it.each([
    [
      'the same line twice',
      '* * * * * root oratio-health check\n*/1 * * * * root oratio-health check',
      ['duplicate'],
    ],
    [
      'hourly beside every minute',
      '* * * * * root oratio-health check\n@hourly root oratio-health check',
      ['overlap'],
    ],
    [
      'other arguments at the same times',
      '@daily a oratio-health check x\n@daily a oratio-health check y',
      ['overlap'],
    ],
    ['an alias', '@daily a oratio-health check\n@daily a oratio-health health-check', ['overlap']],
    [
      'a random delay',
      '* * * * * a sleep $(r); oratio-health check\n* * * * * a oratio-health check',
      ['duplicate'],
    ],
    ['two in one line', '* * * * * a oratio-health check; oratio-health check', []],
    ['other minutes', '*/2 * * * * a oratio-health check\n1-59/2 * * * * a oratio-health check', []],
    ['another command', '@daily a oratio-health check\n@daily a oratio-health cleanup-tmp', []],
    ['another user', '@daily a oratio-health check\n@daily b oratio-health check', []],
    ['another state folder', '@daily a oratio-health check\n@daily a oratio-health check --state-dir /y', []],
    ['half a minute apart', '* * * * * a oratio-health check\n* * * * * a sleep 30; oratio-health check', []],
    ['at the boot', '@reboot a oratio-health check\n* * * * * a oratio-health check', []],
    ['never', '10-5 * * * * a oratio-health check\n* * * * * a oratio-health check', []],
    ['longer than its period', '* * * * * a oratio-health check --timeout 2m', ['self-overlap']],
    ['as long as its period', '* * * * * a oratio-health check --timeout 60s', []],
    ['once a week, for long', '0 3 * * 1 a oratio-health check --timeout 3d', []],
  ])('%s', (_name, text, expected) => {
    expect(kinds(text)).toEqual(expected)
  })

  it('names the first minute and both lines', () => {
    const text = '*/5 * * * * a oratio-health check\n10 4-6 * * * a oratio-health check -q'
    expect(collisionsOf(jobsOf(text))).toMatchObject([
      { kind: 'overlap', minute: 250, first: { line: 1 }, second: { line: 2 } },
    ])
  })

  it('compares no more than its bound', () => {
    const lines = Array.from({ length: maxJobsCompared + 50 }, () => '0 0 30 2 * a oratio-health check')
    expect(
      kinds([...lines, '@daily a oratio-health check', '@daily a oratio-health check'].join('\n')),
    ).toEqual([])
  })
})
