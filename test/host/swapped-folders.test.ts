import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { SweepAction } from '../../src/core/action.ts'
import type { HostBase } from '../../src/host/base.ts'
import { removeEntriesChange } from '../../src/host/remove-entries-change.ts'
import { sweepChange } from '../../src/host/sweep-change.ts'
import { startHelper } from '../../src/host/sweep-crew.ts'
import { walkTree } from '../../src/host/walk-tree.ts'
import { judgeOf } from '../../src/plan/cleanup.ts'
import { bundleHelper, withModules } from '../support/bundle-with-calls.ts'
import { sweepOrder, usualWish } from '../support/sweep-order.ts'
import { memoryFolder } from '../support/temp-folder.ts'

// In memory, where swaps are five times as fast; a disk would only make both wait for its journal.
const top = memoryFolder('swapped')
const swaps = 100_000

/**
 * Puts a link to the canary in the place of the folder and back, as fast as it can; one folder on the way and the last. So often at
 * least, and until the other side has had its rounds, however fast either of them is.
 */
const attacker = `
import itertools, os, sys
tmp, canary, swaps, enough = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
spots = [tmp + "/mid", tmp + "/mid/end"]
print("on", flush=True)
for i in itertools.count():
    if i >= swaps // 2 and i % 100 == 0 and os.path.exists(enough): break
    spot = spots[i % 2]
    real = spot + ".real"
    os.rename(spot, real)
    os.symlink(canary if i % 2 == 0 else canary + "/end", spot)
    os.unlink(spot)
    os.rename(real, spot)
    if i % 20 == 0:
        with open(tmp + "/mid/end/f%d" % (i % 400), "w"): pass
`

/** Removes all files below a folder, once; how many. */
type Clean = (tmp: string) => Promise<number>

const byList: Clean = async (tmp) => {
  let removed = 0
  for (const step of walkTree(tmp, {
    recurse: true,
    oneFileSystem: true,
    mountPoints: new Set(),
    mountIds: new Set(),
    reachedBy: null,
  })) {
    if (step.kind !== 'entries') continue
    const entries = step.entries.filter(({ kind }) => kind === 'file')
    if (entries.length === 0) continue
    const action = {
      ...({ kind: 'remove-entries', what: 'file', byAtime: false } as const),
      ...{ folder: step.folder, entries, reason: '' },
    }
    const { removals = [] } = await removeEntriesChange(action).perform()
    removed += removals.filter(({ kind }) => kind === 'removed').length
  }
  return removed
}

/** With a helper it gets all folders but the first one. */
const bySweep =
  (helper: typeof startHelper | null): Clean =>
  async (tmp) => {
    let removed = 0
    // Not the attacker's links, which he needs.
    const order = sweepOrder(tmp, { wish: { ...usualWish, match: ['f*'], olderThanMs: -86_400_000 } })
    const action: SweepAction = {
      kind: 'sweep',
      order,
      judge: judgeOf(order.wish),
      take: (part) => {
        removed += part.removed
      },
      namesWanted: () => 0,
      isOver: async () => false,
      reason: '',
    }
    const base = {} as HostBase
    const helperFrom = { entries: 0, folders: 1, manyFolders: 1, own: 0, askMs: 50, silentMs: 60_000 }
    expect((await sweepChange(action, { base, log: () => {}, helper, helperFrom }).perform()).outcome).toBe(
      'done',
    )
    return removed
  }

let helpers = 0
const helperFile = bundleHelper(withModules(join(top, 'helper')))
const countedHelper: typeof startHelper = (order) => {
  helpers++
  return startHelper(order, helperFile)
}

describe.each([
  ['by lists', byList],
  ['by a sweep', bySweep(null)],
  ['by a sweep with a helper', bySweep(countedHelper)],
])('a folder that is swapped for a symlink again and again while it is cleaned %s', (way, clean) => {
  it('nothing outside is ever removed', async () => {
    const tmp = join(top, way, 'tmp')
    const canary = join(top, way, 'canary')
    mkdirSync(join(tmp, 'mid/end'), { recursive: true })
    mkdirSync(join(canary, 'end'), { recursive: true })
    const names = Array.from({ length: 400 }, (_, i) => `f${i}`)
    for (const name of names) {
      writeFileSync(join(canary, name), name)
      writeFileSync(join(canary, 'end', name), name)
      utimesSync(join(canary, name), 0, 0)
    }
    const enough = join(top, way, 'enough')
    const child = spawn('python3', ['-c', attacker, tmp, canary, String(swaps), enough], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
    await new Promise((resolve) => child.stdout.once('data', resolve))
    let isOver = false
    ended.then(() => {
      isOver = true
    })
    let removed = 0
    let rounds = 0
    while (!isOver) {
      rounds++
      removed += await clean(tmp)
      // It did clean meanwhile, else nothing is shown.
      if (Math.min(removed, rounds, way.includes('helper') ? helpers : rounds) > 20) writeFileSync(enough, '')
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await ended).toBe(0)
    expect(readdirSync(canary).sort()).toEqual([...names, 'end'].sort())
    expect(readdirSync(join(canary, 'end')).sort()).toEqual([...names].sort())
  })
})
