import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { FreezableCgroup } from '../../src/host/freezer.ts'
import { whileFrozen } from '../../src/host/frozen-moment.ts'
import { readFrozen } from '../../src/host/frozen-note.ts'
import { thawChange } from '../../src/host/thaw-change.ts'
import { liveBase } from '../support/bases.ts'
import { tempFolder } from '../support/temp-folder.ts'

// Folders that look like cgroups: no real one lets its thaw fail. The real ones are in fork-storm.test.ts.
const top = tempFolder('frozen')

const arrange = () => {
  const folder = mkdtempSync(join(top, 'house-'))
  const cgroup = (name: string): FreezableCgroup => {
    const own = join(folder, name)
    mkdirSync(own)
    writeFileSync(join(own, 'cgroup.freeze'), '0')
    writeFileSync(join(own, 'cgroup.events'), 'frozen 1\n')
    return { folder: own, version: 2, inode: 1 }
  }
  return { note: join(folder, 'frozen.json'), cgroup }
}
const switchOf = ({ folder }: FreezableCgroup): string => join(folder, 'cgroup.freeze')
/** So that nothing can be written to it, nor read. */
const jam = (one: FreezableCgroup): void => {
  rmSync(switchOf(one))
  mkdirSync(switchOf(one))
}
const noted = (note: string): string[] => (readFrozen(note)?.cgroups ?? []).map(({ folder }) => folder)

describe('while cgroups are frozen', () => {
  it('they stand in the note; after it they go on and it is gone', () => {
    const { note, cgroup } = arrange()
    const [a, b] = [cgroup('a'), cgroup('b')]
    const during: unknown[] = []
    const moment = whileFrozen(liveBase, [a, b], note, () => {
      during.push(noted(note), readFileSync(switchOf(a), 'utf8'), readFileSync(switchOf(b), 'utf8'))
    })
    expect(moment).toMatchObject({ stillFrozen: [] })
    expect(during).toEqual([[a.folder, b.folder], '1', '1'])
    expect([readFileSync(switchOf(a), 'utf8'), existsSync(note)]).toEqual(['0', false])
  })

  it('one that cannot be thawed is told and stays in the note, also when others are frozen after it', () => {
    const { note, cgroup } = arrange()
    const [a, b] = [cgroup('a'), cgroup('b')]
    expect(whileFrozen(liveBase, [a], note, () => jam(a))).toMatchObject({ stillFrozen: [a.folder] })
    expect(noted(note)).toEqual([a.folder])
    whileFrozen(liveBase, [b], note, () => expect(noted(note)).toEqual([a.folder, b.folder]))
    expect(noted(note)).toEqual([a.folder])
    // Removed, it is no matter any more.
    rmSync(a.folder, { recursive: true })
    whileFrozen(liveBase, [b], note, () => {})
    expect(existsSync(note)).toBe(false)
  })

  it('thaws also when the work fails', () => {
    const { note, cgroup } = arrange()
    const a = cgroup('a')
    const fails = () => {
      throw new Error('no')
    }
    expect(() => whileFrozen(liveBase, [a], note, fails)).toThrow('no')
    expect([readFileSync(switchOf(a), 'utf8'), existsSync(note)]).toEqual(['0', false])
  })

  it('with nothing to freeze, or no place for the note, does nothing', () => {
    const { note, cgroup } = arrange()
    expect(whileFrozen(liveBase, [], note, expect.unreachable)).toBeNull()
    const a = cgroup('a')
    expect(whileFrozen(liveBase, [a], join(note, 'no-such-folder'), expect.unreachable)).toBeNull()
    expect(readFileSync(switchOf(a), 'utf8')).toBe('0')
  })
})

it('a note that cannot be removed stays, and that is no defect', async () => {
  const note = mkdtempSync(join(top, 'note-'))
  const change = thawChange({ kind: 'thaw', note, reason: 'a test' }, liveBase)
  expect(await change.perform()).toMatchObject({
    outcome: 'done',
    detail: expect.stringContaining(`${note} stays: `),
  })
})
