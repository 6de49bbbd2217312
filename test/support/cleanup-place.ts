import { chownSync, mkdirSync, mkdtempSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { ran } from './healing.ts'
import { validateDocument } from './schema.ts'

/** Three days ago. Stamps but ctime can be set back, so the age in tests is by mtime. */
export const old = new Date(Date.now() - 3 * 86_400_000)
export const byMtime = ['--by', 'mtime', '--no-keep-open']
export const left = (folder: string): string[] =>
  (readdirSync(folder, { recursive: true }) as string[]).sort()

export interface Place {
  folder: string
  tmp: string
  /** A file or, with a slash at its end, a folder; as old as three days unless young. */
  make(name: string | Buffer, content?: string, age?: 'old' | 'young'): string
  clean(...args: string[]): Promise<Cleaning>
}

export interface Cleaning {
  code: number | string | null
  text: string
  document: {
    removed: number
    removedBytes: number
    kept: number
    paths: string[]
    skipped: { path: string; reason: string }[]
    skippedCount: number
    failed: { path: string; error: string }[]
    failedCount: number
    failedAgainCount: number
    unfinished: boolean
  }
}

/** A temp folder of its own below `top`, and the program that cleans it; TMP in the config is that folder. */
export const cleanupPlace = (
  top: string,
  program: string,
  config = '',
  options: { uid?: number; env?: Record<string, string> } = {},
): Place => {
  const folder = mkdtempSync(join(top, 'place-'))
  const tmp = join(folder, 'tmp')
  mkdirSync(tmp)
  if (options.uid !== undefined) for (const own of [folder, tmp]) chownSync(own, options.uid, options.uid)
  const configFile = join(folder, 'config.yaml')
  writeFileSync(configFile, config.replaceAll('TMP', tmp), { mode: 0o600 })
  if (options.uid !== undefined) chownSync(configFile, options.uid, options.uid)
  return {
    folder,
    tmp,
    make(name, content = 'x', age = 'old') {
      const path = Buffer.concat([Buffer.from(`${tmp}/`), Buffer.from(name as string)])
      if (path.toString().endsWith('/')) mkdirSync(path, { recursive: true })
      else {
        mkdirSync(dirname(path.toString()), { recursive: true })
        writeFileSync(path, content)
      }
      if (options.uid !== undefined) chownSync(path, options.uid, options.uid)
      if (age === 'old') utimesSync(path, old, old)
      return path.toString()
    },
    async clean(...args) {
      const { code, stdout, stderr } = await ran(
        [
          ...[process.execPath, program, 'cleanup-tmp', '--json', '-c', configFile],
          ...['--state-dir', join(folder, 'state'), '--log-dir', join(folder, 'log'), ...args],
        ],
        options,
      )
      const document = stdout.startsWith('{') ? JSON.parse(stdout) : null
      if (document?.removed !== undefined) expect(validateDocument(document)).toEqual([])
      return { code, text: stdout + stderr, document }
    },
  }
}
