import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeSave } from '../../src/host/save.ts'
import { addTotals, readTotals, totalsPath } from '../../src/store/totals.ts'
import { liveBase } from '../support/bases.ts'
import { memoryFolder } from '../support/temp-folder.ts'

const top = memoryFolder('totals')
const save = makeSave(liveBase, () => 0)
const folder = (): string => mkdtempSync(join(top, 'x-'))

describe('the totals of a command', () => {
  it('add up over runs, and begin at 0 with the first', () => {
    const at = folder()
    expect(readTotals(save, at, 'cleanup-tmp')).toBeNull()
    addTotals(save, at, 'cleanup-tmp', { done: 0, failed: 0 })
    expect(readTotals(save, at, 'cleanup-tmp')).toEqual({ done: 0, failed: 0 })
    addTotals(save, at, 'cleanup-tmp', { done: 3, failed: 0 })
    addTotals(save, at, 'cleanup-tmp', { done: 2, failed: 1 })
    expect(readTotals(save, at, 'cleanup-tmp')).toEqual({ done: 5, failed: 1 })
    expect(readTotals(save, at, 'kill-orphans')).toBeNull()
  })

  it('are not written by a run that did nothing', () => {
    const at = folder()
    addTotals(save, at, 'x', { done: 1 })
    const { ino } = statSync(totalsPath(at, 'x'))
    addTotals(save, at, 'x', { done: 0 })
    expect(statSync(totalsPath(at, 'x')).ino).toBe(ino)
  })

  it('begin anew where the file is broken, and count nothing that is no count', () => {
    const at = folder()
    addTotals(save, at, 'x', { done: 7 })
    const path = totalsPath(at, 'x')
    writeFileSync(path, readFileSync(path, 'utf8').replace('7', '9'))
    expect(readTotals(save, at, 'x')).toBeNull()
    addTotals(save, at, 'x', { done: 1 })
    expect(readTotals(save, at, 'x')).toEqual({ done: 1 })
    writeFileSync(path, '{"version":1,"done":-1,"a":"b","c":1e400,"d":2}\n')
    expect(readTotals(save, at, 'x')).toEqual({ d: 2 })
    writeFileSync(path, 'x')
    expect(readTotals(save, at, 'x')).toBeNull()
  })
})
