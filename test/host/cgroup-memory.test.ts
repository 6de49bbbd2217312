import { describe, expect, it } from 'vitest'
import { absent, failed, type Reading, value } from '../../src/core/reading.ts'
import { readCgroupMemory } from '../../src/host/cgroup-memory.ts'
import type { CgroupTree } from '../../src/host/cgroup-tree.ts'

const files: Record<1 | 2, Record<string, string>> = {
  1: {
    'memory.usage_in_bytes': '5\n',
    'memory.stat': 'rss 1\ncache 2\nhierarchical_memory_limit 9\n',
    'memory.limit_in_bytes': '9\n',
    'memory.kmem.usage_in_bytes': '1\n',
    'memory.oom_control': 'oom_kill 0\n',
  },
  2: {
    'memory.current': '5\n',
    'memory.stat': 'anon 1\nfile 2\n',
    'memory.max': '9\n',
    'memory.swap.current': '1\n',
    'memory.events': 'oom_kill 0\n',
  },
}

type Fate = 'stays' | 'is removed' | 'loses its files' | 'is replaced'

/** A cgroup to which something happens after `reads` looks at it. */
const treeWith = (version: 1 | 2, fate: Fate, reads: number): CgroupTree & { looks(): number } => {
  let looks = 0
  const happened = (): boolean => looks++ >= reads && fate !== 'stays'
  const gone = (path: string) => failed('vanished', path, 'there is no such cgroup')
  return {
    hierarchy: { version, mountPoint: '/m', rootInside: '/' },
    looks: () => looks,
    read: (path, file): Reading<string> => {
      const text = files[version][file]
      const over = happened()
      if (over && fate === 'is removed') return gone(path)
      return text === undefined || path === '/' || (over && fate === 'loses its files')
        ? absent(file)
        : value(text)
    },
    children: () => value([]),
    inode: (path) => {
      const over = happened()
      if (over && fate === 'is removed') return gone(path)
      return value(over && fate === 'is replaced' ? 2 : 1)
    },
  }
}

const looksOf = (version: 1 | 2): number => {
  const tree = treeWith(version, 'stays', 0)
  expect(readCgroupMemory(tree, '/a')).toMatchObject({
    kind: 'value',
    value: { currentBytes: 5, limitBytes: 9 },
  })
  return tree.looks()
}

describe.each([1, 2] as const)('memory of a cgroup v%i', (version) => {
  it('has vanished when it is removed at any moment while it is read', () => {
    for (let reads = 0; reads < looksOf(version); reads++) {
      expect(readCgroupMemory(treeWith(version, 'is removed', reads), '/a')).toMatchObject({
        cause: 'vanished',
      })
    }
  })

  it('has vanished when a new one of its name takes its place meanwhile', () => {
    for (let reads = 1; reads < looksOf(version); reads++) {
      expect(readCgroupMemory(treeWith(version, 'is replaced', reads), '/a')).toMatchObject({
        cause: 'vanished',
      })
    }
  })

  it('has no wrong figures when its files go before its folder does', () => {
    const whole = readCgroupMemory(treeWith(version, 'stays', 0), '/a')
    for (let reads = 0; reads < looksOf(version); reads++) {
      const reading = readCgroupMemory(treeWith(version, 'loses its files', reads), '/a')
      if (reading.kind !== 'value') expect(reading).toMatchObject({ cause: 'vanished' })
      else expect(reading).toEqual(whole)
    }
  })
})
