import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeSave } from '../../src/host/save.ts'
import {
  type AppliedLimit,
  appliedLimitsPath,
  loadAppliedLimits,
  saveAppliedLimits,
} from '../../src/store/applied-limits.ts'
import { liveBase } from '../support/bases.ts'
import { memoryFolder } from '../support/temp-folder.ts'

const top = memoryFolder('applied-limits')
const save = makeSave(liveBase, () => 1_800_000_000_000)
const one: AppliedLimit = {
  service: 'web',
  via: 'container',
  ref: 'c0ffee',
  before: { memoryBytes: null, reservationBytes: 4096 },
  runtime: false,
}

let count = 0
const fresh = (content?: string): string => {
  const folder = join(top, String(count++))
  mkdirSync(folder)
  if (content !== undefined) writeFileSync(appliedLimitsPath(folder), content, { mode: 0o640 })
  return folder
}

describe('what limits apply found before it', () => {
  it('is kept as it was, readable by root and its group', () => {
    const folder = fresh()
    expect(loadAppliedLimits(save, folder)).toEqual([])
    expect(saveAppliedLimits(save, folder, [one]).kind).toBe('value')
    expect(loadAppliedLimits(save, folder)).toEqual([one])
    expect(statSync(appliedLimitsPath(folder)).mode & 0o777).toBe(0o640)
  })

  it('a broken file is moved aside, whatever is in it, and nothing is made up', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (content) => {
        const folder = fresh(content)
        expect(loadAppliedLimits(save, folder)).toEqual([])
        if (content !== '') expect(readdirSync(folder).join(' ')).not.toBe('limits.json')
      }),
      { numRuns: 50 },
    )
  })
})
