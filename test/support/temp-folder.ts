import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** A folder of this test file's own, real path, removed at its end. */
export const tempFolder = (name: string, parent = tmpdir()): string => {
  const folder = mkdtempSync(join(parent, `oh-${name}-`))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
