import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FailureMemory, noteFailure } from '../../src/core/failure-memory.ts'
import { makeSave } from '../../src/host/save.ts'
import { failuresPath, loadFailures, saveFailures } from '../../src/store/failures.ts'
import { tempFolder } from '../support/temp-folder.ts'

const top = tempFolder('failures')
const save = makeSave({ uid: process.getuid?.() ?? 0, pid: process.pid }, Date.now)
let count = 0
const folder = (): string => join(top, String(count++))

const some = noteFailure(new Map(), { key: 'hook a', circumstance: 'x', cause: 'status 1' }, 1000)

describe('failures.json', () => {
  it('is what was saved, closed to others', () => {
    const at = folder()
    expect(loadFailures(save, failuresPath(at)).size).toBe(0)
    expect(saveFailures(save, failuresPath(at), new Map(), some, 2000)).toMatchObject({ kind: 'value' })
    expect(loadFailures(save, failuresPath(at))).toEqual(some)
    expect(statSync(failuresPath(at)).mode & 0o777).toBe(0o640)
  })

  it('is not touched when nothing has changed', () => {
    const at = folder()
    const memory: FailureMemory = new Map()
    saveFailures(save, failuresPath(at), memory, memory, 0)
    expect(loadFailures(save, failuresPath(at)).size).toBe(0)
    expect(() => readdirSync(at)).toThrow()
  })

  it('broken at any byte it is none or whole, and the broken file is kept aside', () => {
    const at = folder()
    saveFailures(save, failuresPath(at), new Map(), some, 2000)
    const text = readFileSync(failuresPath(at), 'utf8')
    for (let length = 0; length < text.length; length++) {
      writeFileSync(failuresPath(at), text.slice(0, length))
      // Without its last line end it is whole all the same.
      const { size } = loadFailures(save, failuresPath(at))
      if (length < text.length - 1) expect(size).toBe(0)
    }
    expect(readdirSync(at).some((name) => name.startsWith('failures.json.broken-'))).toBe(true)
  })

  it('whatever stands in it, reading does not throw', () => {
    const at = folder()
    saveFailures(save, failuresPath(at), new Map(), some, 2000)
    fc.assert(
      fc.property(fc.json(), (json) => {
        writeFileSync(failuresPath(at), `{"version":1,"entries":${json}}`)
        for (const { failures } of loadFailures(save, failuresPath(at)).values())
          expect(failures).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 50 },
    )
  })
})
