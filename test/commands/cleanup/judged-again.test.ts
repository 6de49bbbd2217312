import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { cleanUp } from '../../../src/commands/cleanup/clean-up.ts'
import { ruleFollows } from '../../../src/commands/cleanup/elsewhere.ts'
import { type ReadyRule, readyRule, rulesOf } from '../../../src/commands/cleanup/rules.ts'
import { mountedMeanwhile } from '../../../src/core/mounts.ts'
import { value } from '../../../src/core/reading.ts'
import { makeFiles } from '../../../src/host/files.ts'
import { makeTree } from '../../../src/host/tree.ts'
import { liveBase } from '../../support/bases.ts'
import { cleanUpsBelow, noSave, rule } from '../../support/clean-ups.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { canMount } from '../../support/tiny-disk.ts'
import { contextOf } from '../temp-host.ts'

const top = tempFolder('judged-again')
const { filled, hostHere, clean } = cleanUpsBelow(top)

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
    const host = { ...hostHere(), files: makeFiles(liveBase) }
    const { reachedBy } = await readyRule(contextOf(host), { path: tmp, older_than: 1 }, false)
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
        ...hostHere(),
        files: makeFiles(liveBase),
        save: noSave,
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
      ...hostHere(),
      files: {
        ...makeFiles(liveBase),
        mounts: () => value([{ ...nfs, readOnly: false, superOptions: '' }]),
      },
      run: async () => value({ stdout: '', stderr: '', exitCode: 0, signal: null }) as never,
    }
    const wanted = { path: tmp, older_than: 1 }
    const here = contextOf(host)
    expect(await readyRule(here, wanted, false)).toMatchObject({ isElsewhere: true, reachedBy: null })
    const there = { ...here, args: [ruleFollows, JSON.stringify({ rule: wanted, isAdHoc: false })] }
    const reachedBy = makeTree(liveBase).reachedBy(tmp)
    const [told] = await rulesOf(there)
    // What it says of open files is what the config would have to say.
    expect(told).toMatchObject({ isElsewhere: false, reachedBy, isAdHoc: false })
    expect(await readyRule(there, (told as ReadyRule).wanted, false)).toMatchObject({
      isElsewhere: false,
      reachedBy,
    })
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
    const real = hostHere()
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
          save: noSave,
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
