import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exitCode } from '../../../src/core/errors.ts'
import { isRoot } from '../../support/needs.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { type Given, type Machine, type MachineSettings, makeMachine } from './fake-machine.ts'

const top = tempFolder('unreadable-crontab', existsSync('/dev/shm') ? '/dev/shm' : undefined)
let count = 0

const denied = 'You (me) are not allowed to use this program (crontab)'
const broken = 'crontab: /var/spool/cron/crontabs/me: Input/output error'
const user = { uid: 1000, hasSystemd: true }
const timers = { options: { scheduler: 'systemd' } }

/** A user's, with what `crontab -l` answers from now on. */
const installed = async (given: Given, later: MachineSettings): Promise<Machine> => {
  const root = join(top, `m${count++}`)
  await makeMachine(root, user).run('install', given)
  return makeMachine(root, { ...user, ...later })
}

const refused = async (here: Machine, verb: 'install' | 'uninstall', given: Given) => {
  const before = here.picture()
  const { error } = await here.run(verb, given)
  expect(here.picture()).toEqual(before)
  if (error === null) throw new Error('it was not refused')
  return error
}

describe.runIf(isRoot)('where the crontab cannot be read', () => {
  const purge = { options: { purge: true } }

  it.each([
    [denied, exitCode.noPermission, 'crontab -u NAME -e'],
    [broken, exitCode.critical, 'run this again'],
  ])(
    '%s: neither uninstall nor timers in place of it leave a block that cron goes on with',
    async (crontabRefusal, code, mend) => {
      for (const [verb, given] of [
        ['uninstall', purge],
        ['uninstall', { ...purge, dryRun: true }],
        ['install', timers],
      ] as const) {
        const here = await installed({}, { crontabRefusal })
        expect(await refused(here, verb, given)).toMatchObject({
          code,
          message: expect.stringContaining(crontabRefusal),
          mend: expect.stringContaining(mend),
        })
      }
    },
  )

  it.each(['# M\ufffdller\n', '# a CR, as \\r, and another\r\n'])(
    '%j stands in it: refused while a block is there, and the rest goes once it is taken out',
    async (line) => {
      const here = await installed({}, { hasNoEditor: true })
      const block = here.crontab() ?? ''
      here.setCrontab(`${line}${block}`)
      expect((await refused(here, 'uninstall', purge)).mend).toContain('crontab -e')
      // As Debian's `crontab -l` shows it.
      here.setCrontab(`${line}${block.replaceAll('\n', '\r\n')}`)
      await refused(here, 'uninstall', purge)
      here.setCrontab(line)
      expect((await here.run('uninstall', purge)).result?.status).toBe('ok')
      expect(here.crontab()).toBe(line)
      expect(here.picture()['/home/me/.local/state/oratio-health']).toBeUndefined()
    },
  )

  it('whom cron.allow leaves out has timers, which come and go', async () => {
    const told = 'notify: { targets: [{ run: "true" }] }\n'
    const here = makeMachine(join(top, `m${count++}`), {
      ...{ ...user, crontabRefusal: denied },
      files: { '/home/me/.config/oratio-health/config.yaml': told },
    })
    const before = here.picture()
    const { result, text } = await here.run('install', timers)
    expect([result?.status, text]).toEqual(['ok', expect.stringContaining('crontab is not known')])
    expect((await here.run('install')).text).toMatch(/^nothing to do\n/)
    expect((await here.run('uninstall', purge)).result?.status).toBe('ok')
    expect(here.picture()).toEqual(before)
  })

  it('without a record and a unit nobody knows: 77', async () => {
    const here = makeMachine(join(top, `m${count++}`), { ...user, crontabRefusal: denied })
    expect((await refused(here, 'uninstall', {})).code).toBe(exitCode.noPermission)
  })

  it.each(['user root has no fcrontab', "crontab: can't open 'root': No such file or directory"])(
    '%s: there is none',
    async (crontabRefusal) => {
      const here = makeMachine(join(top, `m${count++}`), { ...user, crontabRefusal })
      expect((await here.run('uninstall')).text).toBe('nothing to do\n')
    },
  )
})
