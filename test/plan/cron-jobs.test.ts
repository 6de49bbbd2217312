import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commandRegistry } from '../../src/commands/registry.ts'
import { parseCrontab } from '../../src/parse/crontab.ts'
import { jobsIn } from '../../src/plan/cron-jobs.ts'

describe('jobsIn', () => {
  it.each([
    ['oratio-health check', 'check'],
    ['oratio-health health-check -q', 'check'],
    ['/usr/local/bin/oratio-health check >> /var/log/x 2>&1', 'check'],
    ['cd /opt/x && ./node_modules/.bin/oratio-health check', 'check'],
    ['flock -n /run/x nice -n 10 oratio-health cleanup-tmp', 'cleanup-tmp'],
    ['test -x /usr/bin/oratio-health && /usr/bin/oratio-health check', 'check'],
    ['oratio-health -c /etc/x.yaml --timeout 20s --json check', 'check'],
    ['oratio-health --config=/etc/x.yaml check', 'check'],
    ['FOO=bar sudo -u x oratio-health kill-orphans electron', 'kill-orphans'],
    ['bash -lc "sleep 3; oratio-health check -v"', 'check'],
    ['sh -c \'exec sh -c "oratio-health check"\'', 'check'],
  ])('%s: %s', (command, verb) => {
    expect(jobsIn(command).map((job) => job.command)).toEqual([verb])
  })

  it.each([
    'logger -t oratio-health done',
    'echo oratio-health',
    'test -x /usr/bin/oratio-health',
    'cat /var/log/oratio-health/health.log',
    'oratio-health --version',
    'oratio-health -c check',
    'oratio-healthy check',
    'echo "oratio-health check failed" | mail root',
    'true # oratio-health check',
    '',
  ])('%j starts nothing', (command) => {
    expect(jobsIn(command)).toEqual([])
  })

  it('tells what runs it', () => {
    expect(jobsIn('/usr/bin/node /opt/x/bin/oratio-health.js check')).toMatchObject([
      { interpreter: '/usr/bin/node', program: '/opt/x/bin/oratio-health.js' },
    ])
    expect(jobsIn('npx --yes oratio-health@0.1.0 check')).toMatchObject([
      { interpreter: null, program: 'npx' },
    ])
    expect(jobsIn('oratio-health check')).toMatchObject([{ interpreter: null, program: 'oratio-health' }])
  })

  it('tells state folder, time-out and delay', () => {
    expect(jobsIn('sleep 30; oratio-health check --state-dir=/x --timeout 20s')).toMatchObject([
      { stateDir: '/x', timeoutSeconds: 20, delaySeconds: 30 },
    ])
    expect(jobsIn('sleep "$(shuf -i 0-5 -n 1)"; oratio-health --state-dir /y check')).toMatchObject([
      { stateDir: '/y', timeoutSeconds: null, delaySeconds: null },
    ])
    expect(jobsIn('oratio-health check --timeout')).toMatchObject([{ timeoutSeconds: null }])
  })

  it('finds several in a line', () => {
    expect(jobsIn('oratio-health check; sleep 1m; oratio-health cleanup-tmp')).toMatchObject([
      { command: 'check', delaySeconds: 0 },
      { command: 'cleanup-tmp', delaySeconds: 60 },
    ])
  })

  it('reads the example crontab as one job that gets along with itself', () => {
    const text = readFileSync(join(import.meta.dirname, '../../crontab.example'), 'utf8')
    const { entries, faults } = parseCrontab(text, 'user')
    expect(faults).toEqual([])
    expect(entries.flatMap(({ command }) => jobsIn(command))).toMatchObject([
      { command: 'check', delaySeconds: null },
    ])
  })

  it('every line of the example crontab is one that cron takes, and none gets into the way of another', () => {
    const text = readFileSync(join(import.meta.dirname, '../../crontab.example'), 'utf8')
    const { entries, faults } = parseCrontab(text.replace(/^#(?=[\d*])/gm, ''), 'user')
    expect(faults).toEqual([])
    expect(entries.map(({ timing, command }) => [timing, jobsIn(command)[0]?.command])).toEqual([
      ['* * * * *', 'check'],
      ['17 * * * *', 'check'],
      ['7-59/10 * * * *', 'cleanup-tmp'],
      ['4-59/10 * * * *', 'kill-orphans'],
      ['41 * * * *', 'limits'],
      ['23 5 * * 1', 'crash-report'],
      ['33 5 * * 1', 'report'],
    ])
  })

  it('knows every verb of the registry', () => {
    const names = commandRegistry.flatMap(({ name, aliases }) => [name, ...(aliases ?? [])])
    expect(names.filter((name) => jobsIn(`oratio-health ${name}`).length !== 1)).toEqual([])
  })

  it('never throws', () => {
    const piece = fc.oneof(
      fc.constantFrom('oratio-health ', 'check ', '-c ', '"', "'", ';', 'sleep '),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        expect(jobsIn(pieces.join('')).every(({ args }) => args.length > 0)).toBe(true)
      }),
    )
  })
})
