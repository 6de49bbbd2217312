import { join } from 'node:path'
import { getAsset, isSea } from 'node:sea'
import type { Reading } from '../core/reading.ts'
import { readRegularFile } from './read.ts'

/** A text that the build lays beside the part that this is in (scripts/build.mjs), or into the single executable. */
export const readOwnPart = (name: string): Reading<string> => {
  if (isSea()) return { kind: 'value', value: getAsset(`parts/${name}`, 'utf8') }
  const path = join(__dirname, name)
  return readRegularFile(path, path, { maxBytes: 1024 * 1024, followLast: true })
}
