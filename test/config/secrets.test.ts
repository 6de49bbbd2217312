import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hideCredentials, readSecretFile } from '../../src/config/secrets.ts'
import { makeFiles } from '../../src/host/files.ts'
import type { Host } from '../../src/host/host.ts'
import { liveBase } from '../support/bases.ts'
import { tempFolder } from '../support/temp-folder.ts'

const folder = tempFolder('secret-files')
const host = { files: makeFiles(liveBase) } as unknown as Host
const secretIn = (content: string) => {
  const path = join(folder, 'pass')
  writeFileSync(path, content)
  return readSecretFile(host, path)
}

describe('a secret in a file', () => {
  it.each([
    ['as editors write it', 'hunter2\n', 'hunter2'],
    ['with a Windows line end', 'hunter2\r\n', 'hunter2'],
    ['with spaces of its own', ' hunter 2 ', ' hunter 2 '],
  ])('%s', (_, content, value) => {
    expect(secretIn(content)).toEqual({ kind: 'value', value })
  })

  it.each([
    ['nothing', '', 'is empty'],
    ['an empty line', '\n', 'is empty'],
    ['two lines, which would be two headers', 'a\nX: b\n', 'holds more than one line'],
    ['a wrong file', 'x'.repeat(65_537), 'is larger than 64.0 KiB'],
  ])('%s is none', (_, content, detail) => {
    expect(secretIn(content)).toMatchObject({ kind: 'failed', cause: 'malformed', detail })
  })

  it('that is not there is absent', () => {
    expect(readSecretFile(host, join(folder, 'nope'))).toMatchObject({ kind: 'absent' })
  })
})

describe('credentials in an address', () => {
  it.each([
    ['http://u:p@h/x', 'http://***@h/x'],
    ['http://u:p@ss/w@h/x', 'http://***@h/x'],
    ['postgres://u@h', 'postgres://***@h'],
    ['http://h/x?mail=a@b', 'http://h/x?mail=a@b'],
    ['ops@example.org', 'ops@example.org'],
  ])('%s is shown as %s', (text, shown) => {
    expect(hideCredentials(text)).toBe(shown)
  })
})
