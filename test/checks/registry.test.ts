import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeHost, readHostChecks } from '../../src/checks/judge.ts'
import { findingCodes, hostChecks, serviceChecks } from '../../src/checks/registry.ts'
import { capturedHost } from '../support/captured-host.ts'

describe('the registry', () => {
  it('has every check once, under the name of its config key', () => {
    expect(hostChecks.map(({ name }) => name)).toEqual([
      'memory',
      'swap',
      'cpu',
      'pressure',
      'disks',
      'folders',
    ])
    const names = serviceChecks.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const { key, name } of serviceChecks) if (key !== null) expect(key).toBe(name)
  })

  it('an empty host: what every host has is unknown, the rest is none, nothing is a defect', async () => {
    const runs = await readHostChecks(capturedHost(), hostChecks, {}, {})
    expect(judgeHost(runs).map(({ check, code, status }) => [check, code, status])).toEqual([
      ['memory', 'unreadable', 'unknown'],
      ['swap', 'unreadable', 'unknown'],
      ['cpu', 'unreadable', 'unknown'],
      ['pressure', 'absent', 'ok'],
      ['disks', 'unreadable', 'unknown'],
    ])
  })

  it('whatever the state file holds, no check has a defect', async () => {
    const files = {
      '/proc/meminfo': 'MemTotal: 9 kB\nMemAvailable: 4 kB\n',
      '/proc/stat': 'cpu  1 1 1 1\n',
      '/proc/self/mountinfo': '',
      '/tmp/x': 'x',
    }
    const host = capturedHost({ files })
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.record({ samples: fc.jsonValue(), sizes: fc.jsonValue() }),
      fc.record({
        samples: fc.array(fc.jsonValue()),
        sizes: fc.dictionary(fc.constant('/tmp'), fc.jsonValue()),
      }),
    )
    await fc.assert(
      fc.asyncProperty(anything, async (garbage) => {
        const remembered = Object.fromEntries(hostChecks.map(({ name }) => [name, garbage]))
        const findings = judgeHost(await readHostChecks(host, hostChecks, {}, remembered))
        expect(findings.filter(({ code }) => code === 'defect')).toEqual([])
        for (const { value } of findings) expect(value === null || Number.isFinite(value)).toBe(true)
      }),
    )
  })

  it('lists the codes of every check for those who word them', () => {
    const listed = Object.keys(findingCodes).map((name) => name.replace('service ', ''))
    for (const { name } of [...hostChecks, ...serviceChecks]) expect(listed).toContain(name)
  })
})
