import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CommandResult } from '../../../src/commands/command.ts'
import { exitCode } from '../../../src/core/errors.ts'
import { schedulableCommands } from '../../../src/plan/schedule.ts'
import { metricsHead } from '../../../src/report/metrics-text.ts'
import { sealJson } from '../../../src/store/sealed-json.ts'
import { isRoot } from '../../support/needs.ts'
import { validateDocument } from '../../support/schema.ts'
import { memoryFolder } from '../../support/temp-folder.ts'
import { documentOf } from '../temp-host.ts'
import { type Given, type Machine, type MachineSettings, makeMachine } from './fake-machine.ts'

// In memory where it can be: each of some thousand files is written through to the disk.
const top = memoryFolder('install')
let count = 0
const machine = (settings: MachineSettings = {}): Machine => makeMachine(join(top, `m${count++}`), settings)

const cronFile = '/etc/cron.d/oratio-health'
const config = '/etc/oratio-health/config.yaml'
const full =
  'cleanup:\n  - { path: /tmp/x, older_than: 1h }\norphans:\n  - { name: a, match: aaaa, older_than: 1m }\n'
const told = 'notify: { targets: [{ ping: "http://127.0.0.1:9/x" }] }\n'
const asRoot = { '/etc/oratio-health/config.yaml': full }

const valid = (result: CommandResult | null): CommandResult => {
  if (result === null) throw new Error('it was refused')
  expect(validateDocument(documentOf({ ...result, exitCode: result.exitCode ?? 0 }))).toEqual([])
  return result
}

const changesOf = (result: CommandResult | null) =>
  valid(result).document?.body.changes as {
    change: string
    path: string | null
    outcome: string
    detail: string
  }[]

const kinds: [string, MachineSettings, Given][] = [
  ['cron, as root', { files: asRoot }, {}],
  ['cron, without a config', {}, {}],
  ['cron, as a user', { uid: 1000 }, {}],
  [
    'timers, as root',
    { files: { [config]: full + told }, hasSystemd: true },
    { options: { scheduler: 'systemd' } },
  ],
  [
    'timers, as a user',
    { uid: 1000, files: { '/home/me/.config/oratio-health/config.yaml': told }, hasSystemd: true },
    { options: { scheduler: 'systemd', every: 30 } },
  ],
]

// A config that others than root could change is refused to root.
describe.runIf(isRoot)('install', () => {
  it.each(kinds)('%s: a second time there is nothing to do', async (_, settings, given) => {
    const here = machine(settings)
    const first = await here.run('install', given)
    expect(valid(first.result).status).toBe('ok')
    const before = here.picture()
    const second = await here.run('install', given)
    expect(valid(second.result).status).toBe('ok')
    expect(second.text).toMatch(/^nothing to do\n/)
    // Without the options too: what was installed is remembered.
    expect((await here.run('install')).text).toMatch(/^nothing to do\n/)
    expect(here.picture()).toEqual(before)
  })

  it('starts each job as often as schedule: says, limits only where they are wanted, and none that is off', async () => {
    const periods = 'schedule: { cleanup-tmp: 5m, kill-orphans: off, limits: 1h, crash-report: 1d }\n'
    const wish = 'services: { a: { container: a, limit: { memory: 1G } } }\n'
    const jobsOf = async (text: string): Promise<unknown> =>
      valid((await machine({ files: { [config]: text } }).run('install')).result).document?.body.jobs
    expect(await jobsOf(`${full}${periods}${wish}`)).toEqual([
      { command: 'check', everySeconds: 60 },
      { command: 'cleanup-tmp', everySeconds: 300 },
      { command: 'limits', everySeconds: 3600 },
      { command: 'crash-report', everySeconds: 86_400 },
    ])
    expect(await jobsOf(periods)).toEqual([
      { command: 'check', everySeconds: 60 },
      { command: 'crash-report', everySeconds: 86_400 },
    ])
    const tooOften = await machine({ files: { [config]: `${full}schedule: { cleanup-tmp: 30s }\n` } }).run(
      'install',
    )
    expect(tooOften.error).toMatchObject({ code: exitCode.badConfig })
  })

  it.each(kinds)('%s: --dry-run shows every file and changes nothing', async (_, settings, given) => {
    const here = machine(settings)
    const before = here.picture()
    const { result, text } = await here.run('install', { ...given, dryRun: true })
    expect(here.picture()).toEqual(before)
    expect(text).toContain('+++ ')
    expect(text).toMatch(/^\+.*oratio-health check/m)
    expect(changesOf(result).every(({ outcome }) => outcome === 'dry-run')).toBe(true)
    expect(result?.document?.body.diff).toContain(
      settings.hasSystemd ? '+[Timer]' : settings.uid === undefined ? '+MAILTO=root' : '--- /dev/null',
    )
  })

  it.each(kinds)(
    '%s: ended at every step, the next install brings it to its end',
    async (_, settings, given) => {
      const whole = machine(settings)
      const { effects } = await whole.run('install', given)
      expect(effects).toBeGreaterThan(3)
      for (let dieAt = 1; dieAt <= effects; dieAt++) {
        const here = machine(settings)
        expect((await here.run('install', { ...given, dieAt })).died).toBe(true)
        expect(valid((await here.run('install', given)).result).status).toBe('ok')
        expect(withoutStamps(here.picture())).toEqual(withoutStamps(whole.picture()))
      }
    },
  )

  it.each(kinds)(
    '%s: ended at every step, uninstall --purge leaves the host as it was',
    async (_, settings, given) => {
      const { effects } = await machine(settings).run('install', given)
      for (let dieAt = 1; dieAt <= effects + 1; dieAt++) {
        const here = machine(settings)
        const before = here.picture()
        expect((await here.run('install', { ...given, dieAt })).died).toBe(dieAt <= effects)
        valid((await here.run('uninstall', { options: { purge: true } })).result)
        // What lies around the state folder is made before there is a record of it.
        const made = Object.keys(here.picture()).filter((path) => !(path in before))
        expect(made.filter((path) => !(dieAt <= 4 && isAround(path)))).toEqual([])
      }
    },
  )

  it.each(kinds)(
    '%s: an uninstall that was ended at any step is brought to its end',
    async (_, settings, given) => {
      const whole = machine(settings)
      const before = whole.picture()
      await whole.run('install', given)
      const { effects } = await whole.run('uninstall', { options: { purge: true } })
      expect(whole.picture()).toEqual(before)
      for (let dieAt = 1; dieAt <= effects; dieAt++) {
        const here = machine(settings)
        await here.run('install', given)
        expect((await here.run('uninstall', { dieAt, options: { purge: true } })).died).toBe(true)
        valid((await here.run('uninstall', { options: { purge: true } })).result)
        const after = here.picture()
        expect(
          Object.keys(after)
            .filter((path) => !(path in before))
            .filter((path) => !isAround(path)),
        ).toEqual([])
      }
    },
  )

  it('the address of the engine goes along, is remembered, and forgotten when it is set to nothing', async () => {
    const settings = { files: asRoot, hasSystemd: true }
    const far = machine({ ...settings, env: { DOCKER_HOST: 'unix:///run/proxy.sock' } })
    await far.run('install')
    expect(far.text(cronFile)).toContain('\nDOCKER_HOST=unix:///run/proxy.sock\n')
    expect((await makeMachine(far.root, settings).run('install')).text).toMatch(/^nothing to do\n/)
    await makeMachine(far.root, settings).run('install', { options: { scheduler: 'systemd' } })
    expect(far.text('/etc/systemd/system/oratio-health-check.service')).toContain(
      '\nEnvironment=DOCKER_HOST=unix:///run/proxy.sock\n',
    )
    await makeMachine(far.root, { ...settings, env: { DOCKER_HOST: '' } }).run('install', {
      options: { scheduler: 'cron' },
    })
    expect(far.text(cronFile)).not.toContain('DOCKER_HOST')
  })

  it('moves from cron to timers and back, and never leaves both', async () => {
    const here = machine({ files: asRoot, hasSystemd: true })
    expect((await here.run('install')).text).toContain(`started by cron (${cronFile})`)
    await here.run('install', { options: { scheduler: 'systemd', every: 30 } })
    expect(Object.keys(here.picture())).not.toContain(cronFile)
    expect([...here.timers.keys()]).toContain('oratio-health-check.timer')
    expect(here.text('/etc/systemd/system/oratio-health-check.timer')).toContain('OnCalendar=*-*-* *:*:00/30')
    const back = await here.run('install', { options: { scheduler: 'cron' } })
    // As often as cron can.
    expect(back.text).toContain('check every minute')
    expect(here.timers.size).toBe(0)
    expect(Object.keys(here.picture()).filter((path) => path.includes('/systemd/system/'))).toEqual([])
  })

  describe('uninstall --scheduler', () => {
    const by = (scheduler: 'cron' | 'systemd', more = {}) => ({ options: { scheduler, ...more } })
    const settings = { files: { [config]: full + told }, hasSystemd: true }

    it.each(['cron', 'systemd'] as const)(
      '%s, with the name it was installed by: all goes, as without',
      async (name) => {
        const here = machine(settings)
        const before = here.picture()
        await here.run('install', by(name))
        expect((await here.run('uninstall', by(name, { purge: true }))).result?.status).toBe('ok')
        expect(here.picture()).toEqual(before)
      },
    )

    it.each([
      ['cron', 'systemd'],
      ['systemd', 'cron'],
    ] as const)('%s, of two schedules: the other stays with state, logs and config', async (asked, other) => {
      const here = machine(settings)
      await here.run('install', by(other))
      const alone = withoutStamps(here.picture())
      const elsewhere = machine(settings)
      await elsewhere.run('install', by('cron'))
      const lines = elsewhere.text(cronFile)
      if (asked === 'systemd') await here.run('install', by('systemd'))
      here.write(cronFile, lines)
      const dry = await here.run('uninstall', { ...by(asked), dryRun: true })
      expect(dry.text).toContain(`what ${other} starts stays`)
      const { result } = await here.run('uninstall', by(asked, { purge: true }))
      expect(valid(result).status).toBe('warning')
      expect(result?.problems.join(' ')).toContain('state, logs and config')
      const after = here.picture()
      expect(after[cronFile] !== undefined).toBe(other === 'cron')
      expect(here.timers.size > 0).toBe(other === 'systemd')
      expect(Object.keys(alone).filter((path) => !(path in after))).toEqual([])
      expect((await here.run('uninstall', by(asked))).result?.status).toBe('ok')
      // The one that is left is what install goes on with.
      expect((await here.run('install')).text).toMatch(/^nothing to do\n/)
      expect((await here.run('uninstall')).result?.status).toBe('ok')
      expect(here.picture()[cronFile]).toBeUndefined()
      expect(here.timers.size).toBe(0)
    })

    it('a name that is none: 64, and nothing goes', async () => {
      const here = machine(settings)
      await here.run('install', by('cron'))
      const before = here.picture()
      for (const scheduler of ['timers', 'Cron', ''])
        expect(await here.run('uninstall', { options: { scheduler, purge: true } })).toMatchObject({
          error: { code: exitCode.usage, mend: '--scheduler cron | systemd' },
        })
      expect(here.picture()).toEqual(before)
    })

    it('the one that is not there: nothing goes, and that is said', async () => {
      const here = machine(settings)
      await here.run('install', by('cron'))
      const before = here.picture()
      const { result, text } = await here.run('uninstall', by('systemd'))
      expect([valid(result).status, text]).toEqual([
        'ok',
        'nothing to do\nwhat cron starts stays, and with it all else: `uninstall` without --scheduler takes it too\n',
      ])
      expect(here.picture()).toEqual(before)
    })
  })

  it('follows the config: a job comes and goes with its section', async () => {
    const here = machine({ files: asRoot, hasSystemd: true })
    await here.run('install', { options: { scheduler: 'systemd' } })
    here.write(config, full.replace(/^orphans[\s\S]*/m, ''))
    const { text } = await here.run('install')
    expect(text).toContain('removed /etc/systemd/system/oratio-health-kill-orphans.timer')
    expect([...here.timers.keys()].sort()).toEqual(
      ['check', 'cleanup-tmp', 'crash-report'].map((name) => `oratio-health-${name}.timer`),
    )
  })

  it('of all jobs that a config can ask for, a second run has nothing to do', async () => {
    const all =
      'schedule: { limits: 1h, report: 1week }\nservices: { a: { container: a, limit: { memory: 1G } } }\n'
    const here = machine({ files: { [config]: `${full}${all}` }, hasSystemd: true })
    await here.run('install', { options: { scheduler: 'systemd' } })
    expect([...here.timers.keys()].sort()).toEqual(
      // This stand-in has no journald.
      schedulableCommands
        .filter((command) => command !== 'journal-limits')
        .sort()
        .map((command) => `oratio-health-${command}.timer`),
    )
    expect(here.text('/etc/systemd/system/oratio-health-report.service')).toMatch(
      /^ExecStart=.* report --since 7d -q -o \/var\/log\/oratio-health\/week\.html$/m,
    )
    expect((await here.run('install')).text).toMatch(/^nothing to do\n/)
  })

  it('writes the lines of an older version anew, and keeps state and config', async () => {
    const here = machine({ files: asRoot, program: ['/usr/bin/node', '/opt/old/oratio-health'] })
    await here.run('install')
    here.write('/var/lib/oratio-health/state.json', '{"precious":1}')
    const upgraded = makeMachine(here.root, { files: asRoot })
    const { result, text } = await upgraded.run('install')
    expect(valid(result).status).toBe('ok')
    expect(text).toContain(`wrote ${cronFile}`)
    expect(here.text(cronFile)).toContain('/usr/local/bin/oratio-health check')
    expect(here.text('/var/lib/oratio-health/state.json')).toBe('{"precious":1}')
    expect(here.text(config)).toBe(full)
  })

  it('a user’s other lines stay to the byte', async () => {
    const here = machine({ uid: 1000 })
    const mine = '# mine\r\nMAILTO=me\n\n  5 4 * * * x 100\\% \n'
    here.setCrontab(mine)
    await here.run('install')
    expect(here.crontab()?.startsWith(mine)).toBe(true)
    expect(here.crontab()).toContain('check\n')
    await here.run('uninstall')
    expect(here.crontab()).toBe(mine)
  })

  it('CR LF of others stay, and the block works', async () => {
    const here = machine({ uid: 1000 })
    const mine = '5 4 * * * x\r\n6 4 * * * y\r\n'
    here.setCrontab(mine)
    expect(valid((await here.run('install')).result).status).toBe('ok')
    expect(here.crontab()?.startsWith(mine)).toBe(true)
    expect(here.crontab()?.slice(mine.length)).not.toContain('\r')
    await here.run('uninstall')
    expect(here.crontab()).toBe(mine)
  })

  it('our block doubled: one is left, said, and the lines between them stay', async () => {
    const here = machine({ uid: 1000 })
    await here.run('install')
    const block = here.crontab() ?? ''
    here.setCrontab(`${block}1 2 * * * mine\n${block}`)
    expect((await here.run('install')).text).toMatch(/block/)
    expect(here.crontab()?.match(/>>> oratio-health/g)).toHaveLength(1)
    expect(here.crontab()).toContain('1 2 * * * mine\n')
    await here.run('uninstall')
    expect(here.crontab()).toBe('1 2 * * * mine\n')
  })

  it('without the last line end: it is added and said', async () => {
    const here = machine({ uid: 1000 })
    here.setCrontab('* * * * * true')
    expect((await here.run('install')).text).toContain('did not end with a line end')
    expect(here.crontab()).toMatch(/^\* \* \* \* \* true\n# >>>/)
  })
})

describe.runIf(isRoot)('what install refuses, with nothing changed', () => {
  const refused = async (here: Machine, given: Given = {}) => {
    const before = here.picture()
    const { error } = await here.run('install', given)
    expect(here.picture()).toEqual(before)
    if (error === null) throw new Error('it was not refused')
    return error
  }

  it('a schedule of ours that was changed by hand, but by force', async () => {
    const here = machine()
    await here.run('install')
    here.write(cronFile, here.text(cronFile).replace('* * * * *', '*/5 * * * *'))
    const error = await refused(here)
    expect(error).toMatchObject({
      code: exitCode.critical,
      message: expect.stringContaining('changed by hand'),
    })
    expect(error.mend).toContain('--force')
    const forced = await here.run('install', { options: { force: true } })
    expect(forced.text).toContain(`wrote ${cronFile}`)
    expect(here.text(cronFile)).toContain('\n* * * * * root')
  })

  it('a file of others in its place', async () => {
    const here = machine({ files: { [cronFile]: '* * * * * root oratio-health check\n' } })
    expect(await refused(here, { options: { force: true } })).toMatchObject({
      message: expect.stringContaining('was not written by oratio-health install'),
    })
    expect((await here.run('uninstall')).text).toContain('so it stays')
    expect(here.text(cronFile)).toBe('* * * * * root oratio-health check\n')
  })

  it('a unit that was changed by hand, and one of others', async () => {
    const settings = { hasSystemd: true, hasCron: false }
    const here = machine(settings)
    await here.run('install')
    const unit = '/etc/systemd/system/oratio-health-check.service'
    here.write(unit, `${here.text(unit)}Nice=19\n`)
    expect((await refused(here)).mend).toContain('systemctl edit')
    const other = machine({ ...settings, files: { [unit]: '[Service]\nExecStart=/x\n' } })
    expect((await refused(other)).message).toContain(unit)
  })

  it('a block in the crontab that has no end', async () => {
    const here = machine({ uid: 1000 })
    here.setCrontab('# >>> oratio-health install (sum 00000000) >>>\n')
    expect(await refused(here)).toMatchObject({ code: 2, mend: expect.stringContaining('crontab -e') })
    expect((await here.run('uninstall')).error?.message).toContain('no line ends')
  })

  it('a block in the crontab that was edited by hand, but by force; uninstall says so, too', async () => {
    const here = machine({ uid: 1000 })
    await here.run('install')
    const whole = here.crontab() ?? ''
    here.setCrontab(whole.replace('* * * * *', '*/5 * * * *'))
    expect(await refused(here)).toMatchObject({
      code: exitCode.critical,
      message: expect.stringContaining('changed by hand'),
      mend: expect.stringContaining('--force'),
    })
    await here.run('install', { options: { force: true } })
    expect(here.crontab()).toBe(whole)
  })

  it('a crontab that is not UTF-8', async () => {
    const here = machine({ uid: 1000 })
    here.setCrontab('# M\ufffdller\n')
    expect((await refused(here)).message).toContain('not UTF-8')
  })

  it('cron.allow: 77', async () => {
    const here = machine({
      uid: 1000,
      crontabRefusal: 'You (me) are not allowed to use this program (crontab)',
    })
    const error = await refused(here, { options: { scheduler: 'cron' } })
    expect(error.code).toBe(exitCode.noPermission)
    expect(error.mend).toContain('/etc/cron.allow')
    expect((await refused(here)).code).toBe(exitCode.noPermission)
  })

  it('neither cron nor systemd', async () => {
    const error = await refused(machine({ hasCron: false }))
    expect(error).toMatchObject({ code: exitCode.critical, message: expect.stringContaining('no cron here') })
    expect(error.mend).toContain('oratio-health watch')
  })

  it('the one that is not here, with the one that is', async () => {
    const systemd = await refused(machine(), { options: { scheduler: 'systemd' } })
    expect(systemd.mend).toContain('--scheduler cron')
    const cron = await refused(machine({ hasCron: false, hasSystemd: true }), {
      options: { scheduler: 'cron' },
    })
    expect(cron.mend).toContain('--scheduler systemd')
  })

  it.each([
    [{ scheduler: 'at' }, 'there is no scheduler at'],
    [{ every: 30 }, '--every 30s: cron starts nothing'],
    [{ every: 420 }, '--every 7m: that period divides'],
  ])('%j: 64', async (options, words) => {
    const error = await refused(machine(), { options })
    expect(error.code).toBe(exitCode.usage)
    expect(error.message).toContain(words)
  })

  it('a config with errors, e.g. of a newer version: 78', async () => {
    const here = machine({ files: { [config]: 'quantum: { warn: 5% }\n' } })
    const error = await refused(here)
    expect(error.code).toBe(exitCode.badConfig)
    expect(error.message).toContain('quantum: unknown key')
    expect(error.mend).toContain('install the newer one')
    // It goes away all the same, but for figures in a place that is not known.
    expect(valid((await here.run('uninstall')).result).status).toBe('warning')
  })

  it('a program whose path no crontab can hold', async () => {
    expect((await refused(machine({ program: ['/opt/a\nb'] }))).message).toContain('control character')
  })
})

describe.runIf(isRoot)('install where a step fails', () => {
  it('a read-only /etc: 2, what was not done, and the next run goes on', async () => {
    const detail = '/etc/cron.d: read-only file system (EROFS)'
    const here = machine({ failures: { [cronFile]: detail } })
    const { result, text } = await here.run('install')
    expect(valid(result).status).toBe('critical')
    expect(text).toContain(`could not write ${cronFile}: ${detail}`)
    expect(text).toContain('remount it writable, then run this again')
    expect(result?.problems.join('\n')).toContain('EROFS')
    expect(text).not.toContain('see it at work')
    expect(valid((await makeMachine(here.root).run('install')).result).status).toBe('ok')
  })

  it('no permission: 77', async () => {
    const here = machine({ failures: { [config]: 'operation not permitted (EPERM)' } })
    expect(valid((await here.run('install')).result).exitCode).toBe(exitCode.noPermission)
    expect(here.picture()[cronFile]).toBeUndefined()
  })

  it('no cron runs: installed, said, 1', async () => {
    const here = machine({
      files: { '/proc/30/stat': '30 (bash) S 1 30 30 0 -1 0 0 0 0 0 1 1 0 0 20 0 1 0 500 1 1 1\n' },
    })
    const { result, text } = await here.run('install')
    expect(valid(result).status).toBe('warning')
    expect(text.replace(/\n +/g, ' ')).toMatch(/no cron runs, so 2 lines of oratio-health never run/)
  })

  it('timers and nobody who would be told: said; not where cron mails or somebody is named', async () => {
    const words = /nobody is told of problems; name one under `notify:`/
    const ranWith = async (text: string, scheduler: string) => {
      const here = machine({ files: { [config]: text }, hasSystemd: true })
      const { result, text: printed } = await here.run('install', { options: { scheduler } })
      return { status: valid(result).status, isSaid: words.test(printed.replace(/\n +/g, ' ')) }
    }
    expect(await ranWith(full, 'systemd')).toEqual({ status: 'ok', isSaid: true })
    const well = { status: 'ok', isSaid: false }
    expect(await ranWith(full, 'cron')).toEqual(well)
    expect(await ranWith(full + told, 'systemd')).toEqual(well)
    expect(await ranWith(`${full}metrics: { textfile: /run/figures.prom }\n`, 'systemd')).toEqual(well)
  })

  it('a program in a cache or a temporary folder: said, 1', async () => {
    const path = '/root/.npm/_npx/1a/node_modules/.bin/oratio-health'
    const here = machine({ program: [path], files: { [path]: '' } })
    const { result, text } = await here.run('install')
    expect(valid(result).status).toBe('warning')
    expect(text).toContain('npm install -g oratio-health')
  })
})

describe.runIf(isRoot)('uninstall', () => {
  it('says what stays and how it goes', async () => {
    const here = machine()
    await here.run('install')
    here.write('/var/lib/oratio-health/state.json', '{}')
    const { result, text } = await here.run('uninstall')
    expect(valid(result).status).toBe('ok')
    expect(text).toContain('/var/lib/oratio-health stays (uninstall --purge takes it)')
    expect(text).toContain(`${config} stays`)
    expect(here.picture()[cronFile]).toBeUndefined()
    expect(here.text('/var/lib/oratio-health/state.json')).toBe('{}')
  })

  const figures = '/var/lib/prometheus/node-exporter/oratio_health.prom'
  const withFigures = `metrics: { textfile: ${figures} }\n`

  it('takes its figures away, which nobody renews any more, and no file of others of that name', async () => {
    const here = machine({ files: { [config]: withFigures, [figures]: `${metricsHead}\nold 1\n` } })
    await here.run('install')
    expect((await here.run('uninstall', { dryRun: true })).text).toMatch(
      new RegExp(`would remove .*${figures}`),
    )
    expect(here.picture()[figures]).toBeDefined()
    expect((await here.run('uninstall')).text).toMatch(new RegExp(`removed .*${figures}`))
    expect(here.picture()[figures]).toBeUndefined()

    const foreign = machine({ files: { [config]: withFigures, [figures]: 'other 1\n' } })
    await foreign.run('install')
    await foreign.run('uninstall', { options: { purge: true } })
    expect(foreign.text(figures)).toBe('other 1\n')
  })

  it('says that figures may stay where the config cannot be read: 1', async () => {
    const here = machine({ files: { [config]: `${withFigures}quantum: 1\n`, [figures]: `${metricsHead}\n` } })
    const { result, text } = await here.run('uninstall')
    expect(text).toContain('a file of `metrics.textfile` stays where it is')
    expect(valid(result).status).toBe('warning')
    expect(here.picture()[figures]).toBeDefined()
  })

  it('where nothing is installed there is nothing to do, and nothing is made', async () => {
    const here = machine({ hasSystemd: true })
    const before = here.picture()
    expect((await here.run('uninstall')).text).toBe('nothing to do\n')
    expect((await here.run('uninstall', { options: { purge: true } })).text).toBe('nothing to do\n')
    expect(here.picture()).toEqual(before)
  })

  it('takes along what a run that was killed while it wrote has left, and so does install', async () => {
    const here = machine({ hasSystemd: true, hasCron: false })
    const before = here.picture()
    await here.run('install')
    const left = [
      '/etc/systemd/system/.oratio-health-check.service.3224-l8x9ix4i.tmp',
      '/etc/oratio-health/.config.yaml.7-a.tmp',
    ]
    for (const path of left) here.write(path, 'x')
    expect((await here.run('install')).text).toContain(`removed ${left[0]}`)
    for (const path of left) here.write(path, 'x')
    here.write('/etc/systemd/system/.other.service.3224-l8x9ix4i.tmp', 'theirs')
    await here.run('uninstall', { options: { purge: true } })
    expect(here.picture()).toEqual({
      ...before,
      '/etc/systemd/system/.other.service.3224-l8x9ix4i.tmp': 'theirs',
    })
  })

  it('half of it is missing: the rest goes', async () => {
    const here = machine({ hasSystemd: true, files: asRoot })
    const before = here.picture()
    await here.run('install', { options: { scheduler: 'systemd' } })
    for (const path of ['/etc/systemd/system/oratio-health-check.timer', '/var/log/oratio-health'])
      rmSync(join(here.root, path), { recursive: true })
    here.timers.delete('oratio-health-check.timer')
    valid((await here.run('uninstall', { options: { purge: true } })).result)
    expect(here.picture()).toEqual(before)
  })

  it('the record, the config or the crontab is missing: the rest goes', async () => {
    for (const lost of ['/home/me/.local/state/oratio-health', '/home/me/.config/oratio-health', null]) {
      const here = machine({ uid: 1000 })
      const before = here.picture()
      await here.run('install')
      if (lost === null) here.setCrontab(null)
      else rmSync(join(here.root, lost), { recursive: true })
      expect(valid((await here.run('uninstall', { options: { purge: true } })).result).status).toBe('ok')
      expect(here.crontab()).toBeNull()
      const left = Object.keys(here.picture()).filter((path) => !(path in before) && !isAround(path))
      // Without the record nobody knows any more that the config is as install wrote it.
      expect(left.filter((path) => !path.startsWith('/home/me/.config/oratio-health'))).toEqual([])
    }
  })

  it('--purge keeps a config that somebody has worked on, and what lies elsewhere', async () => {
    const here = machine()
    await here.run('install')
    here.write(config, `${here.text(config)}# mine\n`)
    const { text } = await here.run('uninstall', { options: { purge: true } })
    expect(text).toContain(`${config} stays: rm ${config}`)
    expect(here.text(config)).toContain('# mine')
    expect(here.picture()['/var/lib/oratio-health']).toBeUndefined()
  })

  it.each([
    ['cron', {}],
    ['timers', { hasSystemd: true, hasCron: false }],
  ])('names folders in another place, though it is not told of them: %s', async (_, settings) => {
    const folders = { stateDir: '/srv/oratio-health-state', logDir: '/srv/log' }
    const here = machine(settings)
    valid((await here.run('install', { folders })).result)
    here.write('/srv/oratio-health-state/state.json', '{}')
    here.write('/srv/log/health_20260131.log', '')
    const { text } = await here.run('uninstall', { options: { purge: true } })
    const words = text.replace(/\n +/g, ' ')
    expect(words).toContain(
      `${folders.stateDir} stays, as it is not the usual place: rm -r ${folders.stateDir}`,
    )
    // Anything may lie in it, as in /var/log.
    expect(words).toContain(
      '/srv/log stays, as it is not the usual place, and may hold more than what is ours',
    )
    expect(words).not.toContain('rm -r /srv/log')
    expect(here.picture()['/srv/oratio-health-state/state.json']).toBeDefined()
  })

  const withTimers = async (settings: { checkRunsFor?: number } = {}) => {
    const here = machine({ hasSystemd: true, hasCron: false, ...settings })
    await here.run('install')
    return here
  }

  it('gives a check that runs time to end before it is stopped, and says in that order what it would do', async () => {
    const here = await withTimers({ checkRunsFor: 3 })
    here.write('/var/lib/oratio-health/check.lock', '')
    const rehearsed = (await here.run('uninstall', { dryRun: true })).text
    expect(rehearsed.indexOf('switch off')).toBeLessThan(rehearsed.indexOf('wait a minute at most'))
    expect(here.asked).toEqual([])
    const { result } = await here.run('uninstall')
    expect([result?.status, here.asked]).toEqual([
      'ok',
      ['disable oratio-health-crash-report.timer', 'check ended', 'stop oratio-health-crash-report.service'],
    ])
    const stuck = await withTimers({ checkRunsFor: 1000 })
    stuck.write('/var/lib/oratio-health/check.lock', '')
    await stuck.run('uninstall')
    expect(stuck.asked).toEqual([
      'disable oratio-health-crash-report.timer',
      'stop oratio-health-crash-report.service',
    ])
  })

  it('names a restart that nobody brings to its end any more: 1', async () => {
    const entry = { service: 'web', cause: 'x', beganAtMs: 1, identity: null, bootId: null }
    const due = { ...entry, service: 'app', follows: 'web', steps: [] }
    const begun = { ...entry, steps: [{ name: 'stop', begunAtMs: 1, doneAtMs: 2 }] }
    const text = JSON.stringify({ version: 1, entries: [begun, due] })
    for (const purge of [false, true]) {
      const here = await withTimers()
      here.write('/var/lib/oratio-health/journal.json', text)
      const { result } = await here.run('uninstall', { options: { purge } })
      expect(valid(result).status).toBe('warning')
      const said = result?.problems.join('\n')
      expect(said).toMatch(/a restart of web was begun and not brought to its end: .*start it/)
      expect(said).toMatch(/app was to be restarted after web, and was not: /)
      expect(/run `oratio-health check`/.test(said ?? '')).toBe(!purge)
    }
  })

  it('--purge waits for limits that were applied, of which the state has the only record: 1', async () => {
    const here = machine()
    await here.run('install')
    const limit = { service: 'web', via: 'unit', ref: 'web.service', before: {}, runtime: true }
    const record = sealJson({ version: 1, applied: [limit] })
    here.write('/var/lib/oratio-health/limits.json', record)
    const { result, text } = await here.run('uninstall', { options: { purge: true } })
    expect(valid(result).status).toBe('warning')
    expect(text.replace(/\n +/g, ' ')).toMatch(
      /limits .*set stay on web; `limits remove` takes them off; state/,
    )
    expect(here.picture()[cronFile]).toBeUndefined()
    expect(here.text('/var/lib/oratio-health/limits.json')).toBe(record)
    expect(here.text(config)).toBeDefined()
    expect(valid((await here.run('uninstall')).result).status).toBe('ok')

    here.write('/var/lib/oratio-health/limits.json', sealJson({ version: 1, applied: [] }))
    expect(valid((await here.run('uninstall', { options: { purge: true } })).result).status).toBe('ok')
    expect(here.picture()['/var/lib/oratio-health']).toBeUndefined()
  })

  it('--purge takes along what was kept in memory while the state could not be written', async () => {
    const here = machine()
    await here.run('install')
    here.write('/run/oratio-health/01234567-state.json', '{}')
    await here.run('uninstall')
    expect(here.picture()['/run/oratio-health']).toBe('/')
    await here.run('uninstall', { options: { purge: true } })
    expect(here.picture()['/run/oratio-health']).toBeUndefined()
  })

  it('leaves what `systemctl edit` made, and names it', async () => {
    const here = machine({ hasSystemd: true, hasCron: false })
    await here.run('install')
    const edit = '/etc/systemd/system/oratio-health-check.service.d'
    here.write(`${edit}/override.conf`, '[Service]\nNice=19\n')
    expect((await here.run('uninstall')).text).toContain(`${edit} stays, made by \`systemctl edit\``)
    expect(here.text(`${edit}/override.conf`)).toContain('Nice=19')
  })

  it('--dry-run shows what would go', async () => {
    const here = machine()
    await here.run('install')
    const before = here.picture()
    const { text, result } = await here.run('uninstall', { dryRun: true, options: { purge: true } })
    expect(text).toContain(`--- ${cronFile}`)
    expect(text).toContain('/var/lib/oratio-health and all in it')
    expect(changesOf(result).every(({ outcome }) => outcome === 'dry-run')).toBe(true)
    expect(here.picture()).toEqual(before)
  })
})

const isAround = (path: string): boolean => /^\/home\/me\/\.(local|local\/state|config)$/.test(path)

/** Which folders were missing is remembered from the run that made them. */
const withoutStamps = (picture: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(picture).map(([path, text]) => [path, /\.log$|install\.json$/.test(path) ? '' : text]),
  )
