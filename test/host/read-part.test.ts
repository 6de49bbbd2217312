import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeFiles } from '../../src/host/files.ts'
import { liveBase } from '../support/bases.ts'
import { tempFolder } from '../support/temp-folder.ts'

const folder = tempFolder('read-part')
const { readFrom } = makeFiles(liveBase)
const path = join(folder, 'log')

describe('a part of a file', () => {
  it.each<[offset: number, maxBytes: number, toEnd: boolean, text: string, next: number]>([
    [0, 100, false, 'one\ntwö\n', 9],
    [0, 100, true, 'one\ntwö\nhalf', 13],
    [0, 6, false, 'one\n', 4],
    [0, 6, true, 'one\n', 4],
    [4, 100, false, 'twö\n', 9],
    [9, 100, false, '', 9],
    [9, 100, true, 'half', 13],
    // Longer than the bound: in pieces.
    [0, 2, false, 'on', 2],
    [-9, 100, false, 'twö\n', 9],
    [-1000, 100, false, 'one\ntwö\n', 9],
    [1000, 100, true, '', 1000],
    [0, 0, false, '', 0],
  ])('from %i, at most %i bytes, to its end: %s', (offset, maxBytes, toEnd, text, nextOffset) => {
    writeFileSync(path, 'one\ntwö\nhalf')
    chmodSync(path, 0o640)
    const { ino: inode, uid } = statSync(path)
    expect(readFrom(path, offset, maxBytes, toEnd)).toEqual({
      kind: 'value',
      value: { text, nextOffset, inode, uid, mode: 0o640, sizeBytes: 13 },
    })
  })

  it('of a file of gigabytes is read where it lies', () => {
    const huge = join(folder, 'huge')
    writeFileSync(huge, '')
    truncateSync(huge, 5 * 1024 ** 3)
    const part = readFrom(huge, -10, 10)
    expect(part).toMatchObject({ value: { sizeBytes: 5 * 1024 ** 3, nextOffset: 5 * 1024 ** 3 } })
  })

  it('follows a symlink to a file, and to nothing else', () => {
    const link = join(folder, 'link')
    symlinkSync(path, link)
    expect(readFrom(link, 0, 4)).toMatchObject({ kind: 'value', value: { text: 'one\n' } })
    execFileSync('mkfifo', [join(folder, 'fifo')])
    mkdirSync(join(folder, 'folder'))
    symlinkSync('fifo', join(folder, 'to-fifo'))
    for (const name of ['fifo', 'folder', 'to-fifo'])
      expect(readFrom(join(folder, name), 0, 100)).toMatchObject({ kind: 'failed', cause: 'malformed' })
    expect(readFrom('/dev/zero', 0, 100)).toMatchObject({ kind: 'failed', cause: 'malformed' })
    expect(readFrom(join(folder, 'nowhere'), 0, 100).kind).toBe('absent')
  })
})
