import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { command } from '../../../src/commands/doctor.ts'
import type { ContainerFacts } from '../../../src/core/facts.ts'
import { failed, value } from '../../../src/core/reading.ts'
import type { HostOutput } from '../../../src/host/host.ts'
import { makeHost } from '../../../src/host/real.ts'
import type { Starter } from '../../../src/plan/cron-lines.ts'
import { plannedJobs } from '../../../src/plan/schedule.ts'
import { sealed } from '../../../src/plan/sealed-text.ts'
import { unitFiles } from '../../../src/plan/timer-units.ts'
import type { Examined } from '../../../src/report/doctor-text.ts'
import { validateDocument } from '../../support/schema.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { contextOf, documentOf, statLine, type TempHost, tempHost } from '../temp-host.ts'

const top = tempFolder('doctor')
let count = 0

const examineAll = async (host: TempHost) => {
  const root = join(top, String(count++))
  mkdirSync(root)
  const result = await command.run(contextOf(tempHost(root, host)))
  expect(validateDocument(documentOf(result))).toEqual([])
  const examined = documentOf(result).examinations as Examined[]
  return { result, examined, of: (name: string) => examined.filter((one) => one.name === name) }
}

const healthy: Record<string, string | null> = {
  '/proc/1/stat': statLine(1, 'systemd'),
  '/proc/300/stat': statLine(300, 'systemd-journal'),
  '/proc/301/stat': statLine(301, 'cron'),
  '/proc/301/status': 'Name:\tcron\nNSpid:\t301\n',
  '/proc/meminfo':
    'MemTotal:       8000000 kB\nMemFree:        4000000 kB\nSwapTotal:      1000 kB\nSwapFree:       1000 kB\n',
  '/proc/pressure/memory': 'some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
  '/sys/fs/cgroup/cgroup.controllers': 'cpu io memory pids\n',
  '/sys/fs/cgroup/cgroup.procs': '1\n',
  '/proc/self/mountinfo':
    '1 0 8:1 / / rw - ext4 /dev/sda1 rw\n30 1 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n',
  '/proc/self/cgroup': '0::/user.slice\n',
  '/run/systemd/system': null,
  '/var/log/journal/0123456789abcdef0123456789abcdef/system.journal': 'x',
  '/var/lib/oratio-health': null,
  '/var/log/oratio-health': null,
  '/cmd/df.json':
    '{"/":{"blockSize":4096,"blocks":1000000,"blocksAvailable":500000,"blocksFree":500000,"files":1000,"filesFree":900}}',
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nbackup:x:34:34:b:/:/bin/sh\n',
  '/etc/debian_version': '12.5\n',
  '/usr/bin/oratio-health': '#!/usr/bin/env node\n',
  '/usr/bin/node': 'ELF',
  '/usr/sbin/sendmail': 'ELF',
}

const commands: TempHost['commands'] = {
  'journalctl --system -n 1 -q -o cat --no-pager': { stdout: 'a line\n' },
  'timedatectl show --property=NTPSynchronized --value': { stdout: 'yes\n' },
  'getent passwd nosuch': { exitCode: 2 },
}

const usual: TempHost = { files: healthy, commands, units: value([]), blindness: null }

const withFiles = (files: Record<string, string | null>, more: Partial<TempHost> = {}): TempHost => ({
  ...usual,
  ...more,
  files: { ...healthy, ...files },
})

const without = (...paths: string[]): TempHost => ({
  ...usual,
  files: Object.fromEntries(
    Object.entries(healthy).filter(([path]) => !paths.some((p) => path.startsWith(p))),
  ),
})

const cronTab = (text: string) => withFiles({ '/etc/cron.d/oratio-health': text })

const line = '* * * * * root oratio-health check\n'
const told = 'MAILTO=ops@example.org\n'

describe('doctor on a healthy host', () => {
  it('is fine, and shows what it saw', async () => {
    const { result, examined } = await examineAll(cronTab(told + line))
    expect(examined.filter(({ status, name }) => status !== 'ok' && name !== 'node')).toEqual([])
    const text = result.text({ columns: 100, color: false, verbose: true })
    expect(text).toContain('ok    schedule: `check` every 1m as root (/etc/cron.d/oratio-health line 2)')
    expect(text).toContain('ok    cron: cron runs (process 301)')
    expect(text).toContain('ok    cgroups: cgroup v2 with the memory controller')
  })

  it('says so when nothing is scheduled, and that is no fault', async () => {
    const { of } = await examineAll(usual)
    expect(of('schedule')).toMatchObject([
      { status: 'ok', message: 'nothing starts oratio-health by itself' },
    ])
  })

  it('never throws on an empty host, nor calls that fine where it cannot know', async () => {
    const { of, result } = await examineAll({ files: {} })
    expect(of('processes')).toEqual([])
    expect(of('cron')).toEqual([])
    expect(of('cgroups')[0]).toMatchObject({ status: 'warning' })
    expect(of('systemd')).toMatchObject([{ status: 'ok', message: 'does not run here' }])
    expect(result.status).not.toBe('ok')
  })

  it('looks at a captured host without asking anything', async () => {
    const { of } = await examineAll({ ...cronTab(told + line), live: false })
    expect(of('node')).toEqual([])
    expect(of('clock')).toEqual([])
    expect(of('schedule')).toMatchObject([{ status: 'ok' }])
  })
})

describe('doctor on the captured hosts', () => {
  const hosts = join(import.meta.dirname, '../../fixtures/hosts')

  it.each(readdirSync(hosts).filter((name) => !name.includes('.')))(
    '%s: every examination comes to an end, with a valid document',
    async (name) => {
      const host = makeHost({
        root: join(hosts, name),
        dryRun: false,
        out: {} as HostOutput,
        onEndSignal: () => {},
        logAction: () => {},
      })
      const result = await command.run(contextOf(host))
      expect(validateDocument(documentOf(result))).toEqual([])
      expect(result.text({ columns: 80, color: false, verbose: true })).not.toContain('broke off')
    },
  )
})

describe('engine', () => {
  const config = 'services:\n  web:\n    container: web\n'

  it('absent is no fault, but is one when the config has containers', async () => {
    expect((await examineAll(usual)).of('engine')).toMatchObject([{ status: 'ok' }])
    const { of } = await examineAll(withFiles({ '/etc/oratio-health/config.yaml': config }))
    expect(of('engine')).toMatchObject([{ status: 'critical', message: expect.stringContaining('web') }])
  })

  it.each([
    ['denied', 'warning', 'critical'],
    ['refused', 'warning', 'critical'],
    ['vanished', 'warning', 'critical'],
    ['timeout', 'critical', 'critical'],
    ['malformed', 'unknown', 'unknown'],
  ] as const)('%s: %s, with containers in the config %s', async (cause, alone, needed) => {
    const containers = failed(cause, '/var/run/docker.sock', 'x (EX)')
    expect((await examineAll({ ...usual, containers })).of('engine')).toMatchObject([{ status: alone }])
    const { of } = await examineAll(withFiles({ '/etc/oratio-health/config.yaml': config }, { containers }))
    expect(of('engine')).toMatchObject([{ status: needed }])
  })

  it('counts what it sees', async () => {
    const containers = value([{ state: 'running' }, { state: 'exited' }] as ContainerFacts[])
    const { of } = await examineAll({ ...usual, containers, endpoint: value('/run/docker.sock') })
    expect(of('engine')).toMatchObject([{ message: '/run/docker.sock answers: 2 containers, 1 running' }])
  })
})

describe('permissions and what hides', () => {
  it('root that may not see what others have open is told so, as by cleanup-tmp', async () => {
    expect((await examineAll(usual)).of('permissions')).toMatchObject([
      { status: 'ok', message: 'runs as root, everything can be seen' },
    ])
    const blindness = 'what process 1 has open cannot be seen'
    expect((await examineAll({ ...usual, blindness })).of('permissions')).toMatchObject([
      { status: 'warning', message: expect.stringContaining(`runs as root, but ${blindness}: cleanup-tmp`) },
    ])
  })

  it('not root is no fault, but is one when the config acts on units', async () => {
    expect((await examineAll({ ...usual, uid: 1000 })).of('permissions')).toMatchObject([{ status: 'ok' }])
    const config = 'services:\n  web:\n    unit: web.service\n    restart: { after: 3 }\n'
    const { of } = await examineAll({
      ...withFiles({ '/home/u/.config/oratio-health/config.yaml': config }),
      uid: 1000,
      env: { HOME: '/home/u' },
    })
    expect(of('permissions')).toMatchObject([{ status: 'warning' }])
  })

  it('hidepid: says that processes are hidden, and does not call cron dead', async () => {
    const { of } = await examineAll({
      ...withFiles({
        '/proc/self/mountinfo': '23 1 0:22 / /proc rw - proc proc rw,hidepid=invisible\n',
        '/proc/self/status': 'Uid:\t1000\t1000\t1000\t1000\nGroups:\t1000\nCapEff:\t0000000000000000\n',
        '/proc/301/stat': '',
        '/var/spool/cron/crontabs/u': 'MAILTO=a@b.example\n* * * * * oratio-health check\n',
      }),
      uid: 1000,
      env: { HOME: '/home/u' },
    })
    expect(of('processes')).toMatchObject([
      { status: 'warning', message: expect.stringContaining('hidepid') },
    ])
    expect(of('cron')).toMatchObject([{ status: 'unknown' }])
  })
})

describe('cgroups, swap, systemd', () => {
  it('a Raspberry Pi without the memory controller', async () => {
    const { of } = await examineAll(
      withFiles({ '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io pids\n' }),
    )
    expect(of('cgroups')[0]).toMatchObject({
      status: 'warning',
      mend: expect.stringContaining('cgroup_enable=memory'),
    })
  })

  it('no swap is a fact', async () => {
    const { of } = await examineAll(withFiles({ '/proc/meminfo': 'MemTotal: 8000 kB\nSwapTotal: 0 kB\n' }))
    expect(of('swap')).toMatchObject([{ status: 'ok', message: expect.stringContaining('none') }])
  })

  it('systemd that does not answer is unknown', async () => {
    const units = failed('timeout', 'systemctl', 'did not end within 10000 ms')
    expect((await examineAll({ ...usual, units })).of('systemd')).toMatchObject([{ status: 'unknown' }])
  })
})

describe('journal', () => {
  it('dead: critical', async () => {
    expect((await examineAll(without('/proc/300'))).of('journal')).toContainEqual(
      expect.objectContaining({ status: 'critical', message: expect.stringContaining('does not run') }),
    )
  })

  it('in memory only: a warning with its mend', async () => {
    const host = without('/var/log/journal')
    host.files['/run/log/journal/0123456789abcdef0123456789abcdef'] = null
    expect((await examineAll(host)).of('journal')).toContainEqual(
      expect.objectContaining({ status: 'warning', message: expect.stringContaining('memory only') }),
    )
  })

  it('not readable for this user', async () => {
    const denied = { exitCode: 1, stderr: 'No journal files were opened due to insufficient permissions.\n' }
    const { of } = await examineAll({
      ...usual,
      uid: 1000,
      commands: { ...commands, 'journalctl --system -n 1 -q -o cat --no-pager': denied },
    })
    expect(of('journal')).toContainEqual(
      expect.objectContaining({ status: 'warning', mend: expect.stringContaining('systemd-journal') }),
    )
  })
})

describe('cron', () => {
  it.each([
    ['dead, with lines of ours', { '/proc/301/stat': statLine(301, 'bash') }, 'critical', 'no cron runs'],
    ['a zombie', { '/proc/301/stat': statLine(301, 'cron', 'Z') }, 'critical', 'is dead'],
    ['stopped', { '/proc/301/stat': statLine(301, 'cron', 'T') }, 'critical', 'is stopped'],
    ['only that of a container', { '/proc/301/status': 'NSpid:\t301\t7\n' }, 'critical', 'no cron runs'],
    [
      'crond of busybox',
      { '/proc/301/stat': statLine(301, 'busybox'), '/proc/301/cmdline': 'busybox\0crond\0-f\0' },
      'ok',
      'busybox runs',
    ],
    ['crond', { '/proc/301/stat': statLine(301, 'crond') }, 'ok', 'crond runs'],
    [
      'systemd-cron',
      { '/proc/301/stat': '', '/usr/lib/systemd/system-generators/systemd-crontab-generator': '' },
      'ok',
      'systemd-cron',
    ],
  ])('%s: %s', async (_name, files, status, message) => {
    const { of } = await examineAll(withFiles({ '/etc/cron.d/oratio-health': told + line, ...files }))
    expect(of('cron')).toMatchObject([{ status, message: expect.stringContaining(message) }])
  })

  it('dead without lines of ours is no fault', async () => {
    expect((await examineAll(without('/proc/301'))).of('cron')).toMatchObject([
      { status: 'ok', message: 'no cron runs, and no line here needs it', mend: null },
    ])
  })

  it('is to be started by what the host has', async () => {
    const dead = without('/proc/301', '/run/systemd')
    dead.files['/etc/cron.d/oratio-health'] = told + line
    const start = async (host: TempHost) => (await examineAll(host)).of('cron')[0]?.mend
    expect(await start(dead)).toMatch(/^service cron start/)
    dead.files['/run/systemd/system'] = null
    expect(await start(dead)).toMatch(/^systemctl enable --now cron/)
  })
})

describe('schedule', () => {
  const problems = async (host: TempHost) =>
    (await examineAll(host)).of('schedule').filter(({ status }) => status !== 'ok')

  it.each([
    ['the same line twice', told + line + line, 'warning', 'are the same job'],
    ['overlapping lines', `${told}${line}17 * * * * root oratio-health check -q\n`, 'warning', 'at 00:17'],
    [
      'a run longer than its period',
      `${told}* * * * * root oratio-health check --timeout 5m\n`,
      'warning',
      'every 1m',
    ],
    [
      'a program that is not there',
      `${told}* * * * * root /opt/x/oratio-health check\n`,
      'critical',
      '/opt/x/oratio-health',
    ],
    ['no user field', `${told}* * * * * /usr/bin/oratio-health check\n`, 'critical', 'has no user'],
    ['a user who does not exist', `${told}* * * * * nosuch oratio-health check\n`, 'critical', '`nosuch`'],
    ['a percent sign', `${told}* * * * * root oratio-health check >> /x-$(date +%F)\n`, 'warning', 'first %'],
    ['a range that never is', `${told}50-10 * * * * root oratio-health check\n`, 'critical', 'never runs'],
    [
      'another line that is wrong',
      `${told}${line}61 * * * * root true\n`,
      'critical',
      'ignores the whole file',
    ],
    ['an empty assignment', `MAILTO=\n${line}`, 'critical', 'ignores the whole file'],
    ['no newline at the end', `${told}${line.trimEnd()}`, 'critical', 'no newline'],
    ['Windows line ends', `${told}${line.replace('\n', '\r\n')}`, 'critical', 'Windows line ends'],
  ])('%s', async (_name, text, status, message) => {
    const found = await problems(cronTab(text))
    expect(found).toMatchObject([
      { status, message: expect.stringContaining(message), mend: expect.any(String) },
    ])
  })

  it('a continued line: both halves', async () => {
    const found = await problems(cronTab(`${told}* * * * * root oratio-health check \\\n  --quiet\n`))
    expect(found.map(({ message }) => message)).toEqual([
      expect.stringContaining('line 3'),
      expect.stringContaining('backslash'),
    ])
  })

  it('a user field in a crontab of a user', async () => {
    const found = await problems(
      withFiles({ '/var/spool/cron/crontabs/root': `${told}* * * * * root oratio-health check\n` }),
    )
    expect(found).toMatchObject([
      { status: 'critical', message: expect.stringContaining('its mode must be 0600') },
      { status: 'critical', message: expect.stringContaining('no user field') },
    ])
  })

  it("the program or its Node is not in cron's PATH", async () => {
    const host = without('/usr/bin/')
    host.files['/usr/local/bin/oratio-health'] = '#!/usr/bin/env node\n'
    host.files['/usr/local/bin/node'] = 'ELF'
    host.files['/etc/cron.d/oratio-health'] = told + line
    expect(await problems(host)).toMatchObject([
      {
        status: 'critical',
        message: expect.stringContaining('does not find oratio-health in its PATH (/usr/bin:/bin)'),
        mend: 'write PATH=/usr/local/bin:/usr/bin:/bin above the line',
      },
    ])
    host.files['/etc/cron.d/oratio-health'] = `${told}* * * * * root /usr/local/bin/oratio-health check\n`
    expect(await problems(host)).toMatchObject([{ message: expect.stringContaining('does not find node') }])
    host.files['/etc/cron.d/oratio-health'] = `${told}PATH=/usr/local/bin:/usr/bin:/bin\n${line}`
    expect(await problems(host)).toEqual([])
  })

  it('does not judge what the shell makes of it', async () => {
    const text = `${told}* * * * * root cd /opt && ./oratio-health check\n1 1 * * * root $HOME/bin/oratio-health limits\n`
    expect(await problems(cronTab(text))).toEqual([])
  })

  it('a name that cron skips', async () => {
    const found = await problems(withFiles({ '/etc/cron.d/oratio.cron': told + line }))
    expect(found).toMatchObject([{ status: 'critical', message: expect.stringContaining('cron ignores') }])
    expect(
      await problems(withFiles({ '/etc/cron.d/oratio.dpkg-old': line, '/etc/cron.d/x~': line })),
    ).toEqual([])
  })

  it('a timer beside a line, and one that is off', async () => {
    const timer = {
      '/etc/systemd/system/oratio-health-check.timer': '[Timer]\nOnCalendar=minutely\n',
      '/etc/systemd/system/oratio-health-check.service':
        '[Service]\nExecStart=/usr/bin/oratio-health check\n',
    }
    const asked = 'systemctl is-active --quiet oratio-health-check.timer'
    const both = withFiles(
      { ...timer, '/etc/cron.d/oratio-health': told + line },
      { commands: { ...commands, [asked]: {} } },
    )
    expect(await problems(both)).toMatchObject([
      { status: 'warning', message: expect.stringContaining('by the timer') },
    ])
    const off = withFiles(timer, { commands: { ...commands, [asked]: { exitCode: 3 } } })
    expect(await problems(off)).toMatchObject([
      { status: 'critical', message: expect.stringContaining('not active') },
    ])
  })

  it('a timer whose program is gone', async () => {
    const gone = withFiles(
      {
        '/etc/systemd/system/oratio-health-check.timer': '[Timer]\nOnCalendar=*-*-* *:*:00/30\n',
        '/etc/systemd/system/oratio-health-check.service':
          '[Service]\nExecStart=/opt/gone/node /opt/gone/oratio-health check\n',
      },
      { commands: { ...commands, 'systemctl is-active --quiet oratio-health-check.timer': {} } },
    )
    const { of } = await examineAll(gone)
    expect(of('schedule')[0]?.message).toBe('timer oratio-health-check.timer every 30s')
    expect(await problems(gone)).toMatchObject(
      ['/opt/gone/node', '/opt/gone/oratio-health'].map((path) => ({
        status: 'critical',
        message: `the timer oratio-health-check.timer: ${path} is not there or cannot be executed`,
        mend: expect.stringContaining('oratio-health install'),
      })),
    )
  })

  describe('units that install would write otherwise', () => {
    const config = '/etc/oratio-health/config.yaml'
    const hook = 'services: { web: { unit: x.service, hooks: [{ every: 1h, run: "true &" }] } }\n'
    const active = { 'systemctl is-active --quiet oratio-health-check.timer': {} }
    const folder = '/etc/systemd/system'
    const service = `${folder}/oratio-health-check.service`
    const program = {
      '/usr/local/bin/oratio-health': '#!/usr/bin/env node\n',
      [config]: 'host: { memory: { warn: 80%, crit: 90% } }\n',
    }
    const units = (
      starter: Starter = { program: ['/usr/bin/node', '/usr/local/bin/oratio-health'], options: [] },
    ) => {
      const jobs = plannedJobs({ periods: { check: 60 }, seed: 'x', logDir: '/l' })
      const texts = unitFiles(jobs, starter, {
        scope: 'system',
        stateDir: '/var/lib/oratio-health',
        logDir: '/var/log/oratio-health',
        runsPrograms: false,
        startsServices: false,
        cleanupPaths: [],
        mountPoints: [],
      })
      return Object.fromEntries(texts.map(({ name, content }) => [`${folder}/${name}`, content]))
    }
    const found = async (files: Record<string, string>) =>
      (await problems(withFiles({ ...program, ...files }, { commands: { ...commands, ...active } }))).map(
        ({ message, mend }) => `${message}; ${mend}`,
      )

    it('none while the config is as it was', async () => {
      expect(await found(units())).toEqual([])
    })

    it('after a change of the config, and of an older version', async () => {
      const told =
        'the units are not as the config wants them: oratio-health-check.service; oratio-health install brings them up'
      expect(await found({ ...units(), [config]: hook })).toEqual([told])
      const body = (units()[service] ?? '').split('\n').slice(1).join('\n')
      expect(await found({ ...units(), [service]: sealed(body.replace('KillMode=process\n', '')) })).toEqual([
        told,
      ])
    })

    it('changed by hand', async () => {
      const edited = `${units()[service]}Nice=19\n`
      expect(await found({ ...units(), [service]: edited })).toEqual([
        expect.stringMatching(/not as the config wants them: .*; they were changed by hand: .*--force$/),
      ])
    })

    it('not by another copy of the program, of another config, of others, nor by a drop-in', async () => {
      const other = units({
        program: ['/usr/bin/node', '/usr/bin/oratio-health'],
        options: [],
        engine: 'unix:///x',
      })
      expect(await found(other)).toEqual([])
      const options = ['--config', '/srv/other.yaml']
      const elsewhere = units({ program: ['/usr/bin/node', '/usr/local/bin/oratio-health'], options })
      expect(await found({ ...elsewhere, [config]: hook })).toEqual([])
      expect(
        await found({
          ...units(),
          [service]: '[Service]\nExecStart=/usr/bin/node /usr/local/bin/oratio-health check\n',
        }),
      ).toEqual([])
      expect(await found({ ...units(), [`${service}.d/override.conf`]: '[Service]\nNice=19\n' })).toEqual([])
    })
  })

  it('a section of the config that nothing starts, once something is started', async () => {
    const cleanup = { '/etc/oratio-health/config.yaml': 'cleanup:\n  - { path: /tmp/x, older_than: 1h }\n' }
    const started = withFiles({ ...cleanup, '/etc/cron.d/oratio-health': told + line })
    expect(await problems(started)).toMatchObject([
      { status: 'warning', message: expect.stringContaining('nothing starts `cleanup-tmp`') },
    ])
    expect(await problems(withFiles(cleanup))).toEqual([])
    const journal = { '/etc/oratio-health/config.yaml': 'journal: { SystemMaxUse: 500M }\n' }
    expect(await problems(withFiles({ ...journal, '/etc/cron.d/oratio-health': told + line }))).toMatchObject(
      [{ status: 'warning', message: expect.stringContaining('nothing starts `journal-limits`') }],
    )
    // Where install would not start it either.
    const bare = { ...healthy, ...journal, '/etc/cron.d/oratio-health': told + line }
    const files = Object.fromEntries(Object.entries(bare).filter(([path]) => path !== '/run/systemd/system'))
    const { of } = await examineAll({ ...usual, files })
    expect(of('schedule').filter(({ message }) => message.includes('journal-limits'))).toEqual([])
  })

  it('a user sees the own crontab alone', async () => {
    const host = { ...usual, uid: 1000, env: { HOME: '/home/u', LOGNAME: 'u' } }
    const listed = { ...commands, 'crontab -l': { stdout: told + line.replace('root ', '') } }
    const { of } = await examineAll({ ...host, commands: listed })
    expect(of('schedule')).toMatchObject([
      { status: 'ok', message: '`check` every 1m as u (crontab -l line 2)' },
    ])
  })

  it('leaves crontabs of others alone', async () => {
    expect(await problems(withFiles({ '/etc/crontab': 'nonsense\nMAILTO=\n' }))).toEqual([])
  })

  it('shows hostile names escaped', async () => {
    const { result } = await examineAll(cronTab(`${told}* * * * * ro\u001b[31mot oratio-health check\n`))
    const text = result.text({ columns: 80, color: false, verbose: true }) + result.problems.join('\n')
    expect(text).toContain('\\x1b[31m')
    expect(text).not.toContain('\u001b')
  })

  it('stays short and quick with thousands of lines', async () => {
    const { of } = await examineAll(cronTab(told + line.repeat(5000)))
    expect(of('schedule').length).toBeLessThan(60)
  })
})

describe('mail', () => {
  it.each([
    ['no MAILTO', cronTab(line), 'warning', 'local mailbox of root'],
    ['an empty one', cronTab(`MAILTO=""\n${line}`), 'warning', 'MAILTO is empty'],
    ['what is printed goes elsewhere', cronTab(line.replace('\n', ' > /dev/null 2>&1\n')), 'ok', 'is there'],
  ])('%s', async (_name, host, status, message) => {
    expect((await examineAll(host)).of('mail').at(-1)).toMatchObject({
      status,
      message: expect.stringContaining(message),
    })
  })

  it('no sendmail: a warning as soon as lines of ours print', async () => {
    expect((await examineAll(without('/usr/sbin/'))).of('mail')).toMatchObject([{ status: 'ok' }])
    const host = without('/usr/sbin/')
    host.files['/etc/cron.d/oratio-health'] = told + line
    expect((await examineAll(host)).of('mail')).toMatchObject([{ status: 'warning' }])
  })

  it('timers and no notify target: nobody is told, and that is a warning', async () => {
    const timer = {
      '/etc/systemd/system/oratio-health-check.timer': '[Timer]\nOnCalendar=minutely\n',
      '/etc/systemd/system/oratio-health-check.service':
        '[Service]\nExecStart=/usr/bin/node /usr/bin/oratio-health check\n',
    }
    const active = { 'systemctl is-active --quiet oratio-health-check.timer': {} }
    const words = async (files: Record<string, string>) =>
      (await examineAll(withFiles({ ...timer, ...files }, { commands: { ...commands, ...active } })))
        .of('mail')
        .filter(({ message }) => message.includes('nobody is told'))
    expect(await words({})).toMatchObject([{ status: 'warning', mend: expect.stringContaining('notify:') }])
    const config = '/etc/oratio-health/config.yaml'
    expect(await words({ [config]: 'notify: { targets: [{ email: ops@example.org }] }\n' })).toEqual([])
    expect(await words({ [config]: 'metrics: { textfile: /run/figures.prom }\n' })).toEqual([])
    expect(await words({ '/etc/cron.d/oratio-health': told + line })).toEqual([])
  })
})

describe('clock', () => {
  it('before the program was made', async () => {
    expect((await examineAll({ ...usual, nowMs: 60_000 })).of('clock')).toMatchObject([
      { status: 'critical', message: expect.stringContaining('1970') },
    ])
  })

  it('behind its own files', async () => {
    const host = withFiles({ '/var/lib/oratio-health/state.json': '{}' }, { nowMs: 1_750_000_000_000 })
    expect((await examineAll(host)).of('clock')).toContainEqual(
      expect.objectContaining({ status: 'warning', message: expect.stringContaining('in the future') }),
    )
  })

  it.each([
    [
      'timedatectl says no',
      { 'timedatectl show --property=NTPSynchronized --value': { stdout: 'no\n' } },
      'warning',
    ],
    [
      'chrony says no',
      { 'chronyc -n tracking': { stdout: 'Leap status     : Not synchronised\n' } },
      'warning',
    ],
    ['chrony says yes', { 'chronyc -n tracking': { stdout: 'Leap status     : Normal\n' } }, 'ok'],
    ['nobody can say', {}, 'ok'],
  ])('%s', async (_name, answers, status) => {
    expect((await examineAll({ ...usual, commands: answers })).of('clock')).toMatchObject([{ status }])
  })
})

describe('folders', () => {
  it('cannot be written', async () => {
    const { of } = await examineAll({
      ...usual,
      denied: ['/var/lib/oratio-health'],
      uid: 1000,
      env: { HOME: '/h' },
    })
    expect(of('folders')).toMatchObject([{ status: 'critical', mend: expect.any(String) }, { status: 'ok' }])
  })

  it('to be made, a file in the way, and full', async () => {
    const toMake = without('/var/lib')
    expect((await examineAll(toMake)).of('folders')[0]).toMatchObject({
      status: 'ok',
      message: expect.stringContaining('to be made in /var'),
    })
    const inTheWay = without('/var/lib')
    inTheWay.files['/var/lib/oratio-health'] = 'a file'
    expect((await examineAll(inTheWay)).of('folders')[0]).toMatchObject({ status: 'critical' })
    const full = withFiles({
      '/cmd/df.json':
        '{"/":{"blockSize":4096,"blocks":1000,"blocksAvailable":0,"blocksFree":0,"files":0,"filesFree":0}}',
    })
    expect((await examineAll(full)).of('folders')).toMatchObject([
      { status: 'critical' },
      { status: 'critical' },
    ])
  })
})

describe('config', () => {
  it('is told when it is wrong, and the rest is examined all the same', async () => {
    const { of, result } = await examineAll(
      withFiles({ '/etc/oratio-health/config.yaml': 'host: 5\nnonsense: 1\n' }),
    )
    expect(of('config')).toMatchObject([{ status: 'critical' }])
    expect(of('engine')).toMatchObject([{ status: 'ok' }])
    expect(result.status).toBe('critical')
  })

  it('of several errors says the first, and where the others are', async () => {
    const one = 'host: { disks: { crit: 5 } }\n'
    const path = '/etc/oratio-health/config.yaml'
    const [single] = (await examineAll(withFiles({ [path]: one }))).of('config')
    expect(single).toMatchObject({ message: expect.stringMatching(/config\.yaml:1:24 host\.disks\.crit: /) })
    const [first] = (await examineAll(withFiles({ [path]: `${one}zzz: 1\nyyy: 1\n` }))).of('config')
    expect(first).toMatchObject({
      message: `${single?.message}; and 2 more`,
      mend: 'see all of them: oratio-health config validate',
    })
  })

  it('is counted when it is right', async () => {
    const config = 'services:\n  a: { process: a }\n  b: { process: b }\n'
    const { of } = await examineAll(withFiles({ '/etc/oratio-health/config.yaml': config }))
    expect(of('config')[0]).toMatchObject({ status: 'ok', message: expect.stringContaining('2 services') })
  })
})
