import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { removeEntriesChange } from '../../src/host/remove-entries-change.ts'
import { walkTree } from '../../src/host/walk-tree.ts'
import { tempFolder } from '../support/temp-folder.ts'

const top = tempFolder('swapped')
const swaps = 100_000

/** Puts a link to the canary in the place of the folder and back, as fast as it can; one folder on the way and the last. */
const attacker = `
import os, sys
tmp, canary, swaps = sys.argv[1], sys.argv[2], int(sys.argv[3])
spots = [tmp + "/mid", tmp + "/mid/end"]
print("on", flush=True)
for i in range(swaps // 2):
    spot = spots[i % 2]
    real = spot + ".real"
    os.rename(spot, real)
    os.symlink(canary if i % 2 == 0 else canary + "/end", spot)
    os.unlink(spot)
    os.rename(real, spot)
    if i % 20 == 0:
        with open(tmp + "/mid/end/f%d" % (i % 400), "w"): pass
`

describe('a folder that is swapped for a symlink again and again while it is cleaned', () => {
  it('nothing outside is ever removed', { timeout: 120_000 }, async () => {
    const tmp = join(top, 'tmp')
    const canary = join(top, 'canary')
    mkdirSync(join(tmp, 'mid/end'), { recursive: true })
    mkdirSync(join(canary, 'end'), { recursive: true })
    const names = Array.from({ length: 400 }, (_, i) => `f${i}`)
    for (const name of names) {
      writeFileSync(join(canary, name), name)
      writeFileSync(join(canary, 'end', name), name)
      utimesSync(join(canary, name), 0, 0)
    }
    const child = spawn('python3', ['-c', attacker, tmp, canary, String(swaps)], {
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
      for (const step of walkTree(tmp, { recurse: true, oneFileSystem: true, mountPoints: new Set() })) {
        if (step.kind !== 'entries') continue
        const entries = step.entries.filter(({ kind }) => kind === 'file')
        if (entries.length === 0) continue
        const action = {
          kind: 'remove-entries',
          folder: step.folder,
          what: 'file',
          entries,
          reason: '',
        } as const
        const { removals = [] } = await removeEntriesChange(action).perform()
        removed += removals.filter(({ kind }) => kind === 'removed').length
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await ended).toBe(0)
    // It did clean meanwhile, else nothing is shown.
    expect(removed).toBeGreaterThan(20)
    expect(rounds).toBeGreaterThan(20)
    expect(readdirSync(canary).sort()).toEqual([...names, 'end'].sort())
    expect(readdirSync(join(canary, 'end')).sort()).toEqual([...names].sort())
  })
})
