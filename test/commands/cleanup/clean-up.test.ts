import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { cleanUp } from '../../../src/commands/cleanup/clean-up.ts'
import { ruleFollows } from '../../../src/commands/cleanup/elsewhere.ts'
import { type ReadyRule, readyAgain, readyRule, rulesOf } from '../../../src/commands/cleanup/rules.ts'
import { mountedMeanwhile } from '../../../src/core/mounts.ts'
import { absent, failed, type Reading, value } from '../../../src/core/reading.ts'
import type { SweptPart } from '../../../src/core/sweep.ts'
import type { OpenInodes } from '../../../src/core/tree.ts'
import { makeFiles } from '../../../src/host/files.ts'
import type { Host } from '../../../src/host/host.ts'
import { makeOpenLook } from '../../../src/host/open-look.ts'
import { makeTree } from '../../../src/host/tree.ts'
import { liveBase } from '../../support/bases.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { canMount } from '../../support/tiny-disk.ts'
import { contextOf, tempHost } from '../temp-host.ts'

// Real files, all of them stale by the clock of the host; what is open is what the test says.
const top = tempFolder('clean-up')

const filled = (...names: string[]): string => {
  const tmp = mkdtempSync(join(top, 'tmp-'))
  for (const name of names) {
    mkdirSync(join(tmp, name, '..'), { recursive: true })
    writeFileSync(join(tmp, name), 'x')
  }
  return tmp
}

const rule = (root: string, more: Partial<ReadyRule> = {}): ReadyRule => ({
  ...{
    path: root,
    root,
    silence: null,
    isAdHoc: false,
    isElsewhere: false,
    wanted: { path: root, older_than: 1 },
  },
  ...{ match: [], exclude: [], olderThanMs: 1, ageBy: 'newest', minBytes: null, uids: null },
  ...{
    recurse: true,
    emptyDirs: false,
    keepOpen: true,
    oneFileSystem: true,
    keepNewest: 0,
    maxTotalBytes: null,
  },
  ...{
    mountPoints: new Set(),
    mountIds: new Set(),
    reachedBy: null,
    judgedAtMs: 0,
    globs: { match: [], exclude: [] },
  },
  ...more,
})

/** @param looks at what is open, one after the other; the last one again and again */
const clean = (wanted: ReadyRule, looks: (() => Reading<OpenInodes>)[], over: Partial<Host> = {}) => {
  let look = 0
  // Each question is so long after the one before that it is looked at anew.
  let elapsedMs = 0
  const openFiles = () =>
    makeOpenLook(
      () => (looks[look++] ?? looks.at(-1) ?? free)(),
      () => (elapsedMs += 10_000),
    )
  const host = {
    ...tempHost(mkdtempSync(join(top, 'host-')), { files: {} }),
    tree: async () => ({ ...makeTree(liveBase), openFiles }),
    save: { readText: absent, info: absent } as unknown as Host['save'],
    ...over,
  }
  return cleanUp(contextOf(host), [wanted])
}

const free = (): Reading<OpenInodes> => value({ inodes: new Set(), mapped: new Set() })
const unseen = (): Reading<OpenInodes> => failed('denied', '/proc', 'what process 7 has open cannot be seen')
const opened = (path: string) => (): Reading<OpenInodes> =>
  value({ inodes: new Set(), mapped: new Set([path]) })

const nothing = (path: string): SweptPart => ({
  ...{ folder: { names: [], path, inode: '' }, entries: 1, removed: 0, removedBytes: 0, names: [] },
  ...{ young: 0, left: [], known: [], below: [] },
})

describe('what is open cannot be seen in the middle of a rule', () => {
  const why = 'what process 7 has open cannot be seen'

  it('what was looked at meanwhile stays, for that reason, and it is told', async () => {
    const tmp = filled('a', 'b', 'c')
    const cleaned = await clean(rule(tmp, { emptyDirs: true }), [free, unseen, free])
    expect(cleaned.removed).toBe(2)
    expect(cleaned.skipped).toEqual([{ path: expect.stringContaining(`${tmp}/`), reason: why }])
    expect(cleaned.blind).toEqual([`${tmp}: for a time ${why}; what was looked at meanwhile stays`])
  })

  it('of a sweep too, once', async () => {
    const tmp = filled('a')
    const cleaned = await clean(rule(tmp), [free], {
      apply: async (action) => {
        if (action.kind !== 'sweep') throw new Error(action.kind)
        const part = { ...nothing(tmp), left: [{ path: `${tmp}/a`, reason: why, failed: false }] }
        action.take({ ...part, blind: why })
        action.take({ ...part, blind: why })
        return { outcome: 'done', detail: '' }
      },
    })
    expect(cleaned.blind).toEqual([`${tmp}: for a time ${why}; what was looked at meanwhile stays`])
  })
})

describe('what bounds count', () => {
  it('is what can be removed: a fifo is none of the newest', async () => {
    const tmp = filled('older', 'newer')
    utimesSync(join(tmp, 'older'), 1, 1)
    utimesSync(join(tmp, 'newer'), 2, 2)
    execFileSync('mkfifo', [join(tmp, 'fifo')])
    const { removed, skipped } = await clean(rule(tmp, { keepNewest: 1, ageBy: 'mtime' }), [free])
    expect(skipped).toEqual([{ path: join(tmp, 'fifo'), reason: 'a fifo is never removed' }])
    expect(removed).toBe(1)
    expect(readdirSync(tmp).sort()).toEqual(['fifo', 'newer'])
  })
})

describe('a file that was judged a while before it is removed', () => {
  const three = () => {
    const tmp = filled('a', 'b', 'c')
    for (const [i, name] of ['a', 'b', 'c'].entries()) utimesSync(join(tmp, name), i, i)
    return tmp
  }
  const newest = { keepNewest: 1, ageBy: 'mtime' } as const

  it('stays when somebody has opened it since', async () => {
    const tmp = three()
    // At the start, and once for each; then the two that are to go are looked at again.
    const looks = [free, free, free, free, opened(join(tmp, 'a'))]
    const cleaned = await clean(rule(tmp, newest), looks)
    expect(cleaned.skipped).toEqual([{ path: join(tmp, 'a'), reason: 'a process has it open' }])
    expect(readdirSync(tmp).sort()).toEqual(['a', 'c'])
  })

  it('so does one that a sweep has left for the end, since it had failed before', async () => {
    const tmp = filled('a')
    const { uid, size, nlink, mtimeMs, atimeMs, ctimeMs, dev, ino } = statSync(join(tmp, 'a'))
    const entry = {
      ...{ name: 'a', text: 'a', kind: 'file' as const, uid, sizeBytes: size, links: nlink },
      ...{ mtimeMs, atimeMs, ctimeMs, inode: `${dev}:${ino}` },
    }
    const cleaned = await clean(rule(tmp), [free, opened(join(tmp, 'a'))], {
      apply: async (action) => {
        if (action.kind !== 'sweep') throw new Error(action.kind)
        action.take({ ...nothing(tmp), known: [entry] })
        return { outcome: 'done', detail: '' }
      },
    })
    expect(cleaned.skipped).toEqual([{ path: join(tmp, 'a'), reason: 'a process has it open' }])
  })

  it('or has only read it, where that is its age', async () => {
    const removals = async (ageBy: ReadyRule['ageBy']) => {
      const tmp = three()
      const cleaned = await clean(rule(tmp, { keepNewest: 1, keepOpen: false, ageBy }), [], {
        apply: async (action) => {
          if (action.kind !== 'remove-entries') throw new Error(action.kind)
          // As if each had been read between the two looks.
          const entries = action.entries.map((entry) => ({ ...entry, atimeMs: entry.atimeMs - 1 }))
          return tempHost(tmp, { files: {} }).apply({ ...action, entries })
        },
      })
      return [cleaned.removed, cleaned.skipped[0]?.reason]
    }
    expect(await removals('newest')).toEqual([0, 'it has changed meanwhile'])
    expect(await removals('atime')).toEqual([0, 'it has changed meanwhile'])
    expect(await removals('mtime')).toEqual([2, undefined])
    expect(await removals('ctime')).toEqual([2, undefined])
  })
})

describe('a folder that is reached by another mount than when it was judged', () => {
  const other = (root: string) => ({ mountId: -1, device: statSync(root).dev })

  it('is not cleaned, and named', async () => {
    const tmp = filled('a')
    for (const more of [{}, { emptyDirs: true }, { keepNewest: 1 }, { keepNewest: 1, emptyDirs: true }]) {
      const cleaned = await clean(rule(tmp, { ...more, keepOpen: false, reachedBy: other(tmp) }), [])
      expect(cleaned).toMatchObject({ removed: 0, failed: [{ path: tmp, error: mountedMeanwhile }] })
    }
  })

  it('which is looked at with the rule', async () => {
    const tmp = filled('a')
    const host = { ...tempHost(mkdtempSync(join(top, 'host-')), { files: {} }), files: makeFiles(liveBase) }
    const { reachedBy } = await readyRule(contextOf(host), { path: tmp, older_than: 1 }, 64, '')
    const device = statSync(tmp).dev
    expect(reachedBy).toEqual({ mountId: expect.any(Number), device })
  })

  it('nor its empty folders, after its files were', async () => {
    const tmp = filled('a', 'd/b')
    let walks = 0
    const tree = makeTree(liveBase)
    const cleaned = await clean(rule(tmp, { maxTotalBytes: 0, emptyDirs: true, keepOpen: false }), [], {
      tree: async () => ({
        ...tree,
        walk: (root, options) =>
          tree.walk(root, { ...options, reachedBy: walks++ === 0 ? null : other(root) }),
      }),
    })
    expect(cleaned).toMatchObject({ removed: 2, failed: [{ path: tmp, error: mountedMeanwhile }] })
    expect(readdirSync(tmp)).toEqual(['d'])
  })
})

describe('the first rule', () => {
  it('is looked at once more, too, unless that was a moment ago', async () => {
    const removedAfter = async (judgedAtMs: number) => {
      const tmp = filled('state/a')
      const one = rule(join(tmp, 'state'), { keepOpen: false, emptyDirs: true, judgedAtMs })
      const host = {
        ...tempHost(mkdtempSync(join(top, 'host-')), { files: {} }),
        files: makeFiles(liveBase),
        save: { readText: absent, info: absent } as unknown as Host['save'],
      }
      const { removed, failed } = await cleanUp(contextOf(host, { stateDir: join(tmp, 'state') }), [one])
      return [removed, failed.length]
    }
    expect(await removedAfter(0)).toEqual([1, 0])
    expect(await removedAfter(-1000)).toEqual([0, 1])
  })
})

describe('a folder that a server answers for', () => {
  it('is for another process, which does not give it to yet another when it looks once more', async () => {
    const tmp = filled('a')
    const nfs = { id: 1, mountPoint: top, device: '0:50', rootInside: '/x', type: 'nfs4', source: '' }
    const host = {
      ...tempHost(mkdtempSync(join(top, 'host-')), { files: {} }),
      files: {
        ...makeFiles(liveBase),
        mounts: () => value([{ ...nfs, readOnly: false, superOptions: '' }]),
      },
      run: async () => value({ stdout: '', stderr: '', exitCode: 0, signal: null }) as never,
    }
    const wanted = { path: tmp, older_than: 1 }
    const here = contextOf(host)
    expect(await readyRule(here, wanted, 64, '')).toMatchObject({ isElsewhere: true, reachedBy: null })
    const there = { ...here, args: [ruleFollows, JSON.stringify(wanted)] }
    const reachedBy = makeTree(liveBase).reachedBy(tmp)
    const [told] = await rulesOf(there)
    expect(told).toMatchObject({ isElsewhere: false, reachedBy })
    expect(await readyAgain(there, told as ReadyRule)).toMatchObject({ isElsewhere: false, reachedBy })
  })
})

describe.runIf(canMount)('a folder on which one that is refused is mounted before its turn', () => {
  it('is refused, and named, and the other rules are done', async () => {
    const [first, second, third] = [filled('a'), filled('a'), filled('a')]
    const stateDir = filled('state')
    const mount = () => {
      if (readdirSync(second).includes('state')) return
      execFileSync('mount', ['--bind', stateDir, second])
      onTestFinished(() => void spawnSync('umount', ['-l', second]))
    }
    const real = tempHost(mkdtempSync(join(top, 'host-')), { files: {} })
    const rules = [first, second, third].map((root) =>
      rule(root, {
        ...{ emptyDirs: true, keepOpen: false },
        wanted: { path: root, older_than: 1, empty_dirs: true, keep_open: false },
      }),
    )
    const cleaned = await cleanUp(
      contextOf(
        {
          ...real,
          files: makeFiles(liveBase),
          save: { readText: absent, info: absent } as unknown as Host['save'],
          apply: (action) => {
            mount()
            return real.apply(action)
          },
        },
        { stateDir },
      ),
      rules,
    )
    expect(cleaned.failed).toEqual([
      { path: second, error: expect.stringContaining(`it is ${stateDir} by another name`) },
    ])
    expect(cleaned.removed).toBe(2)
    expect(readdirSync(stateDir)).toEqual(['state'])
  })
})
