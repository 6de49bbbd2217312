import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeLineSplitter } from '../../src/host/line-splitter.ts'
import { readFileLines, readProgramLines } from '../../src/host/log-lines.ts'
import { liveBase } from '../support/bases.ts'
import { tempFolder } from '../support/temp-folder.ts'

const folder = tempFolder('log-lines')
const bounds = { maxMs: 200_000 }

const linesOf = async (path: string, more = {}) => {
  const lines: string[] = []
  const read = await readFileLines(liveBase, path, (line) => lines.push(line), { ...bounds, ...more })
  return { lines, read }
}

describe('lines of pieces', () => {
  it('are the lines of the whole, wherever it is cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.nat(50)), (text, cuts) => {
        const lines: string[] = []
        const splitter = makeLineSplitter((line) => lines.push(line))
        let bytes = Buffer.from(text)
        for (const cut of cuts) {
          splitter.push(bytes.subarray(0, cut))
          bytes = bytes.subarray(cut)
        }
        splitter.push(bytes)
        splitter.end()
        const expected = text.split('\n')
        if (expected.at(-1) === '') expected.pop()
        expect(lines).toEqual(expected)
      }),
    )
  })

  it('are those that a filter wants, wherever it is cut, and all are counted', () => {
    const line = fc.constantFrom('', 'x', 'a word', 'word', 'start', 'row', 'stop', 'w', 'ord')
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(12)), (all, cuts) => {
        const taken: string[] = []
        let isOpen = false
        const filter = {
          find: (bytes: Uint8Array, from: number) => {
            const at = Buffer.from(bytes)
              .toString('latin1')
              .slice(from)
              .search(/word|start/)
            return at === -1 ? -1 : at + from
          },
          wantsAll: () => isOpen,
        }
        const splitter = makeLineSplitter((one) => {
          if (one === 'start') isOpen = true
          if (one === 'stop') isOpen = false
          taken.push(one)
        }, filter)
        let bytes = Buffer.from(all.map((one) => `${one}\n`).join(''))
        for (const cut of cuts) {
          splitter.push(bytes.subarray(0, cut))
          bytes = bytes.subarray(cut)
        }
        splitter.push(bytes)
        splitter.end()
        let open = false
        const wanted = all.filter((one) => {
          const isTaken = open || one.includes('word') || one === 'start'
          if (one === 'start') open = true
          if (one === 'stop') open = false
          return isTaken
        })
        expect(taken).toEqual(wanted)
        expect(splitter.count()).toBe(all.length)
      }),
    )
  })

  it('a line of 10 MB is cut, and the next one is whole', () => {
    const lines: string[] = []
    const splitter = makeLineSplitter((line) => lines.push(line))
    for (let i = 0; i < 100; i++) splitter.push(Buffer.alloc(100_000, 'x'))
    splitter.push(Buffer.from('\nnext\n'))
    splitter.end()
    expect(lines.map(({ length }) => length)).toEqual([16_384, 4])
  })
})

describe('a file', () => {
  it('plain and packed, with NULs and bytes that are no UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from('one\r\n'), Buffer.from([0, 255, 10]), Buffer.from('last')])
    writeFileSync(join(folder, 'plain'), bytes)
    writeFileSync(join(folder, 'packed.gz'), gzipSync(bytes))
    const plain = await linesOf(join(folder, 'plain'))
    expect(plain.lines).toEqual(['one\r', '\0\ufffd', 'last'])
    expect(plain.read).toMatchObject({ kind: 'value', value: { complete: true } })
    expect((await linesOf(join(folder, 'packed.gz'))).lines).toEqual(plain.lines)
  })

  it('a damaged packed one gives what was before the damage, and is not complete', async () => {
    const packed = gzipSync(
      Buffer.from(Array.from({ length: 50_000 }, (_, i) => `line ${i * 7919}\n`).join('')),
    )
    writeFileSync(join(folder, 'half.gz'), packed.subarray(0, packed.length >> 1))
    const { lines, read } = await linesOf(join(folder, 'half.gz'))
    expect(lines.length).toBeGreaterThan(1000)
    expect(read).toMatchObject({ value: { complete: false } })
  })

  it('its end alone, where it is bounded', async () => {
    writeFileSync(join(folder, 'long'), `${'a\n'.repeat(1000)}end\n`)
    const { lines, read } = await linesOf(join(folder, 'long'), { maxBytes: 6 })
    expect(lines).toEqual(['a', 'end'])
    expect(read).toMatchObject({ value: { complete: false } })
  })

  it.each([
    ['what is not there', 'nope', 'absent'],
    ['a folder', 'a-folder', 'failed'],
    ['a pipe, without waiting for a writer', 'a-pipe', 'failed'],
  ])('%s', async (_, name, kind) => {
    mkdirSync(join(folder, 'a-folder'), { recursive: true })
    if (name === 'a-pipe') spawnSync('mkfifo', [join(folder, name)])
    expect((await linesOf(join(folder, name))).read.kind).toBe(kind)
  })

  it('is not read in a captured root where a link leads out', async () => {
    symlinkSync('/etc/passwd', join(folder, 'out'))
    const captured = { ...liveBase, live: false, at: (path: string) => join(folder, path) }
    expect((await readFileLines(captured, '/out', () => {}, bounds)).kind).toBe('failed')
  })

  it('of 300 MB is read in little memory', async () => {
    const path = join(folder, 'big')
    const stream = createWriteStream(path)
    const block = Buffer.alloc(1024 * 1024, `${'x'.repeat(99)}\n`)
    for (let i = 0; i < 300; i++) if (!stream.write(block)) await once(stream, 'drain')
    stream.end()
    await once(stream, 'finish')
    const before = process.memoryUsage().rss
    let [count, most] = [0, 0]
    await readFileLines(
      liveBase,
      path,
      () => {
        if (++count % 100_000 === 0) most = Math.max(most, process.memoryUsage().rss)
      },
      { maxMs: 200_000 },
    )
    expect(count).toBeGreaterThan(3_000_000)
    expect(most - before).toBeLessThan(120 * 1024 ** 2)
  })
})

describe('a program', () => {
  const run = async (script: string, maxMs = 200_000) => {
    const lines: string[] = []
    const read = await readProgramLines(liveBase, ['/bin/sh', '-c', script], (line) => lines.push(line), {
      maxMs,
    })
    return { lines, read }
  }

  it('its lines, its status, and what it said on stderr', async () => {
    const { lines, read } = await run('echo one; printf two; echo oh >&2; exit 3')
    expect(lines).toEqual(['one', 'two'])
    expect(read).toMatchObject({ value: { complete: true, exitCode: 3, words: 'oh' } })
  })

  it('one that hangs is killed, and what it said is kept', async () => {
    // With more and more time until it has said it, which may take a while on a busy machine.
    for (let maxMs = 300; ; maxMs *= 2) {
      const { lines, read } = await run('echo one; exec sleep 600', maxMs)
      expect(read).toMatchObject({ value: { complete: false } })
      if (lines.length === 0 && maxMs < 60_000) continue
      expect(lines).toEqual(['one'])
      break
    }
  })

  it('one that is not there', async () => {
    expect(await readProgramLines(liveBase, ['/no/such/program'], () => {}, bounds)).toMatchObject({
      kind: 'failed',
      cause: 'tool-missing',
    })
  })
})
