import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished } from 'vitest'

/** A folder of this test file's own, or of the test that asks for it; real path, removed at its end. */
export const tempFolder = (name: string, parent = tmpdir()): string => {
  const folder = mkdtempSync(join(parent, `oh-${name}-`))
  const isOfTest = expect.getState().currentTestName !== undefined
  const atEnd = isOfTest ? onTestFinished : afterAll
  atEnd(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The same in memory, where there is room for so many files: on a disk it is slower, and no less true. */
export const memoryFolder = (name: string, files = 50_000): string => tempFolder(name, inMemory(files))

/** Containers often have 64 MB of it, and a file has a page at least. */
export const inMemory = (files: number): string => {
  if (!existsSync('/dev/shm')) return tmpdir()
  const { ffree, bavail, bsize } = statfsSync('/dev/shm')
  return ffree > 2 * files && bavail * bsize > 256 * 1024 ** 2 ? '/dev/shm' : tmpdir()
}
