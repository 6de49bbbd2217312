import { describe, expect, it } from 'vitest'
import { cgroupLeakNumber, cgroupSwap } from '../../../src/checks/observe/cgroup-swap.ts'
import { observeServices } from '../../../src/checks/observe/services.ts'
import type { CgroupMemory } from '../../../src/core/facts.ts'
import { failed, flatMapReading, value } from '../../../src/core/reading.ts'
import type { Host } from '../../../src/host/host.ts'
import { capturedHost, cgroupFiles, container, manyProcesses, meminfo } from '../../support/captured-host.ts'

const path = '/system.slice/app.service'
const kib = 1024
const [hasSwap, hasNone] = [4_000_000, 0].map((SwapTotal) => meminfo({ MemTotal: 9_000_000, SwapTotal }))

/** Two processes of 3 MB and 5 KiB in swap; the cgroup has no `memory.swap.current`. */
const uncounted = (meminfoText = hasSwap, own = path): Record<string, string> => {
  const { [`/sys/fs/cgroup${own}/memory.swap.current`]: _, ...files } = {
    ...manyProcesses(
      { pid: 70, startTicks: 1000, cgroup: own, swapKb: 3000 },
      { pid: 71, ppid: 70, cgroup: own, swapKb: 5 },
    ),
    ...cgroupFiles({ path: own, pids: [70, 71], currentBytes: 9000, anonBytes: 5000, shmemBytes: 300 }),
  }
  return { ...files, '/proc/meminfo': meminfoText ?? '' }
}

const asked = <T>(host: Host, ask: (memory: CgroupMemory) => T) => {
  const memory = host.cgroups.memory(path)
  if (memory.kind !== 'value') throw new Error(JSON.stringify(memory))
  return ask(memory.value)
}
const swapOf = (host: Host) => asked(host, (memory) => cgroupSwap(host, path, memory))

describe('swap of a cgroup', () => {
  it('is what the kernel counts', () => {
    const files = { ...uncounted(), [`/sys/fs/cgroup${path}/memory.swap.current`]: '4096\n' }
    expect(swapOf(capturedHost({ files }))).toEqual(value(4096))
  })

  it.each([
    ['that of its processes, where it does not count', uncounted(), 3005 * kib],
    ['none, on a host without any', uncounted(hasNone), 0],
    ['that of its processes, where the host does not say whether it has any', uncounted(''), 3005 * kib],
  ])('is %s', (_, files, bytes) => {
    const host = capturedHost({ files })
    expect(swapOf(host)).toEqual(value(bytes))
    expect(asked(host, (memory) => cgroupLeakNumber(host, path, memory))).toEqual(value(5300 + bytes))
  })

  it('leaves out who has ended meanwhile, and is not measured where nobody can be read', () => {
    const { '/proc/71/status': _, ...files } = uncounted()
    expect(swapOf(capturedHost({ files }))).toEqual(value(3000 * kib))
    const denied = failed('denied', '/proc/70/status', 'EACCES')
    const host = capturedHost({ files: uncounted() })
    expect(swapOf({ ...host, processes: { ...host.processes, memory: () => denied } })).toEqual(denied)
    // As seen from another pid namespace.
    const foreign = { ...uncounted(), [`/sys/fs/cgroup${path}/cgroup.procs`]: '0\n0\n' }
    expect(swapOf(capturedHost({ files: foreign }))).toMatchObject({ kind: 'failed' })
  })

  it('of v1 without swapaccount=1 is that of its processes', () => {
    const at = `/sys/fs/cgroup/memory${path}`
    const files = {
      ...manyProcesses({ pid: 70, swapKb: 7 }),
      '/proc/meminfo': hasSwap ?? '',
      [`${at}/memory.usage_in_bytes`]: '9000\n',
      [`${at}/memory.limit_in_bytes`]: '9223372036854771712\n',
      [`${at}/memory.stat`]: 'total_rss 5\ntotal_cache 1\ntotal_inactive_file 0\n',
      [`${at}/cgroup.procs`]: '70\n',
      '/sys/fs/cgroup/memory/cgroup.procs': '1\n',
    }
    expect(swapOf(capturedHost({ files }))).toEqual(value(7 * kib))
  })

  it('is in the leak number of a container, and without it there is none', async () => {
    const id = 'abc123'.padEnd(64, '0')
    const files = uncounted(hasSwap, `/docker/${id}`)
    const containers = value([container({ id, pid: 70 })])
    const target = { type: 'container', ref: 'web' } as const
    const memoryOn = async (host: Host) =>
      (await observeServices(host, { shop: { target, processMatch: null } }, null)).services[0]?.memory
    const host = capturedHost({ containers, files })
    expect(await memoryOn(host)).toMatchObject({
      value: { leakBytes: 5300 + 3005 * kib, usedBytes: 9000, swapBytes: 3005 * kib },
    })
    const memory: Host['processes']['memory'] = (pid) =>
      flatMapReading(host.processes.memory(pid), () => failed('denied', `/proc/${pid}/status`, 'EACCES'))
    expect(await memoryOn({ ...host, processes: { ...host.processes, memory } })).toMatchObject({
      kind: 'failed',
      cause: 'denied',
    })
  })
})
