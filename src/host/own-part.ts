import { join } from 'node:path'
import type { Reading } from '../core/reading.ts'
import { readRegularFile } from './read.ts'

/** A text that the build lays beside the part that this is in (scripts/build.mjs). */
export const readOwnPart = (name: string): Reading<string> => {
  const path = join(__dirname, name)
  return readRegularFile(path, path, { maxBytes: 1024 * 1024, followLast: true })
}
