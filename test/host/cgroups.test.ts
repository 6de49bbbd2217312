import { describe, expect, it } from 'vitest'
import type { CgroupMemory } from '../../src/core/facts.ts'
import { makeCgroups } from '../../src/host/cgroups.ts'
import { captureOf } from '../support/captured-folder.ts'

const mib = 2 ** 20

const below = (folder: string, files: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([name, content]) => [`${folder}/${name}`, content]))

const v2Mount = '31 23 0:28 / /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw,nsdelegate\n'
const v1Mount =
  '31 23 0:28 / /sys/fs/cgroup ro - tmpfs tmpfs ro,mode=755\n35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n'
const unifiedMount = '41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n'
const noLimit = '9223372036854771712\n'

/** A service on a host with cgroup v2; `web.slice` has the tighter limit. */
const v2Host = (): Record<string, string> => ({
  '/proc/self/mountinfo': v2Mount,
  '/proc/7/cgroup': '0::/web.slice/app.service\n',
  ...below('/sys/fs/cgroup', {
    'cgroup.controllers': 'cpu memory pids\n',
    'memory.stat': 'anon 1\nfile 2\n',
  }),
  ...below('/sys/fs/cgroup/web.slice', { 'memory.max': `${300 * mib}\n`, 'cgroup.procs': '' }),
  ...below('/sys/fs/cgroup/web.slice/app.service', {
    'memory.current': `${200 * mib}\n`,
    'memory.max': `${500 * mib}\n`,
    'memory.high': `${100 * mib}\n`,
    'memory.swap.current': `${5 * mib}\n`,
    'memory.events': 'low 0\nhigh 9\nmax 7\noom 3\noom_kill 2\n',
    'memory.pressure': 'some avg10=1.00 avg60=0.00 avg300=0.00 total=5\n',
    'memory.stat': `anon ${90 * mib}\nfile ${80 * mib}\nkernel ${4 * mib}\nsock 4096\nshmem ${mib}\ninactive_file ${60 * mib}\n`,
    'cgroup.procs': '7\n8\n',
  }),
  ...below('/sys/fs/cgroup/web.slice/app.service/worker', { 'cgroup.procs': '9\n0\n7\n' }),
})

/** A container on a host with cgroup v1. */
const v1Host = (stat: string, mount = v1Mount): Record<string, string> => ({
  '/proc/self/mountinfo': mount,
  '/proc/7/cgroup': '4:memory:/docker/ab\n1:cpu:/x\n0::/elsewhere\n',
  ...below('/sys/fs/cgroup/memory', { 'memory.limit_in_bytes': noLimit }),
  ...below('/sys/fs/cgroup/memory/docker', { 'memory.limit_in_bytes': `${400 * mib}\n` }),
  ...below('/sys/fs/cgroup/memory/docker/ab', {
    'memory.usage_in_bytes': `${200 * mib}\n`,
    'memory.limit_in_bytes': `${256 * mib}\n`,
    'memory.kmem.usage_in_bytes': `${3 * mib}\n`,
    'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 1\n',
    'memory.stat': stat,
    'cgroup.procs': '7\n7\n12\n',
  }),
})

const v1Stat = (limit: string): string =>
  `rss 1\ncache 1\nhierarchical_memory_limit ${limit}\ntotal_rss ${70 * mib}\ntotal_cache ${60 * mib}\n` +
  `total_shmem ${2 * mib}\ntotal_swap ${mib}\ntotal_inactive_file ${30 * mib}\n`

const cgroupsOf = (files: Record<string, string>) => makeCgroups(captureOf(files))

describe('cgroup v2', () => {
  it('has all figures of a service and the tightest limit above it', () => {
    const cgroups = cgroupsOf(v2Host())
    expect(cgroups.version).toBe('v2')
    expect(cgroups.memoryPathOf(7)).toEqual({ kind: 'value', value: '/web.slice/app.service' })
    expect(cgroups.memory('/web.slice/app.service')).toEqual({
      kind: 'value',
      value: {
        currentBytes: 200 * mib,
        anonBytes: 90 * mib,
        fileBytes: 80 * mib,
        shmemBytes: mib,
        swapBytes: 5 * mib,
        inactiveFileBytes: 60 * mib,
        kernelBytes: 4 * mib,
        slabReclaimableBytes: null,
        socketBytes: 4096,
        limitBytes: 300 * mib,
        limitAt: '/web.slice',
        oomKills: 2,
      } satisfies CgroupMemory,
    })
  })

  it.each([
    ['its own limit', `${500 * mib}`, 'max', 500 * mib, '/web.slice/app.service'],
    ['one equal to that above', `${300 * mib}`, `${300 * mib}`, 300 * mib, '/web.slice/app.service'],
    ['no limit at all', 'max', 'max', null, null],
    ['a limit of nothing', '0', 'max', 0, '/web.slice/app.service'],
  ])('with %s', (_, own, above, limitBytes, limitAt) => {
    const files = v2Host()
    files['/sys/fs/cgroup/web.slice/app.service/memory.max'] = `${own}\n`
    files['/sys/fs/cgroup/web.slice/memory.max'] = `${above}\n`
    expect(cgroupsOf(files).memory('/web.slice/app.service')).toMatchObject({
      value: { limitBytes, limitAt },
    })
  })

  it('knows the root of a host to have no memory of its own', () => {
    expect(cgroupsOf(v2Host()).memory('/')).toEqual({ kind: 'absent', what: 'memory accounting of cgroup /' })
  })

  it('does without swap accounting and counted kills', () => {
    const files = v2Host()
    const folder = '/sys/fs/cgroup/web.slice/app.service'
    delete files[`${folder}/memory.swap.current`]
    files[`${folder}/memory.events`] = 'low 0\nhigh 0\nmax 0\noom 1\n'
    expect(cgroupsOf(files).memory('/web.slice/app.service')).toMatchObject({
      value: { swapBytes: null, oomKills: null },
    })
  })

  it('has the pids of the cgroup and those below, each once', () => {
    const pids = cgroupsOf(v2Host()).pids('/web.slice/app.service')
    expect(pids.kind === 'value' && pids.value.sort()).toEqual([7, 8, 9])
    expect(cgroupsOf(v2Host()).pids('/web.slice')).toMatchObject({ value: { length: 3 } })
  })

  it('has the pressure as the kernel wrote it', () => {
    const cgroups = cgroupsOf(v2Host())
    expect(cgroups.pressure('/web.slice/app.service')).toMatchObject({
      value: expect.stringContaining('avg10=1.00'),
    })
    expect(cgroups.pressure('/web.slice')).toMatchObject({ kind: 'absent' })
  })

  it('has the CPU time of all that ever ran in it', () => {
    const path = '/web.slice/app.service'
    const files = { ...v2Host(), [`/sys/fs/cgroup${path}/cpu.stat`]: 'usage_usec 2500000\nuser_usec 1\n' }
    expect(cgroupsOf(files).cpuSeconds(path)).toEqual({ kind: 'value', value: 2.5 })
    expect(cgroupsOf(v2Host()).cpuSeconds(path)).toMatchObject({ kind: 'absent' })
    expect(cgroupsOf(v2Host()).cpuSeconds('/no')).toMatchObject({ kind: 'failed', cause: 'vanished' })
    expect(cgroupsOf(v1Host(v1Stat('0'))).cpuSeconds('/docker/ab')).toMatchObject({ kind: 'absent' })
  })

  it.each(['memory.stat', 'memory.current', 'memory.max', 'memory.swap.current'])(
    'refuses nonsense in %s',
    (file) => {
      const files = { ...v2Host(), [`/sys/fs/cgroup/web.slice/app.service/${file}`]: 'nonsense\n' }
      expect(cgroupsOf(files).memory('/web.slice/app.service')).toMatchObject({
        kind: 'failed',
        cause: 'malformed',
      })
    },
  )

  it('has vanished when its statistics are not there any more', () => {
    const { '/sys/fs/cgroup/web.slice/app.service/memory.stat': _, ...files } = v2Host()
    expect(cgroupsOf(files).memory('/web.slice/app.service')).toMatchObject({
      kind: 'failed',
      cause: 'vanished',
    })
  })

  it.each(['memory.current', 'memory.max'])('is being removed when %s is gone already', (file) => {
    const folder = '/sys/fs/cgroup/web.slice/app.service'
    const files: Record<string, string> = {
      ...v2Host(),
      [`${folder}/cgroup.controllers`]: 'memory pids\n',
      [`${folder}/cgroup.events`]: 'populated 0\n',
    }
    delete files[`${folder}/${file}`]
    expect(cgroupsOf(files).memory('/web.slice/app.service')).toMatchObject({
      kind: 'failed',
      cause: 'vanished',
    })
  })

  it('that never was has vanished: it is not empty', () => {
    const cgroups = cgroupsOf(v2Host())
    for (const reading of [cgroups.memory('/no'), cgroups.pids('/no'), cgroups.pressure('/no')]) {
      expect(reading).toEqual({
        kind: 'failed',
        cause: 'vanished',
        what: '/no',
        detail: 'there is no such cgroup',
      })
    }
    expect(cgroups.memoryPathOf(8)).toMatchObject({ kind: 'failed', cause: 'vanished' })
    // A folder without the list of processes is a cgroup on its way out, not an empty one.
    expect(cgroups.pids('/')).toMatchObject({ kind: 'failed', cause: 'vanished', what: '/' })
  })

  it('cannot be left by its path', () => {
    const cgroups = cgroupsOf(v2Host())
    for (const path of ['/../../../etc', '/web.slice/../..', '/..']) {
      expect(cgroups.memory(path)).toMatchObject({ kind: 'failed', cause: 'denied', what: path })
    }
  })

  it('without the memory controller, as on a Raspberry Pi, counts no memory', () => {
    const files = {
      '/proc/self/mountinfo': v2Mount,
      ...below('/sys/fs/cgroup/system.slice', {
        'cgroup.procs': '5\n',
        'cgroup.controllers': 'cpu pids\n',
        'cgroup.events': 'populated 1\n',
      }),
    }
    expect(cgroupsOf(files).memory('/system.slice')).toMatchObject({ kind: 'absent' })
    expect(cgroupsOf(files).pids('/system.slice')).toEqual({ kind: 'value', value: [5] })
  })

  it('inside a container has the container’s own figures at its root', () => {
    const files = {
      '/proc/self/mountinfo': v2Mount,
      '/proc/1/cgroup': '0::/\n',
      '/proc/2/cgroup': '0::/../host.service\n',
      ...below('/sys/fs/cgroup', {
        'memory.current': '5\n',
        'memory.max': '9\n',
        'memory.stat': 'anon 1\nfile 2\n',
        'cgroup.procs': '1\n',
      }),
    }
    const cgroups = cgroupsOf(files)
    expect(cgroups.memoryPathOf(1)).toEqual({ kind: 'value', value: '/' })
    expect(cgroups.memory('/')).toMatchObject({ value: { currentBytes: 5, limitBytes: 9, limitAt: '/' } })
    expect(cgroups.memoryPathOf(2)).toEqual({ kind: 'value', value: '/../host.service' })
    expect(cgroups.memory('/../host.service')).toMatchObject({ kind: 'failed', cause: 'denied' })
  })
})

describe('cgroup v1', () => {
  it('has all figures of a container', () => {
    const cgroups = cgroupsOf(v1Host(v1Stat(`${256 * mib}`)))
    expect(cgroups.version).toBe('v1')
    expect(cgroups.memoryPathOf(7)).toEqual({ kind: 'value', value: '/docker/ab' })
    expect(cgroups.memory('/docker/ab')).toEqual({
      kind: 'value',
      value: {
        currentBytes: 200 * mib,
        anonBytes: 70 * mib,
        fileBytes: 60 * mib,
        shmemBytes: 2 * mib,
        swapBytes: mib,
        inactiveFileBytes: 30 * mib,
        kernelBytes: 3 * mib,
        slabReclaimableBytes: null,
        socketBytes: null,
        limitBytes: 256 * mib,
        limitAt: '/docker/ab',
        oomKills: 1,
      } satisfies CgroupMemory,
    })
    expect(cgroups.pids('/docker/ab')).toEqual({ kind: 'value', value: [7, 12] })
    expect(cgroups.pressure('/docker/ab')).toMatchObject({ kind: 'absent' })
  })

  it.each([
    ['a limit further up', `${400 * mib}`, 400 * mib, '/docker'],
    ['a limit above all that is seen', `${100 * mib}`, 100 * mib, '/..'],
    // use_hierarchy=0: the limits above do not count, though they are there.
    ['no limit that counts', noLimit.trim(), null, null],
  ])('with %s', (_, hierarchical, limitBytes, limitAt) => {
    const cgroups = cgroupsOf(v1Host(v1Stat(hierarchical)))
    expect(cgroups.memory('/docker/ab')).toMatchObject({ value: { limitBytes, limitAt } })
  })

  it('looks for the limit itself where the statistics do not tell it', () => {
    const stat = v1Stat('0').replace(/hierarchical.*\n/, '')
    expect(cgroupsOf(v1Host(stat)).memory('/docker/ab')).toMatchObject({
      value: { limitBytes: 256 * mib, limitAt: '/docker/ab' },
    })
  })

  it('beside cgroup v2 is hybrid, and memory is that of v1', () => {
    const cgroups = cgroupsOf(v1Host(v1Stat(noLimit.trim()), v1Mount + unifiedMount))
    expect(cgroups.version).toBe('hybrid')
    expect(cgroups.memoryPathOf(7)).toEqual({ kind: 'value', value: '/docker/ab' })
  })

  it('inside a container without a cgroup namespace maps the host’s paths', () => {
    const files = {
      '/proc/self/mountinfo': v1Mount.replace(
        ' / /sys/fs/cgroup/memory',
        ' /docker/ab /sys/fs/cgroup/memory',
      ),
      '/proc/1/cgroup': '4:memory:/docker/ab\n',
      ...below('/sys/fs/cgroup/memory', {
        'memory.usage_in_bytes': '5\n',
        'memory.limit_in_bytes': '77\n',
        'memory.stat': v1Stat('77'),
        'cgroup.procs': '1\n',
      }),
    }
    const cgroups = cgroupsOf(files)
    expect(cgroups.memory('/docker/ab')).toMatchObject({ value: { limitBytes: 77, limitAt: '/docker/ab' } })
    expect(cgroups.pids('/docker/ab')).toEqual({ kind: 'value', value: [1] })
    expect(cgroups.memory('/docker/other')).toMatchObject({ kind: 'failed', cause: 'denied' })
  })
})

describe('a capture without mountinfo', () => {
  it.each([
    ['v2', { '/sys/fs/cgroup/cgroup.controllers': 'memory\n' }],
    ['v1', { '/sys/fs/cgroup/memory/cgroup.procs': '1\n' }],
    ['hybrid', { '/sys/fs/cgroup/memory/cgroup.procs': '1\n', '/sys/fs/cgroup/unified/cgroup.procs': '1\n' }],
    ['none', { '/proc/stat': '' }],
  ] as [string, Record<string, string>][])('%s', (version, files) => {
    expect(cgroupsOf(files).version).toBe(version)
  })

  it('without cgroups has none of it', () => {
    const cgroups = cgroupsOf({ '/proc/7/cgroup': '0::/a\n' })
    for (const reading of [
      cgroups.memoryPathOf(7),
      cgroups.memory('/a'),
      cgroups.pids('/a'),
      cgroups.pressure('/a'),
    ]) {
      expect(reading).toEqual({ kind: 'absent', what: 'memory cgroups' })
    }
  })

  it('200 services are read one by one', () => {
    const one = (i: number) =>
      below(`/sys/fs/cgroup/s${i}.service`, {
        'memory.current': `${i}\n`,
        'memory.max': 'max\n',
        'memory.stat': 'anon 1\nfile 2\n',
        'cgroup.procs': `${i + 1}\n`,
      })
    const files = Object.assign(
      { '/sys/fs/cgroup/cgroup.controllers': '' },
      ...Array.from({ length: 200 }, (_, i) => one(i)),
    )
    const cgroups = cgroupsOf(files)
    for (let i = 0; i < 200; i++) {
      expect(cgroups.memory(`/s${i}.service`)).toMatchObject({ value: { currentBytes: i } })
      expect(cgroups.pids(`/s${i}.service`)).toEqual({ kind: 'value', value: [i + 1] })
    }
  })
})
