import { execFileSync } from 'node:child_process'
import { readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ReadyRule } from '../../../src/commands/cleanup/rules.ts'
import { failed, type Reading, value } from '../../../src/core/reading.ts'
import type { SweptPart } from '../../../src/core/sweep.ts'
import type { OpenInodes } from '../../../src/core/tree.ts'
import { cleanUpsBelow, free, rule } from '../../support/clean-ups.ts'
import { isRoot } from '../../support/needs.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { tempHost } from '../temp-host.ts'

const top = tempFolder('clean-up')

const { filled, clean } = cleanUpsBelow(top)

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

describe.runIf(isRoot)('a bound of the total', () => {
  it('is kept to past files that cannot be removed, or are open', async () => {
    const tmp = filled('1', '2', '3', '4')
    for (const name of ['1', '2', '3', '4']) {
      writeFileSync(join(tmp, name), '0123456789')
      utimesSync(join(tmp, name), Number(name), Number(name))
    }
    execFileSync('chattr', ['+i', join(tmp, '1')])
    onTestFinished(() => void execFileSync('chattr', ['-i', join(tmp, '1')]))
    const bound = { maxTotalBytes: 20, ageBy: 'mtime' } as const
    const cleaned = await clean(rule(tmp, bound), [opened(join(tmp, '3'))])
    // The open one is left alone, and so is it told: no more than that.
    expect(cleaned).toMatchObject({ removed: 2, failedCount: 1, kept: 0, skippedCount: 1 })
    expect(readdirSync(tmp).sort()).toEqual(['1', '3'])
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
