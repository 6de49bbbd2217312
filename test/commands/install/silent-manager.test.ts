import { existsSync, lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exitCode } from '../../../src/core/errors.ts'
import { isRoot } from '../../support/needs.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { type Machine, type MachineSettings, makeMachine } from './fake-machine.ts'

const top = tempFolder('silent-manager', existsSync('/dev/shm') ? '/dev/shm' : undefined)
let count = 0

const managerRefusal = 'Failed to connect to bus: No medium found'
const timer = 'oratio-health-check.timer'
const purge = { options: { purge: true } }
const isLink = (path: string): boolean =>
  lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true

const scopes: [string, MachineSettings, string][] = [
  ['root', {}, '/etc/systemd/system'],
  ['a user', { uid: 1000 }, '/home/me/.config/systemd/user'],
]

/** With timers that systemd has switched on, and what it is like from now on. */
const withTimers = async (settings: MachineSettings, folder: string, later: MachineSettings) => {
  const root = join(top, `m${count++}`)
  const here = makeMachine(root, { ...settings, hasSystemd: true })
  await here.run('install', { options: { scheduler: 'systemd' } })
  const wants = join(root, folder, 'timers.target.wants')
  mkdirSync(wants, { recursive: true })
  symlinkSync(`${folder}/${timer}`, join(wants, timer))
  symlinkSync(`${folder}/other.timer`, join(wants, 'other.timer'))
  return { here: makeMachine(root, { ...settings, ...later }), wants }
}

const refused = async (here: Machine, options: Record<string, unknown>, verb: 'install' | 'uninstall') => {
  const before = here.picture()
  const { error } = await here.run(verb, { options })
  expect(here.picture()).toEqual(before)
  if (error === null) throw new Error('it was not refused')
  return error
}

describe.runIf(isRoot)('timers, where systemd does not answer', () => {
  it.each(scopes)('of %s, and it runs: refused, and nothing goes', async (_, settings, folder) => {
    // By su, or for a lingering user: no session, but its socket.
    const files = { '/run/user/1000/systemd/private': '' }
    const { here, wants } = await withTimers({ ...settings, files }, folder, {
      ...{ hasSystemd: true, managerRefusal, files },
    })
    for (const [verb, options] of [
      ['uninstall', purge.options],
      ['install', { scheduler: 'cron' }],
    ] as const)
      expect(await refused(here, options, verb)).toMatchObject({
        code: exitCode.critical,
        message: expect.stringContaining(managerRefusal),
        mend: expect.stringContaining('run this again'),
      })
    expect(isLink(join(wants, timer))).toBe(true)
  })

  it.each(scopes)('of %s, and none is here: the links go with the units', async (_, settings, folder) => {
    const none = settings.uid === undefined ? { hasSystemd: false } : { hasSystemd: true, managerRefusal }
    for (const verb of ['uninstall', 'install'] as const) {
      const { here, wants } = await withTimers(settings, folder, none)
      rmSync(join(here.root, '/run/systemd'), { recursive: true, force: true })
      const given = verb === 'uninstall' ? purge : { options: { scheduler: 'cron' } }
      const { result, text } = await here.run(verb, given)
      expect([result?.status, text.replace(/\n +/g, ' ')]).toEqual([
        'ok',
        expect.stringContaining(`timers.target.wants/${timer}`),
      ])
      expect(isLink(join(wants, timer))).toBe(false)
      expect(isLink(join(wants, 'other.timer'))).toBe(true)
      expect(Object.keys(here.picture()).filter((path) => path.includes('/oratio-health-'))).toEqual([])
    }
  })

  it('a link that leads to no unit goes; of a unit of others it stays', async () => {
    const folder = '/etc/systemd/system'
    const { here, wants } = await withTimers({}, folder, { hasSystemd: true })
    await here.run('uninstall')
    expect((await here.run('uninstall', { dryRun: true })).text).toContain('remove')
    expect(isLink(join(wants, timer))).toBe(true)
    await here.run('uninstall')
    expect(isLink(join(wants, timer))).toBe(false)

    symlinkSync(`${folder}/${timer}`, join(wants, timer))
    here.write(`${folder}/${timer}`, '[Timer]\n')
    await makeMachine(here.root).run('uninstall')
    expect(isLink(join(wants, timer))).toBe(true)
  })

  it('what has no timers goes all the same', async () => {
    const here = makeMachine(join(top, `m${count++}`), { hasSystemd: true, managerRefusal })
    await here.run('install', { options: { scheduler: 'cron' } })
    expect((await here.run('uninstall', purge)).result?.status).toBe('ok')
  })
})
