import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { schedulableCommands } from '../../src/plan/schedule.ts'
import { type Surroundings, serviceLimits } from '../../src/plan/unit-limits.ts'

const usual: Surroundings = {
  scope: 'system',
  stateDir: '/var/lib/oratio-health',
  logDir: '/var/log/oratio-health',
  runsPrograms: false,
  startsServices: false,
  cleanupPaths: [],
  mountPoints: [],
}

const linesOf = (places: { stateDir?: string; logDir?: string }, command = 'crash-report'): string[] =>
  serviceLimits(command, { ...usual, ...places }).filter((line) => /Directory|ReadWritePaths/.test(line))

const kinds: Record<string, Partial<Surroundings>> = {
  plain: {},
  'runs-programs': { runsPrograms: true },
  'starts-services': { startsServices: true },
  'of-a-user': { scope: 'user', stateDir: '/home/me/state', logDir: '/home/me/logs' },
}

describe('what services may use and touch', () => {
  it.each(Object.entries(kinds))('%s: as was looked at', async (name, kind) => {
    const text = schedulableCommands
      .map((command) => [`[${command}]`, ...serviceLimits(command, { ...usual, ...kind }), ''].join('\n'))
      .join('\n')
    await expect(text).toMatchFileSnapshot(join(import.meta.dirname, `../fixtures/units/${name}.txt`))
  })

  it.each(Object.entries(kinds))(
    '%s: what check leaves in the background is not ended with it',
    (_, kind) => {
      const ended = schedulableCommands.filter(
        (command) => !serviceLimits(command, { ...usual, ...kind }).includes('KillMode=process'),
      )
      expect(ended).toEqual(schedulableCommands.filter((command) => command !== 'check'))
    },
  )
})

describe('what a fenced service may write', () => {
  it('is made by systemd in the usual places: they may be gone after a boot', () => {
    expect(linesOf({})).toEqual([
      'StateDirectory=oratio-health',
      'StateDirectoryMode=0750',
      'LogsDirectory=oratio-health',
      'LogsDirectoryMode=0750',
    ])
    expect(linesOf({}, 'journal-limits').at(-1)).toBe(
      'ReadWritePaths=-/etc/systemd -/var/log/journal -/run/log/journal',
    )
  })

  it('is a path elsewhere, quoted where it has to be', () => {
    expect(linesOf({ stateDir: '/srv/my state', logDir: '/var/log/../x' })).toEqual([
      'ReadWritePaths="/srv/my state" /var/log/../x',
    ])
    expect(linesOf({ logDir: '/mnt/100%' })).toContain('ReadWritePaths=/mnt/100%%')
  })
})
