import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { failed } from '../../src/core/reading.ts'
import type { CheckResult } from '../../src/core/service.ts'
import { checkLog } from '../../src/report/check-log.ts'
import { anyResult } from './any-result.ts'
import { finding, healthy, raspberryPi, samples, service } from './samples.ts'

const golden = join(import.meta.dirname, '../fixtures/report')
const block = (result: CheckResult): string =>
  checkLog(result)
    .map(({ level, text }) => `${level} ${text}\n`)
    .join('')

describe('checkLog', () => {
  it.each(Object.entries(samples))('writes the block for %s', async (name, result) => {
    await expect(block(result)).toMatchFileSnapshot(join(golden, `${name}-log.txt`))
  })

  it('has what incident V1 asks for: process, journal in RAM, /tmp, hot folder, __pycache__, alerts', () => {
    const text = block(raspberryPi)
    expect(text).toContain('INFO capture_monitor.py: 6041.6 MiB, 78% of RAM, 1 process, up 10h 6m\n')
    expect(text).toContain('INFO process python3 (1211): 6041.6 MiB, 78% of RAM\n')
    expect(text).toContain('folder /run/log/journal 118.0 MiB')
    expect(text).toContain('folder /tmp 420.0 MiB')
    expect(text).toContain('folder /home/pi/…/__pycache__ 14.0 MiB')
    expect(text).toContain('disk /run/hot 96% of 400.0 MiB')
    expect(text).toMatch(/^CRIT disk \/run\/hot: 96%/m)
    expect(text).toMatch(/^CRIT capture_monitor\.py memory: 5\.9 GiB/m)
    expect(text).toMatch(/^WARN memory: 91%/m)
  })

  it('says what was not measured as ERROR, and does not leave memory out silently', () => {
    const blindDb = service('db', { memory: failed('timeout', '/sys/fs/cgroup', '') })
    expect(block({ ...healthy, services: [blindDb] })).toContain(
      'INFO db: memory not measured (/sys/fs/cgroup did not answer in time), 2 processes',
    )
    expect(block(samples.blind as CheckResult)).toMatch(/^ERROR swap: could not be read: permission denied/m)
  })

  it('logs what is configured; without any the services that were found', () => {
    const [ours, other] = [service('ours'), service('other', { configured: false })]
    expect(block({ ...healthy, services: [ours, other] })).not.toContain('INFO other:')
    expect(block({ ...healthy, services: [other] })).toContain('INFO other:')
  })

  it('logs every action with its outcome', () => {
    const acted = service(
      'db',
      {},
      { action: { kind: 'restart', outcome: 'failed', reason: 'no such container' } },
    )
    expect(block({ ...healthy, services: [acted] })).toContain('ERROR db restart failed: no such container\n')
  })

  it('stays bounded with 10,000 services, mounts and problems', () => {
    const services = Array.from({ length: 10_000 }, (_, i) =>
      service(`web-${i}`, {}, { findings: [finding('state', 'failed', 'critical')] }),
    )
    const findings = Array.from({ length: 10_000 }, (_, i) =>
      finding('disks', 'level', 'ok', { item: `/mnt/${i}`, value: 1, unit: 'percent' }),
    )
    const lines = checkLog({ ...healthy, findings, services })
    expect(lines.length).toBeLessThan(220)
    expect(Math.max(...lines.map(({ text }) => text.length))).toBeLessThan(4000)
    expect(lines).toContainEqual({ level: 'INFO', text: '… and 9900 more services' })
  })

  it('never breaks a line nor writes a control character', () => {
    fc.assert(
      fc.property(anyResult, (result) => {
        for (const { text } of checkLog(result))
          expect(text).toMatch(/^[^\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]*$/)
      }),
    )
  })
})
