import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createFile } from '../../src/host/replace-file.ts'
import { leftoversToPrune } from '../../src/store/prune.ts'
import { liveBase } from '../support/bases.ts'
import { bundle } from '../support/bundle.ts'
import { memoryFolder } from '../support/temp-folder.ts'

const top = memoryFolder('replace')

/** One letter, as often as its place in the alphabet says, and the line break: nothing cut off, nothing mixed. */
const isWhole = (text: string): boolean => {
  const letter = text[0] ?? ''
  return text === `${letter.repeat(20_000 + 'abcdefgh'.indexOf(letter) * 10_000)}\n`
}

it('who reads meanwhile, and who comes after a kill -9 at any moment, finds a whole file', async () => {
  const script = bundle('host/child/replace-loop.ts', top)
  const folder = join(top, 'state')
  mkdirSync(folder)
  const path = join(folder, 'state.json')
  for (let kills = 0; kills < 8; kills++) {
    const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(child, 'exit')
    await once(child.stdout, 'data')
    for (let reads = 0; reads < 200 + kills * 37; reads++)
      expect(isWhole(readFileSync(path, 'utf8'))).toBe(true)
    child.kill('SIGKILL')
    await ended
    expect(isWhole(readFileSync(path, 'utf8'))).toBe(true)
  }
  // What the killed ones left is known by its name and goes after a day.
  const names = readdirSync(folder).filter((name) => name !== 'state.json')
  const files = names.map((name) => ({ name, sizeBytes: 1, modifiedAtMs: 0 }))
  expect(leftoversToPrune(files, 2 * 86_400_000)).toEqual(names)
})

it('createFile makes a file only where nothing is', () => {
  const path = join(top, 'new')
  expect(createFile(path, 'a', 0o600, liveBase)).toEqual({ kind: 'value', value: true })
  expect(createFile(path, 'b', 0o600, liveBase)).toEqual({ kind: 'value', value: false })
  symlinkSync('/nowhere', join(top, 'dangling'))
  expect(createFile(join(top, 'dangling'), 'c', 0o600, liveBase)).toEqual({ kind: 'value', value: false })
  writeFileSync(join(top, 'file'), '')
  expect(createFile(join(top, 'file/x'), 'd', 0o600, liveBase).kind).toBe('failed')
  expect(readFileSync(path, 'utf8')).toBe('a')
})
