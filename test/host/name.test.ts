import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeOutput } from '../../src/host/output.ts'
import { makeHost } from '../../src/host/real.ts'
import { tempFolder } from '../support/temp-folder.ts'

const top = tempFolder('name')

const nameOf = (name: string, files: Record<string, string>): string => {
  const root = join(top, name)
  for (const folder of ['cmd', 'etc']) mkdirSync(join(root, folder), { recursive: true })
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text)
  const rest = { dryRun: false, logAction: () => {}, onEndSignal: () => {}, out: makeOutput(process) }
  return makeHost({ root, ...rest }).hostname
}

it('another root is called as the capture has it, else by its /etc/hostname, else by its folder', () => {
  expect(nameOf('a', { 'cmd/hostname': 'pi\n', 'etc/hostname': 'other\n' })).toBe('pi')
  expect(nameOf('b', { 'etc/hostname': 'oldhost\n' })).toBe('oldhost')
  expect(nameOf('commented', { 'etc/hostname': '# set by cloud-init\n\nweb1\n' })).toBe('web1')
  expect(nameOf('c', { 'etc/hostname': '\n' })).toBe(join(top, 'c'))
  expect(nameOf('d', {})).toBe(join(top, 'd'))
})
