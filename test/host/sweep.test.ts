import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { LogLine } from '../../src/core/log-line.ts'
import { mountedMeanwhile } from '../../src/core/mounts.ts'
import type { SweepOrder, SweptPart } from '../../src/core/sweep.ts'
import type { ReachedBy, TreeStep } from '../../src/core/tree.ts'
import type { HostBase } from '../../src/host/base.ts'
import { mountIdOf } from '../../src/host/mount-id.ts'
import { sweepChange } from '../../src/host/sweep-change.ts'
import { type SweepHelper, startHelper } from '../../src/host/sweep-crew.ts'
import { makeTree } from '../../src/host/tree.ts'
import { walkTree } from '../../src/host/walk-tree.ts'
import { judgeOf } from '../../src/plan/cleanup.ts'
import { asNobody } from '../support/as-nobody.ts'
import { liveBase } from '../support/bases.ts'
import { bundle } from '../support/bundle.ts'
import { bundleHelper, withModules } from '../support/bundle-with-calls.ts'
import { isRoot } from '../support/needs.ts'
import { isAlive, until } from '../support/process-family.ts'
import { sweepOrder, usualWish } from '../support/sweep-order.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { canMount } from '../support/tiny-disk.ts'

const top = tempFolder('sweep')
const helperFile = bundleHelper(withModules(join(top, 'helper')))

interface Swept {
  removed: number
  young: number
  outcome: string
  detail: string
  left: SweptPart['left']
  blind: string[]
  known: string[]
  lines: string[]
  /** What a helper was given, and it itself. */
  given: number
  helper: SweepHelper | null
}

interface Wanted {
  order?: Partial<SweepOrder>
  /** What becomes of the helper when it has been given something. */
  onGiven?: (helper: SweepHelper) => void
  isOver?: () => boolean
  file?: string
  base?: HostBase
  /** What the helper is told otherwise. */
  toHelper?: Partial<SweepOrder>
  /** So long it may say nothing; else so long that only one that has ended is given up. */
  silentMs?: number
}

const sweep = async (
  root: string,
  {
    order: more,
    onGiven,
    isOver,
    file = helperFile,
    base = {} as HostBase,
    toHelper,
    silentMs = 60_000,
  }: Wanted = {},
): Promise<Swept> => {
  const order = sweepOrder(root, { wish: { ...usualWish, olderThanMs: 86_400_000 }, ...more })
  const swept: Swept = {
    ...{
      removed: 0,
      young: 0,
      outcome: '',
      detail: '',
      left: [],
      blind: [],
      known: [],
      lines: [],
      given: 0,
      helper: null,
    },
  }
  const change = sweepChange(
    {
      kind: 'sweep',
      order,
      judge: judgeOf(order.wish),
      take: (part) => {
        swept.removed += part.removed
        swept.young += part.young
        swept.left.push(...part.left)
        if (part.blind !== undefined) swept.blind.push(part.blind)
        swept.known.push(...part.known.map(({ text }) => text))
      },
      namesWanted: () => 20,
      isOver: async () => {
        // Else a slow machine would be through before the helper is there.
        while (swept.helper !== null && !swept.helper.isReady() && !swept.helper.isOver())
          await new Promise((resolve) => setImmediate(resolve))
        return isOver?.() ?? false
      },
      reason: '',
    },
    {
      base,
      log: (...lines: LogLine[]) => void swept.lines.push(...lines.map(({ text }) => text)),
      helper: (sent) => {
        const helper = startHelper({ ...sent, order: { ...sent.order, ...toHelper } }, file)
        if (helper === null) throw new Error('there is no helper')
        const note = (count: number): void => {
          if (count === 0) return
          swept.given += count
          onGiven?.(helper)
        }
        swept.helper = {
          ...helper,
          give: (folders, names) => {
            helper.give(folders, names)
            note(folders.length)
          },
          feed: (queue, ...rest) => {
            const before = queue.length
            helper.feed(queue, ...rest)
            note(before - queue.length)
          },
        }
        return swept.helper
      },
      // Asked at every turn.
      helperFrom: { entries: 0, folders: 4, manyFolders: 1e6, own: 1, askMs: 0, silentMs },
    },
  )
  const { outcome, detail } = await change.perform()
  Object.assign(swept, { outcome, detail })
  return swept
}

/** Every other file is three days old. */
const tree = (folders: number, files: number, name = (i: number) => `f${i}`): string => {
  const root = mkdtempSync(join(top, 'tree-'))
  const old = Date.now() / 1000 - 3 * 86_400
  for (let f = 0; f < folders; f++) {
    const folder = folders === 1 ? root : join(root, `d${f}`)
    if (folders > 1) mkdirSync(folder)
    for (let i = 0; i < files; i++) {
      writeFileSync(join(folder, name(i)), '')
      if (i % 2 === 0) utimesSync(join(folder, name(i)), old, old)
    }
  }
  return root
}

const filesIn = (root: string): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)

describe('a sweep of many folders', () => {
  it('shares them with a helper, and each file is counted once', async () => {
    const root = tree(400, 20)
    const { removed, young, left, given, lines, helper } = await sweep(root)
    expect({ removed, young, left }).toEqual({ removed: 4000, young: 4000, left: [] })
    expect(filesIn(root)).toHaveLength(4000)
    expect(given).toBeGreaterThan(0)
    expect(lines).toHaveLength(400)
    expect(helper?.pending()).toEqual([])
  })

  it('does what a helper left undone that was killed in the middle of it', async () => {
    const root = tree(400, 20)
    const { given, outcome } = await sweep(root, { onGiven: (helper) => helper.kill() })
    expect(outcome).toBe('done')
    expect(given).toBeGreaterThan(0)
    expect(filesIn(root)).toHaveLength(4000)
  })

  it('does what a helper was given that says nothing any more, and ends it', async () => {
    const root = tree(40, 20)
    const file = join(top, 'silent.cjs')
    const note = `${file}.pid`
    writeFileSync(
      file,
      `require('fs').writeFileSync(${JSON.stringify(note)}, '' + process.pid); process.stdout.write('null\\n'); setInterval(() => {}, 1e6)`,
    )
    const { given, removed, young } = await sweep(root, { file, silentMs: 500 })
    expect(given).toBeGreaterThan(0)
    expect({ removed, young }).toEqual({ removed: 400, young: 400 })
    await until(() => !isAlive(Number(readFileSync(note, 'utf8'))))
  })

  it.runIf(isRoot)(
    'logs each that it cannot remove, with the path and the cause, and of thousands the first',
    async () => {
      const root = tree(1, 2004)
      // Names can be added to it, and none removed.
      execFileSync('chattr', ['+a', root])
      onTestFinished(() => void execFileSync('chattr', ['-a', root]))
      const { lines } = await sweep(root)
      expect(lines).toHaveLength(1001)
      for (const line of lines.slice(0, 1000))
        expect(line).toMatch(/^\/.*\/f\d+ stays: operation not permitted \(EPERM\)$/)
      expect(lines.at(-1)).toBe('and 2 more could not be removed')
    },
  )

  it('leaves no helper behind when it is killed, not even one that is stopped', async () => {
    const root = tree(1, 4)
    const script = bundle('host/child/stop-helper-and-die.ts', top)
    const died = spawnSync(process.execPath, [script, root, helperFile], { encoding: 'utf8' })
    expect(died.signal).toBe('SIGKILL')
    const pid = Number(died.stdout)
    expect(pid).toBeGreaterThan(1)
    await until(() => !isAlive(pid))
  })

  it.runIf(isRoot)('names what its rights were taken from meanwhile', () => {
    const root = join(mkdtempSync(join(top, 'rights-')), 'tmp')
    for (const name of ['closed', 'fixed']) {
      mkdirSync(join(root, name), { recursive: true })
      writeFileSync(join(root, name, 'stale'), '')
      utimesSync(join(root, name, 'stale'), 0, 0)
    }
    for (const path of [top, join(root, '..')]) chmodSync(path, 0o755)
    execFileSync('chown', ['-R', '65534', root])
    const script = bundle('host/child/sweep-losing-rights.ts', withModules(join(top, 'rights')))
    const left = asNobody(script, [root]) as { path: string; reason: string }[]
    const why = 'permission denied (EACCES)'
    expect(left.map(({ path, reason }) => [path.slice(root.length), reason]).sort()).toEqual([
      ['/closed', why],
      ['/fixed/stale', why],
    ])
  })

  it('ends when the command says so, and the helper with it', async () => {
    const root = tree(400, 20)
    let asked = 0
    const { helper } = await sweep(root, { isOver: () => ++asked > 0 })
    expect(asked).toBe(1)
    expect(filesIn(root).length).toBeGreaterThan(4000)
    expect(helper?.pending() ?? []).toEqual([])
  })
})

describe('a sweep of one big folder', () => {
  it('is done by halves, of which none is done twice', async () => {
    const root = tree(1, 22_000, (i) => `a-name-that-makes-the-folder-big-enough-${i}`)
    // Of a tmpfs that is 20 bytes a name.
    expect(statSync(root).size).toBeGreaterThan(400_000)
    const { removed, young, left, given } = await sweep(root)
    expect({ removed, young, left }).toEqual({ removed: 11_000, young: 11_000, left: [] })
    expect(given).toBe(1)
    expect(filesIn(root)).toHaveLength(11_000)
  })
})

describe('a sweep', () => {
  it('hands back what could not be removed before', async () => {
    const root = tree(1, 4)
    const { dev, ino } = statSync(join(root, 'f0'))
    const { known, removed } = await sweep(root, { order: { known: [`${dev}:${ino}`] } })
    expect({ known, removed }).toEqual({ known: ['f0'], removed: 1 })
    expect(filesIn(root).sort()).toEqual(['f0', 'f1', 'f3'])
  })

  it('removes nothing while it cannot be seen what is open, and says so', async () => {
    const root = tree(1, 4)
    const host = mkdtempSync(join(top, 'host-'))
    mkdirSync(join(host, 'proc/7'), { recursive: true })
    // Stands in for what the kernel does not let one see (EACCES): only root is denied nothing here.
    writeFileSync(join(host, 'proc/7/fd'), '')
    const base = { ...liveBase, uid: 0, at: (path: string) => `${host}${path}` }
    const { removed, left, blind } = await sweep(root, { order: { keepOpen: true }, base })
    const why = 'what process 7 has open cannot be seen'
    expect({ removed, blind }).toEqual({ removed: 0, blind: [why] })
    expect(left.map(({ reason }) => reason)).toEqual([why, why])
    expect((await sweep(root, { base })).blind).toEqual([])
  })

  it('enters no mount point, no lost+found, and nothing below without recurse', async () => {
    const root = tree(3, 2)
    const { left } = await sweep(root, { order: { mountPoints: [join(root, 'd1')] } })
    expect(left).toEqual([{ path: join(root, 'd1'), reason: 'something is mounted there', failed: false }])
    expect(readdirSync(join(root, 'd0'))).toEqual(['f1'])
    expect(readdirSync(join(root, 'd1')).sort()).toEqual(['f0', 'f1'])
    const flat = tree(2, 2)
    mkdirSync(join(flat, 'lost+found'))
    expect((await sweep(flat, { order: { recurse: false } })).removed).toBe(0)
    writeFileSync(join(flat, 'lost+found/x'), '')
    utimesSync(join(flat, 'lost+found/x'), 0, 0)
    expect((await sweep(flat)).removed).toBe(2)
  })
})

describe('a folder that is reached by another mount than when it was judged', () => {
  const { reachedBy } = makeTree(liveBase)
  const other = (root: string): ReachedBy[] => {
    const { mountId, device } = reachedBy(root) as ReachedBy & { mountId: number }
    return [
      { mountId: mountId + 1, device },
      // A number is given to another mount as soon as it is free.
      { mountId, device: device + 1 },
    ]
  }
  const walkedBy = (root: string, by: ReachedBy | null): TreeStep[] => [
    ...walkTree(root, {
      ...{ recurse: true, oneFileSystem: true, mountPoints: new Set<string>(), mountIds: new Set<number>() },
      reachedBy: by,
    }),
  ]

  it('is neither swept nor walked', async () => {
    const root = tree(2, 2)
    for (const by of other(root)) {
      expect(await sweep(root, { order: { reachedBy: by } })).toMatchObject({
        ...{ outcome: 'failed', detail: mountedMeanwhile, removed: 0 },
      })
      const skipped = { kind: 'skipped', path: root, reason: mountedMeanwhile, failed: true }
      expect(walkedBy(root, by)).toEqual([skipped])
    }
    const { outcome, removed } = await sweep(root, { order: { reachedBy: reachedBy(root) } })
    expect([outcome, removed]).toEqual(['done', 2])
    expect(walkedBy(root, reachedBy(root)).some(({ kind }) => kind === 'skipped')).toBe(false)
  })

  it('nor swept by a helper that finds it so', async () => {
    const root = tree(12, 2)
    const [by = null] = other(root)
    const { removed, helper } = await sweep(root, { toHelper: { reachedBy: by } })
    expect(removed).toBe(12)
    expect(helper?.isReady()).toBe(false)
    expect((await sweep(tree(12, 2), { order: { reachedBy: reachedBy(root) } })).given).toBeGreaterThan(0)
  })

  it('what cannot be opened has none', () => {
    expect(reachedBy(join(top, 'nothing'))).toBeNull()
  })
})

describe.runIf(canMount)(
  'what is mounted after the look at the mounts, though of the same file system',
  () => {
    /** `d1` is a bind mount of another folder, as if it had not been there. */
    const bound = (): { root: string; canary: string; at: string } => {
      const [root, canary] = [tree(3, 2), tree(1, 2)]
      const at = join(root, 'd1')
      execFileSync('mount', ['--bind', canary, at])
      onTestFinished(() => void spawnSync('umount', ['-l', at]))
      expect(statSync(at).dev).toBe(statSync(root).dev)
      return { root, canary, at }
    }
    const walked = (root: string, mountIds: number[] = []) =>
      [
        ...walkTree(root, {
          ...{ recurse: true, oneFileSystem: false, mountPoints: new Set<string>() },
          mountIds: new Set(mountIds),
          reachedBy: null,
        }),
      ].flatMap((step) => (step.kind === 'skipped' ? [[step.path, step.reason]] : []))
    const idOf = (path: string): number => {
      const fd = openSync(path, 'r')
      onTestFinished(() => closeSync(fd))
      return mountIdOf(fd) ?? -1
    }

    it('is neither swept nor walked, unless it may be entered', async () => {
      const { root, canary, at } = bound()
      const { left, removed } = await sweep(root, { order: { oneFileSystem: false } })
      expect(left).toEqual([{ path: at, reason: 'something is mounted there', failed: false }])
      expect(removed).toBe(2)
      expect(filesIn(canary)).toHaveLength(2)
      expect(walked(root)).toEqual([[at, 'something is mounted there']])
      expect(walked(root, [idOf(at)])).toEqual([])
      const open = { oneFileSystem: false, mountIds: [idOf(at)] }
      expect(await sweep(root, { order: open })).toMatchObject({ left: [], removed: 1 })
      expect(filesIn(canary)).toEqual(['f1'])
    })

    it('nor where a folder above it was renamed since', async () => {
      const { root, canary, at } = bound()
      renameSync(root, `${root}-b`)
      mkdirSync(root)
      renameSync(`${root}-b`, join(root, 'b'))
      onTestFinished(() => void spawnSync('umount', ['-l', join(root, 'b/d1')]))
      const { left } = await sweep(root, { order: { mountPoints: [at] } })
      expect(left).toEqual([
        { path: join(root, 'b/d1'), reason: 'something is mounted there', failed: false },
      ])
      expect(filesIn(canary)).toHaveLength(2)
    })

    it('the numbers are those of mountinfo', () => {
      const { at } = bound()
      const line = readFileSync('/proc/self/mountinfo', 'utf8')
        .split('\n')
        .find((text) => text.split(' ')[4] === at)
      expect(String(idOf(at))).toBe(line?.split(' ')[0])
    })
  },
)
