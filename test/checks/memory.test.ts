import { describe, expect, it } from 'vitest'
import { type MemoryFacts, memory } from '../../src/checks/memory.ts'
import { capturedHost, cgroupFiles, meminfo } from '../support/captured-host.ts'

const limits = memory.limits.default
const read = (files: Record<string, string>) => memory.read(capturedHost({ files }), limits, null)

const ram = { MemTotal: 1000, MemFree: 100, MemAvailable: 400, Buffers: 50, Cached: 300, Shmem: 120 }
const facts = (part: Partial<MemoryFacts>): MemoryFacts => ({
  usedBytes: 0,
  totalBytes: 1000,
  of: 'host',
  estimated: false,
  ...part,
})

describe('memory', () => {
  it('takes total less available as used', () => {
    expect(read({ '/proc/meminfo': meminfo(ram) })).toEqual({
      kind: 'value',
      value: { usedBytes: 600 * 1024, totalBytes: 1000 * 1024, of: 'host', estimated: false },
    })
  })

  it('estimates on kernels without MemAvailable, and says so', () => {
    const { MemAvailable: _, ...old } = ram
    const reading = read({ '/proc/meminfo': meminfo(old) })
    // 1000 - (100 + 50 + 300 - 120)
    expect(reading).toMatchObject({ value: { usedBytes: 670 * 1024, estimated: true } })
    const [finding] = memory.judge((reading as { value: MemoryFacts }).value, limits)
    expect(finding?.args?.estimated).toBe(1)
  })

  it('a host without meminfo, or with a broken one, could not be measured', () => {
    expect(read({})).toMatchObject({ kind: 'failed', cause: 'io' })
    expect(read({ '/proc/meminfo': 'garbage' })).toMatchObject({ kind: 'failed', cause: 'malformed' })
  })

  describe('inside a container', () => {
    const inside = (cgroup: Parameters<typeof cgroupFiles>[0], ofInit = '/') => ({
      '/proc/meminfo': meminfo(ram),
      '/proc/1/cgroup': `0::${ofInit}\n`,
      ...cgroupFiles(cgroup),
    })

    it('the container’s limit counts when it is tighter than the RAM', () => {
      const files = inside({
        path: '/',
        currentBytes: 300 * 1024,
        inactiveFileBytes: 50 * 1024,
        max: 512 * 1024,
      })
      expect(read(files)).toMatchObject({
        value: { usedBytes: 250 * 1024, totalBytes: 512 * 1024, of: 'container' },
      })
    })

    it('a limit above the RAM does not', () => {
      const files = inside({ path: '/', currentBytes: 1, max: 1001 * 1024 })
      expect(read(files)).toMatchObject({ value: { of: 'host', totalBytes: 1000 * 1024 } })
    })

    it('takes the figures of the limited cgroup when systemd has its init in one below', () => {
      const files = {
        ...inside({ path: '/', currentBytes: 400 * 1024, max: 512 * 1024 }, '/init.scope'),
        ...cgroupFiles({ path: '/init.scope', currentBytes: 7 * 1024 }),
      }
      expect(read(files)).toMatchObject({ value: { usedBytes: 400 * 1024, of: 'container' } })
    })

    it('a limit on the unit this tool runs in is not the host’s', () => {
      const files = {
        '/proc/meminfo': meminfo(ram),
        '/proc/1/cgroup': '0::/init.scope\n',
        '/proc/self/cgroup': '0::/system.slice/cron.service\n',
        ...cgroupFiles({ path: '/init.scope', currentBytes: 1 }),
        ...cgroupFiles({ path: '/system.slice/cron.service', currentBytes: 90, max: 100 }),
      }
      expect(read(files)).toMatchObject({ value: { of: 'host' } })
    })
  })

  it.each([
    [849, 'ok'],
    [850, 'warning'],
    [949, 'warning'],
    [950, 'critical'],
    [1000, 'critical'],
    [0, 'ok'],
  ] as const)('%i of 1000 is %s', (usedBytes, status) => {
    expect(memory.judge(facts({ usedBytes }), limits)[0]).toMatchObject({
      status,
      code: 'level',
      unit: 'percent',
      value: usedBytes / 10,
      warn: 85,
      crit: 95,
    })
  })

  it('thresholds that are off are not judged', () => {
    expect(memory.judge(facts({ usedBytes: 1000 }), { warn: null, crit: null })[0]?.status).toBe('ok')
  })
})
