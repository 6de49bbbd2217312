import { describe, expect, it } from 'vitest'
import { parseCrontab } from '../../src/parse/crontab.ts'
import { jobsIn } from '../../src/plan/cron-jobs.ts'
import { cronFileText, cronTiming, crontabLines, starterFault } from '../../src/plan/cron-lines.ts'
import { type PlannedJob, periodFault, plannedJobs } from '../../src/plan/schedule.ts'
import { sealed, sealOf } from '../../src/plan/sealed-text.ts'
import { calendarOf } from '../../src/plan/timer-units.ts'

const usual = {
  check: 60,
  'cleanup-tmp': 600,
  'kill-orphans': 600,
  'journal-limits': 86_400,
  'crash-report': 604_800,
}
const jobsOf = (seed: string, periods: Record<string, number | null> = usual): PlannedJob[] =>
  plannedJobs({ periods, seed, logDir: '/l' })
const starter = { program: ['/usr/bin/node', '/usr/local/bin/oratio-health'], options: [] }

describe('what is started when', () => {
  it('only what has a period', () => {
    const some = jobsOf('a', { check: 60, 'kill-orphans': null, 'crash-report': 604_800 })
    expect(some.map(({ command }) => command)).toEqual(['check', 'crash-report'])
    expect(jobsOf('a', { limits: 3600 })).toMatchObject([{ command: 'limits', args: ['apply'] }])
    expect(jobsOf('a', { report: 604_800 })[0]?.args.join(' ')).toBe('--since 7d -q -o /l/week.html')
    expect(jobsOf('a').map(({ command, everySeconds }) => [command, everySeconds])).toEqual([
      ['check', 60],
      ['cleanup-tmp', 600],
      ['kill-orphans', 600],
      ['journal-limits', 86_400],
      ['crash-report', 604_800],
    ])
  })

  it('the same on one host, different on others, and never at minute 0', () => {
    expect(jobsOf('host-1')).toEqual(jobsOf('host-1'))
    const minutes = new Set<number>()
    for (let host = 0; host < 200; host++)
      for (const { everySeconds, at } of jobsOf(`host-${host}`)) {
        if (everySeconds === 60) {
          expect(at.second).toBeGreaterThanOrEqual(1)
          expect(at.second).toBeLessThan(10)
          continue
        }
        expect(at.minute).toBeGreaterThan(0)
        expect(at.minute).toBeLessThan(Math.min(60, everySeconds / 60))
        expect(at.second).toBeLessThan(60)
        if (everySeconds === 86_400) minutes.add(at.minute)
        // Not in the hour that a change of the clock leaves out.
        if (everySeconds >= 86_400) expect([4, 5]).toContain(at.hour)
      }
    expect(minutes.size).toBeGreaterThan(40)
  })

  it.each([
    [60, '* * * * *', '*-*-* *:*:00'],
    [300, '3-59/5 * * * *', '*-*-* *:03/5:00'],
    [3600, '3 * * * *', '*-*-* *:03:00'],
    [7200, '3 1-23/2 * * *', '*-*-* 01/2:03:00'],
    [86_400, '3 1 * * *', '*-*-* 01:03:00'],
    [604_800, '3 1 * * 2', 'Tue *-*-* 01:03:00'],
  ])('every %i s: %s and %s', (everySeconds, fields, calendar) => {
    const job = {
      command: 'check',
      args: [],
      everySeconds,
      at: { second: 1, minute: 3, hour: 1, weekday: 2 },
    }
    expect(cronTiming(job)).toBe(fields)
    expect(calendarOf(job)).toBe(calendar)
  })

  it('every 30 s by timers alone', () => {
    expect(calendarOf({ ...(jobsOf('a')[0] as PlannedJob), everySeconds: 30 })).toBe('*-*-* *:*:00/30')
    expect(periodFault(30, 'systemd')).toBeNull()
    expect(periodFault(30, 'cron')?.mend).toContain('--scheduler systemd')
  })

  it.each([1, 5, 7, 45, 59, 61, 90, 420, 3601, 5400, 18_000, 100_000, 172_800])(
    'not every %i s',
    (seconds) => {
      expect(periodFault(seconds, 'systemd')?.message).toContain('divides')
    },
  )

  it.each([10, 15, 20, 30])('%i s are too often for cron', (seconds) => {
    expect(periodFault(seconds, 'cron')).not.toBeNull()
  })

  it.each([60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400])('every %i s', (seconds) => {
    expect(periodFault(seconds, 'cron')).toBeNull()
    const [job] = jobsOf('x', { check: seconds })
    const text = `${cronTiming(job as PlannedJob)} true\n`
    expect(parseCrontab(text, 'user').faults).toEqual([])
  })
})

describe('the lines of cron', () => {
  it('carry DOCKER_HOST, which cron and systemd do not hand on', () => {
    const far = { ...starter, engine: 'unix:///run/proxy 1.sock' }
    const jobs = jobsOf('h')
    expect(cronFileText(jobs, far)).toContain("\nDOCKER_HOST='unix:///run/proxy 1.sock'\n")
    expect(crontabLines(jobs, far)[0]).toMatch(
      / PATH=\S+ DOCKER_HOST='unix:\/\/\/run\/proxy 1\.sock' \S+node /,
    )
    expect(crontabLines(jobs, far).flatMap((line) => jobsIn(line)).length).toBe(jobs.length)
    expect(starterFault(jobs, { ...starter, engine: 'unix:///a\nb' })).not.toBeNull()
    expect(cronFileText(jobs, starter)).not.toContain('DOCKER_HOST')
  })

  it('are lines of ours for whoever reads crontabs', () => {
    const { entries, faults } = parseCrontab(cronFileText(jobsOf('host'), starter), 'system')
    expect(faults).toEqual([])
    expect(entries.map(({ user, command }) => [user, jobsIn(command)[0]?.command])).toEqual(
      ['check', 'cleanup-tmp', 'kill-orphans', 'journal-limits', 'crash-report'].map((name) => [
        'root',
        name,
      ]),
    )
    expect(entries[0]?.environment.get('MAILTO')).toBe('root')
    expect(entries[0]?.environment.get('PATH')).toContain('/usr/local/bin')
    expect(jobsIn(entries[0]?.command ?? '')[0]?.interpreter).toBe('/usr/bin/node')
  })

  it('assign nothing in a crontab of others, which would hold for the lines below', () => {
    const { entries, faults } = parseCrontab(`${crontabLines(jobsOf('host'), starter).join('\n')}\n`, 'user')
    expect(faults).toEqual([])
    expect(entries.every(({ environment }) => environment.size === 0)).toBe(true)
  })

  it.each([
    ['/opt/my tools/oratio-health', "'/opt/my tools/oratio-health'"],
    ['/opt/50%/oratio-health', "'/opt/50\\%/oratio-health'"],
    ["/opt/o'brien/oratio-health", "'/opt/o'\\''brien/oratio-health'"],
    ['/opt/$HOME;x/oratio-health', "'/opt/$HOME;x/oratio-health'"],
  ])('quote %s', (path, written) => {
    const [line = ''] = crontabLines(jobsOf('h', { check: 60 }), { program: [path], options: [] })
    expect(line).toContain(` ${written} check`)
    const [entry] = parseCrontab(`${line}\n`, 'user').entries
    expect(entry?.input).toBeNull()
    if (!path.includes("'")) expect(jobsIn(entry?.command ?? '')[0]?.program).toBe(path)
  })

  it.each(['/opt/a\nb', '/opt/a\\b', '/opt/\u0007', `/${'x'.repeat(990)}`])('refuse %j', (path) => {
    expect(starterFault(jobsOf('h'), { program: [path], options: [] })).not.toBeNull()
  })
})

describe('the seal of a file of ours', () => {
  it('tells an untouched one from a changed one and from one of others', () => {
    const text = sealed('PATH=/bin\n\n* * * * * root x\n')
    expect(sealOf(text)).toBe('intact')
    expect(sealOf(text.replace('* * * * *', '5 * * * *'))).toBe('edited')
    expect(sealOf(`${text}\n`)).toBe('edited')
    expect(sealOf('* * * * * root oratio-health check\n')).toBe('foreign')
    expect(sealOf('')).toBe('foreign')
    expect(sealOf(`# mine\n${text}`)).toBe('foreign')
  })
})
