import { describe, expect, it } from 'vitest'
import { serviceLimits } from '../../src/plan/unit-limits.ts'

const linesOf = (places: { stateDir?: string; logDir?: string }, command = 'crash-report'): string[] =>
  serviceLimits(command, {
    scope: 'system',
    stateDir: '/var/lib/oratio-health',
    logDir: '/var/log/oratio-health',
    runsPrograms: false,
    startsServices: false,
    cleanupPaths: [],
    mountPoints: [],
    ...places,
  }).filter((line) => /Directory|ReadWritePaths/.test(line))

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
