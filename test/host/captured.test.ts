import { mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { atBelow, readCaptured } from '../../src/host/captured.ts'
import { makeFiles } from '../../src/host/files.ts'
import { capturedBase } from '../support/bases.ts'
import { tempFolder } from '../support/temp-folder.ts'

const outside = tempFolder('outside')
const root = join(outside, 'captured')
const at = atBelow(root)
const files = makeFiles(capturedBase(root))

const put = (path: string, content: string): void => {
  mkdirSync(dirname(root + path), { recursive: true })
  writeFileSync(root + path, content)
}
const link = (path: string, target: string): void => {
  mkdirSync(dirname(root + path), { recursive: true })
  symlinkSync(target, root + path)
}

writeFileSync(join(outside, 'secret'), 'secret of the live host')
put('/etc/real', 'captured')
put('/proc/meminfo', 'MemTotal: 1 kB\n')
link('/etc/absolute', '/etc/real')
link('/etc/relative', './../etc/real')
link('/etc/up', '../../secret')
link('/etc/far-up', '../../../../../../../../../../etc/real')
link('/etc/live', join(outside, 'secret'))
link('/folder', outside)
link('/etc/loop', 'loop')
link('/usr', '/etc')
link('/chain', '/usr')

describe('a path below --root', () => {
  it.each([
    ['/etc/real', '/etc/real'],
    ['/', '/'],
    ['', '/'],
    ['/etc//./real', '/etc/real'],
    ['/etc/absolute', '/etc/real'],
    ['/etc/relative', '/etc/real'],
    ['/chain/real', '/etc/real'],
    ['/chain/../etc/real', '/etc/real'],
    ['/../../../secret', '/secret'],
    ['/etc/up', '/secret'],
    ['/etc/far-up', '/etc/real'],
    ['/etc/live', join(outside, 'secret')],
    ['/folder/secret', join(outside, 'secret')],
    ['/not/there/../here', '/not/here'],
    ['/etc/real/below/a/file', '/etc/real/below/a/file'],
  ])('%s is %s', (path, expected) => {
    expect(at(path)).toBe(expected === '/' ? `${root}/` : root + expected)
  })

  it('links in a circle lead to nothing that can be there', () => {
    expect(files.readText('/etc/loop')).toMatchObject({
      kind: 'failed',
      detail: 'name too long (ENAMETOOLONG)',
    })
  })

  it('a chain longer than the kernel follows leads nowhere too', () => {
    for (let i = 0; i < 45; i++) link(`/long/${i}`, `${i + 1}`)
    link('/long/45', join(outside, 'secret'))
    expect(files.readText('/long/0').kind).toBe('failed')
    expect(files.readText('/long/10')).toEqual({ kind: 'absent', what: '/long/10' })
  })

  it('nothing outside is ever read, listed or sized', () => {
    for (const path of ['/etc/up', '/etc/live', '/folder/secret', '/../secret', '/etc/../../secret'])
      expect(files.readText(path), path).toEqual({ kind: 'absent', what: path })
    expect(files.list('/folder').kind).toBe('absent')
    expect(files.folderSize('/folder', { maxEntries: 9, maxMs: 9000 }).kind).toBe('absent')
    expect(files.info('/folder')).toMatchObject({ value: { kind: 'symlink' } })
  })

  it('what the links of a captured process say is kept', () => {
    link('/proc/42/exe', '/usr/bin/python3')
    link('/proc/42/fd/3', 'socket:[123]')
    link('/proc/self', '42')
    expect(readlinkSync(at('/proc/42/exe'))).toBe('/usr/bin/python3')
    expect(readlinkSync(at('/proc/self/exe'))).toBe('/usr/bin/python3')
    expect(readlinkSync(at('/proc/42/fd/3'))).toBe('socket:[123]')
    link('/proc/43/exe', join(outside, 'secret'))
    expect(files.readText('/proc/43/exe').kind).toBe('failed')
    link('/proc/43/stat', join(outside, 'secret'))
    expect(files.readText('/proc/43/stat').kind).toBe('absent')
  })

  it('property: whatever the path, what is found lies below the root', () => {
    const part = fc.constantFrom(
      'etc',
      '..',
      '.',
      '',
      'up',
      'live',
      'folder',
      'chain',
      'loop',
      'secret',
      'real',
      'far-up',
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const path = `/${parts.join('/')}`
        expect(at(path).startsWith(`${root}/`)).toBe(true)
        expect(at(path)).not.toMatch(/\/\.\.?(\/|$)/)
        const text = files.readText(path)
        if (text.kind === 'value') expect(['captured', '45']).toContain(text.value)
      }),
    )
  })
})

describe('cmd/', () => {
  it('holds what commands answered; what was not recorded is absent', () => {
    put('/cmd/now', '1700000000\n')
    link('/cmd/linked', join(outside, 'secret'))
    const base = capturedBase(root)
    expect(readCaptured(base, 'now')).toEqual({ kind: 'value', value: '1700000000\n' })
    expect(readCaptured(base, 'systemctl-show.txt')).toEqual({
      kind: 'absent',
      what: 'cmd/systemctl-show.txt',
    })
    expect(readCaptured(base, 'linked').kind).toBe('absent')
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toContain('live')
  })
})
