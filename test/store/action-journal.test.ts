import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Reading, valueOrNull } from '../../src/core/reading.ts'
import { makeSave } from '../../src/host/save.ts'
import { openJournal } from '../../src/store/action-journal.ts'
import { type JournalEntry, maxEntries, readJournalText } from '../../src/store/journal-text.ts'
import { liveBase } from '../support/bases.ts'
import { memoryFolder } from '../support/temp-folder.ts'

// In memory: hundreds of broken files are written and moved here.
const top = memoryFolder('journal')
const nowMs = new Date(2026, 0, 31, 3, 0, 0).getTime()
const save = makeSave(liveBase, () => nowMs)

let count = 0
const freshPath = (): string => {
  const folder = join(top, String(count++))
  mkdirSync(folder)
  return join(folder, 'journal.json')
}
const open = (path: string) => openJournal(save, path, () => nowMs)
const must = <T>(reading: Reading<T>): T => {
  if (reading.kind !== 'value') throw new Error(JSON.stringify(reading))
  return reading.value
}

const restart = (service = 'web'): Omit<JournalEntry, 'steps'> => ({
  service,
  cause: '3 failed checks in a row',
  beganAtMs: nowMs,
  identity: 'abc:1',
  bootId: 'b00t',
})

describe('the action journal', () => {
  it('every step is on the disk before and after it, and gone at the end', () => {
    const path = freshPath()
    const journal = open(path)
    expect(journal).toMatchObject({ problem: null })
    let entry = must(journal.begin(restart()))
    expect(open(path).entries()).toEqual([{ ...restart(), steps: [] }])
    entry = must(journal.step(entry, 'stop', 'begun'))
    expect(open(path).entries()).toEqual([
      { ...restart(), steps: [{ name: 'stop', begunAtMs: nowMs, doneAtMs: null }] },
    ])
    entry = must(journal.step(entry, 'stop', 'done'))
    expect(open(path).entries()).toEqual([
      { ...restart(), steps: [{ name: 'stop', begunAtMs: nowMs, doneAtMs: nowMs }] },
    ])
    must(journal.finish(entry))
    expect(open(path)).toMatchObject({ problem: null })
    expect(open(path).entries()).toEqual([])
    expect(statSync(path).mode & 0o777).toBe(0o640)
  })

  it('makes its folder; a second restart of the same service takes the place of the first', () => {
    const path = join(top, 'not', 'there', 'journal.json')
    const journal = open(path)
    must(journal.begin(restart()))
    must(journal.begin(restart('db')))
    must(journal.begin({ ...restart(), cause: 'again' }))
    expect(
      open(path)
        .entries()
        .map(({ service, cause }) => [service, cause]),
    ).toEqual([
      ['db', '3 failed checks in a row'],
      ['web', 'again'],
    ])
  })

  it('says when it could not be written, and keeps what was on the disk', () => {
    const path = freshPath()
    const full = {
      kind: 'failed',
      cause: 'io',
      what: path,
      detail: 'no space left on device (ENOSPC)',
    } as const
    let isFull = false
    const tight = {
      ...save,
      replace: (...args: Parameters<typeof save.replace>) => (isFull ? full : save.replace(...args)),
    }
    const journal = openJournal(tight, path, () => nowMs)
    const entry = must(journal.begin(restart()))
    isFull = true
    expect(journal.step(entry, 'stop', 'begun')).toEqual(full)
    expect(journal.begin(restart('db'))).toEqual(full)
    expect(journal.finish(entry)).toEqual(full)
    expect(journal.entries()).toEqual([entry])
    expect(open(path).entries()).toEqual([entry])
  })

  it('a restart that ends leaves what is due because of it, in one write, and nothing that is under way is lost', () => {
    const path = freshPath()
    const texts: string[] = []
    const watched = {
      ...save,
      replace: (...args: Parameters<typeof save.replace>) => {
        texts.push(args[1])
        return save.replace(...args)
      },
    }
    const journal = openJournal(watched, path, () => nowMs)
    must(journal.begin(restart('front')))
    const db = must(journal.begin(restart('db')))
    texts.length = 0
    const due = (service: string) => ({ ...restart(service), follows: 'db' })
    must(journal.finish(db, [due('worker'), due('front')]))
    expect(texts).toHaveLength(1)
    expect(open(path).entries()).toEqual([
      { ...restart('front'), steps: [] },
      { ...due('worker'), steps: [] },
    ])
    // Begun, it is due no more.
    must(journal.begin(restart('worker')))
    expect(open(path).entries().at(-1)).toEqual({ ...restart('worker'), steps: [] })
  })

  it('is bounded, and what it is given is', () => {
    const path = freshPath()
    const journal = open(path)
    for (let i = 0; i < maxEntries + 5; i++) must(journal.begin(restart(`s${i}`)))
    let entry = must(journal.begin({ ...restart('long'), cause: '\n'.repeat(100_000) }))
    for (let i = 0; i < 60; i++) entry = must(journal.step(entry, 'hook', 'done'))
    const again = open(path)
    expect(again.problem).toBeNull()
    expect(again.entries()).toHaveLength(maxEntries)
    expect(again.entries().at(-1)?.steps).toHaveLength(50)
    expect(statSync(path).size).toBeLessThan(100_000)
  })
})

describe('a broken journal', () => {
  const entryOf = (path: string): JournalEntry => {
    const journal = open(path)
    return must(journal.step(must(journal.begin(restart('größe'))), 'stop', 'begun'))
  }

  it('cut off after any byte is set aside and said; only its last line break can be spared', () => {
    const whole = freshPath()
    const entry = entryOf(whole)
    const bytes = readFileSync(whole)
    const survivors: number[] = []
    for (const length of bytes.keys()) {
      const path = freshPath()
      writeFileSync(path, bytes.subarray(0, length))
      const journal = open(path)
      if (journal.problem === null) {
        survivors.push(length)
        expect(journal.entries()).toEqual([entry])
        continue
      }
      expect(journal.entries()).toEqual([])
      expect(readFileSync(journal.problem.setAsideTo ?? '').equals(bytes.subarray(0, length))).toBe(true)
      expect(valueOrNull(journal.begin(restart()))).not.toBeNull()
      expect(open(path)).toMatchObject({ problem: null })
    }
    expect(survivors).toEqual([bytes.length - 1])
  })

  it('with a flipped bit anywhere it is noticed, or as good as before', () => {
    const whole = freshPath()
    const entry = entryOf(whole)
    const bytes = readFileSync(whole)
    for (const [at, byte] of bytes.entries()) {
      const broken = Buffer.from(bytes)
      broken[at] = byte ^ 1
      const { entries, wrong } = readJournalText(broken.toString('utf8'))
      if (wrong === null) expect(entries).toEqual([entry])
    }
  })

  it.each([
    ['', 'it is empty'],
    ['null', 'it is not JSON, or cut off'],
    ['{"version":2,"entries":[]}', 'it is of another version'],
    ['{"version":1}', 'it has no list of entries'],
    ['{"version":1,"entries":{}}', 'it has no list of entries'],
    ['{"version":1,"entries":[1,null,{}]}', 'wrong in it: 3 of 3 entries'],
  ])('%s', (text, detail) => {
    const path = freshPath()
    writeFileSync(path, text)
    expect(open(path)).toMatchObject({ problem: { detail, setAsideTo: `${path}.broken-20260131_030000` } })
    expect(readdirSync(join(path, '..'))).toEqual(['journal.json.broken-20260131_030000'])
  })

  it.each([
    { service: 7 },
    { service: 'x'.repeat(2000) },
    { beganAtMs: -1 },
    { beganAtMs: '1' },
    { identity: undefined },
    { bootId: 1 },
    { follows: null },
    { steps: null },
    { steps: [{ name: 'reboot', begunAtMs: 1, doneAtMs: null }] },
    { steps: [{ name: 'stop', begunAtMs: 1 }] },
    { steps: Array(51).fill({ name: 'stop', begunAtMs: 1, doneAtMs: 1 }) },
  ])('what is right in it is used: another entry with %j', (odd) => {
    const good = { ...restart(), steps: [] }
    const text = JSON.stringify({ version: 1, entries: [good, { ...good, ...odd }] })
    expect(readJournalText(text)).toEqual({ entries: [good], wrong: 'wrong in it: 1 of 2 entries' })
  })

  it('property: never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(Array.isArray(readJournalText(text).entries)).toBe(true)
      }),
    )
  })
})
