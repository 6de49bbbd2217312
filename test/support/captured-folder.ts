import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { HostBase } from '../../src/host/base.ts'
import { capturedBase } from './bases.ts'

/** A host captured in a new folder, removed after the test; `files` are by their path on that host. */
export const captureOf = (files: Record<string, string | Uint8Array>, below = tmpdir()): HostBase => {
  const root = mkdtempSync(join(below, 'oh-captured-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(root + path), { recursive: true })
    writeFileSync(root + path, content)
  }
  return capturedBase(root)
}
