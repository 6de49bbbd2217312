import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readCgroupMemory } from '../../src/host/cgroup-memory.ts'
import { makeCgroupTree } from '../../src/host/cgroup-tree.ts'
import { makeCgroups } from '../../src/host/cgroups.ts'
import { parseMountinfo } from '../../src/parse/mountinfo.ts'
import { liveBase } from '../support/bases.ts'
import { startShell } from '../support/real-process.ts'

const mib = 2 ** 20
const cgroups = makeCgroups(liveBase)
const own = cgroups.memoryPathOf(process.pid)

describe.skipIf(own.kind !== 'value')('memory cgroups of this machine (needs the memory controller)', () => {
  it('have this process', () => {
    const path = own.kind === 'value' ? own.value : ''
    const pids = cgroups.pids(path)
    expect(pids.kind === 'value' && pids.value.includes(process.pid)).toBe(true)
  })
})

const mounts = parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'))

const remove = (path: string): void => {
  try {
    rmdirSync(path)
  } catch {
    // Removed by the test itself.
  }
}

/** The mounted hierarchy that counts memory, where root may make cgroups of its own; null: not here. */
const writableHierarchy = (): { version: 1 | 2; folder: string } | null => {
  const v1 = mounts.findLast((m) => m.type === 'cgroup' && m.superOptions.split(',').includes('memory'))
  const mount = v1 ?? mounts.findLast((m) => m.type === 'cgroup2')
  if (!mount) return null
  const probe = `${mount.mountPoint}/oratio-probe-${process.pid}`
  try {
    mkdirSync(probe)
    const limit = `${probe}/${v1 ? 'memory.limit_in_bytes' : 'memory.max'}`
    const has = readFileSync(limit, 'utf8') !== ''
    rmdirSync(probe)
    return has ? { version: v1 ? 1 : 2, folder: mount.mountPoint } : null
  } catch {
    return null
  }
}

const hierarchy = writableHierarchy()

describe.skipIf(hierarchy === null)('a cgroup made here (needs root and a writable memory hierarchy)', () => {
  const { version, folder } = hierarchy ?? { version: 2, folder: '' }
  const limitFile = version === 1 ? 'memory.limit_in_bytes' : 'memory.max'
  const makeNested = (name: string): { slice: string; leaf: string } => {
    const slice = `${folder}/oratio-${name}-${process.pid}`
    const leaf = `${slice}/leaf`
    onTestFinished(() => {
      remove(leaf)
      remove(slice)
    })
    mkdirSync(slice)
    if (version === 2) writeFileSync(`${slice}/cgroup.subtree_control`, '+memory')
    writeFileSync(`${slice}/${limitFile}`, String(64 * mib))
    mkdirSync(leaf)
    return { slice, leaf }
  }

  it('has the memory of its process, the limit above it and the pids below', async () => {
    const { slice, leaf } = makeNested('figures')
    const shell = await startShell(
      `echo $$ > ${leaf}/cgroup.procs; x=$(head -c 8388608 /dev/zero | tr '\\0' x); echo ready; read y`,
    )
    const path = cgroups.memoryPathOf(shell.pid)
    if (path.kind !== 'value') throw new Error(path.what)
    expect(path.value.endsWith(leaf.slice(folder.length))).toBe(true)

    // Of many processors the kernel adds up its figures every two seconds, or when there is much to add.
    let memory = cgroups.memory(path.value)
    while (memory.kind === 'value' && memory.value.anonBytes <= 7 * mib) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      memory = makeCgroups(liveBase).memory(path.value)
    }
    if (memory.kind !== 'value') throw new Error(JSON.stringify(memory))
    expect(memory.value.limitBytes).toBe(64 * mib)
    expect(memory.value.limitAt).toBe(path.value.slice(0, -'/leaf'.length))
    expect(memory.value.anonBytes).toBeGreaterThan(7 * mib)
    expect(memory.value.anonBytes).toBeLessThan(60 * mib)
    expect(memory.value.currentBytes).toBeGreaterThan(7 * mib)
    expect(memory.value.oomKills).toBe(0)

    const slicePath = path.value.slice(0, -'/leaf'.length)
    expect(cgroups.pids(slicePath)).toEqual({ kind: 'value', value: [shell.pid] })
    expect(readFileSync(`${slice}/cgroup.procs`, 'utf8')).toBe('')

    await shell.end()
    rmdirSync(leaf)
    expect(cgroups.memory(path.value)).toMatchObject({ kind: 'failed', cause: 'vanished' })
    expect(cgroups.pids(path.value)).toMatchObject({ kind: 'failed', cause: 'vanished' })
    expect(cgroups.pids(slicePath)).toEqual({ kind: 'value', value: [] })
  })

  it('that comes and goes is read whole or has vanished', async () => {
    const { slice, leaf } = makeNested('churn')
    const probe = await startShell(`echo $$ > ${leaf}/cgroup.procs; echo ready; read y`)
    const path = cgroups.memoryPathOf(probe.pid)
    if (path.kind !== 'value') throw new Error(path.what)
    await probe.end()
    rmdirSync(leaf)
    const churn = await startShell(
      `echo ready; exec 2>/dev/null; while :; do mkdir ${slice}/leaf; rmdir ${slice}/leaf; done`,
    )

    for (let i = 0; i < 500; i++) {
      for (const reading of [cgroups.memory(path.value), cgroups.pids(path.value)]) {
        if (reading.kind === 'value') continue
        expect(reading).toMatchObject({ kind: 'failed', cause: 'vanished' })
      }
    }
    await churn.end()
  })
})

/** Where root may make cgroups of v2, with or without the memory controller. */
const v2Folder = (): string | null => {
  const folder = mounts.findLast((m) => m.type === 'cgroup2')?.mountPoint ?? null
  try {
    mkdirSync(`${folder}/oratio-probe-${process.pid}`)
    rmdirSync(`${folder}/oratio-probe-${process.pid}`)
    return folder
  } catch {
    return null
  }
}

const v2 = v2Folder()

describe.skipIf(v2 === null)('a threaded cgroup (needs root and a writable cgroup2)', () => {
  it('refuses to list processes (EOPNOTSUPP), which is no failure: they are in the one above', () => {
    const name = `/oratio-threaded-${process.pid}`
    const folder = `${v2}${name}`
    onTestFinished(() => {
      remove(`${folder}/threads`)
      remove(folder)
    })
    mkdirSync(`${folder}/threads`, { recursive: true })
    writeFileSync(`${folder}/threads/cgroup.type`, 'threaded')
    const tree = makeCgroupTree(liveBase, { version: 2, mountPoint: v2 ?? '', rootInside: '/' })
    expect(tree.read(`${name}/threads`, 'cgroup.procs')).toEqual({ kind: 'value', value: '' })
    expect(tree.children(name)).toEqual({ kind: 'value', value: ['threads'] })
    expect(readCgroupMemory(tree, '/')).toMatchObject({ kind: 'absent' })
  })
})
