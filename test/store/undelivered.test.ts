import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeSave } from '../../src/host/save.ts'
import {
  loadUndelivered,
  saveUndelivered,
  type Undelivered,
  undeliveredPath,
} from '../../src/store/undelivered.ts'
import { tempFolder } from '../support/temp-folder.ts'

const top = tempFolder('undelivered')
const save = makeSave({ uid: process.getuid?.() ?? 0, pid: process.pid }, Date.now)
let count = 0
const folder = (): string => join(top, String(count++))

const some: Undelivered = {
  target: '0a1b2c3d',
  status: 'critical',
  title: 'box: 1 critical',
  lines: ['CRIT wallet'],
}

describe('undelivered.json', () => {
  it('is what was saved, closed to others, and gone when all is told', () => {
    const at = folder()
    expect(loadUndelivered(save, at)).toEqual([])
    saveUndelivered(save, at, [some])
    expect(loadUndelivered(save, at)).toEqual([some])
    expect(statSync(undeliveredPath(at)).mode & 0o777).toBe(0o640)
    saveUndelivered(save, at, [])
    expect(existsSync(undeliveredPath(at))).toBe(false)
  })

  it('of many lines the newest are kept, of long ones the beginning', () => {
    const at = folder()
    const lines = Array.from({ length: 300 }, (_, i) => `${i} ${'x'.repeat(1000)}`)
    saveUndelivered(save, at, [{ ...some, lines }])
    const [kept] = loadUndelivered(save, at)
    expect(kept?.lines).toHaveLength(100)
    expect(kept?.lines.at(-1)).toMatch(/^299 x{496}$/)
  })

  it('cut off at any byte it is none or whole', () => {
    const at = folder()
    saveUndelivered(save, at, [some])
    const text = readFileSync(undeliveredPath(at), 'utf8')
    for (let length = 0; length < text.length - 1; length++) {
      writeFileSync(undeliveredPath(at), text.slice(0, length))
      expect(loadUndelivered(save, at)).toEqual([])
    }
  })

  it('whatever stands in it, what is read has its form', () => {
    const at = folder()
    saveUndelivered(save, at, [some])
    const odd = fc.record(
      { target: fc.anything(), status: fc.anything(), title: fc.anything(), lines: fc.anything() },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.array(odd).map((all) => JSON.stringify(all)),
        ),
        (json) => {
          writeFileSync(undeliveredPath(at), `{"version":1,"entries":${json}}`)
          for (const { title, lines } of loadUndelivered(save, at)) {
            expect(title).toBeTypeOf('string')
            expect(Array.isArray(lines)).toBe(true)
          }
        },
      ),
      { numRuns: 100 },
    )
  })
})
