import { describe, expect, it } from 'vitest'
import { compositionOf } from '../../src/commands/compose-memory.ts'
import { failed } from '../../src/core/reading.ts'
import type { Host } from '../../src/host/host.ts'
import { capturedHost } from '../support/captured-host.ts'
import { serviceFacts } from '../support/service-facts.ts'

const kib = 1024
const statOf = (pid: number, comm: string, startTicks: number): string =>
  `${pid} (${comm}) S 1 ${pid} ${pid} 0 -1 4194560 1 0 0 0 1 1 0 0 20 0 1 0 ${startTicks} 1000000 50 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n`
const statusOf = (name: string, [anon, file, shared, swap]: readonly number[]): string =>
  `Name:\t${name}\nUid:\t0\t0\t0\t0\nVmRSS:\t  900 kB\nRssAnon:\t  ${anon} kB\nRssFile:\t  ${file} kB\nRssShmem:\t  ${shared} kB\nVmSwap:\t  ${swap} kB\nThreads:\t1\n`

const cgroup = '/sys/fs/cgroup/app.service'
const files = {
  '/proc/7/stat': statOf(7, 'app', 500),
  '/proc/7/status': statusOf('app', [100, 30, 8, 4]),
  '/proc/7/cmdline': 'python3\0app.py\0',
  '/proc/8/stat': statOf(8, 'app', 600),
  '/proc/8/status': statusOf('app', [50, 30, 8, 0]),
  '/proc/8/cmdline': 'app\0',
  '/proc/9/stat': statOf(9, 'other', 900),
  '/proc/meminfo':
    'MemTotal: 1000 kB\nMemFree: 500 kB\nMemAvailable: 600 kB\nBuffers: 0 kB\nCached: 9 kB\nShmem: 10 kB\nSReclaimable: 0 kB\nSUnreclaim: 0 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n',
  '/proc/self/mountinfo': '30 24 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
  '/proc/7/cgroup': '0::/app.service/payload\n',
  '/proc/8/cgroup': '0::/app.service\n',
  [`${cgroup}/memory.current`]: '9000000\n',
  [`${cgroup}/memory.max`]: 'max\n',
  [`${cgroup}/cgroup.procs`]: '8\n',
  [`${cgroup}/memory.swap.current`]: '4096\n',
  [`${cgroup}/memory.stat`]:
    'anon 153600\nfile 500000\nkernel 4000000\nshmem 8192\ninactive_file 0\nslab_reclaimable 3900000\nsock 77\n',
}

const facts = serviceFacts({ kind: 'unit', mainPid: 7, pids: [7, 8] })

describe('what a service is made of', () => {
  it('by its own cgroup, not by the one its main process is in; caches of the kernel do not count', () => {
    const found = compositionOf(capturedHost({ files }), { ...facts, cgroup: '/app.service' })
    expect(found).toMatchObject({
      kinds: { anonymous: 157_696, shared: 8192, file: 491_808, kernel: 100_000, sockets: 77 },
      newestTicks: 900,
      unread: 0,
    })
    expect(found?.largest).toEqual([
      { pid: 7, startTicks: 500, name: 'app app.py', bytes: 104 * kib, sharedBytes: 8 * kib },
      { pid: 8, startTicks: 600, name: 'app', bytes: 50 * kib, sharedBytes: 8 * kib },
    ])
  })

  it('adds the swap of its processes where the cgroup does not count it', () => {
    const { [`${cgroup}/memory.swap.current`]: _, ...less } = files
    const anonymous = (SwapTotal: string) => {
      const meminfo = files['/proc/meminfo'].replace('SwapTotal: 0', `SwapTotal: ${SwapTotal}`)
      const host = capturedHost({
        files: { ...less, '/proc/meminfo': meminfo, [`${cgroup}/cgroup.procs`]: '7\n8\n' },
      })
      return compositionOf(host, { ...facts, cgroup: '/app.service' })?.kinds.anonymous
    }
    expect(anonymous('900')).toBe(153_600 + 4 * kib)
    expect(anonymous('0')).toBe(153_600)
  })

  it('without one by its processes: shared memory is no more than the host has, files are not told', () => {
    expect(compositionOf(capturedHost({ files }), facts)?.kinds).toEqual({
      anonymous: 154 * kib,
      shared: 10 * kib,
      file: null,
      kernel: null,
      sockets: null,
    })
  })

  it('counts what could not be read, and is nothing when nothing could', () => {
    const host = capturedHost({ files })
    const denied = (...pids: number[]): Host => ({
      ...host,
      processes: {
        ...host.processes,
        memory: (pid) =>
          pids.includes(pid) ? failed('denied', `/proc/${pid}/status`, 'EACCES') : host.processes.memory(pid),
      },
    })
    expect(compositionOf(denied(8), facts)).toMatchObject({ unread: 1, largest: [{ pid: 7 }] })
    expect(compositionOf(denied(7, 8), facts)).toBe(null)
  })

  it('one that has ended meanwhile is not one that could not be read', () => {
    const { '/proc/8/status': _, ...less } = files
    expect(compositionOf(capturedHost({ files: less }), facts)?.unread).toBe(0)
  })
})
