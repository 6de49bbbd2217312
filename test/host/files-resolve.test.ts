import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeFiles } from '../../src/host/files.ts'
import { capturedBase, liveBase } from '../support/bases.ts'
import { tempFolder } from '../support/temp-folder.ts'

const folder = tempFolder('resolve')
mkdirSync(join(folder, 'etc/real'), { recursive: true })
writeFileSync(join(folder, 'etc/real/c'), '')
symlinkSync('real', join(folder, 'etc/near'))
symlinkSync('/etc/near/c', join(folder, 'etc/far'))
symlinkSync('loop', join(folder, 'loop'))

describe('resolve', () => {
  it('names each entry on the way, links too, and where it ends', () => {
    expect(makeFiles(capturedBase(folder)).resolve('/etc/far')).toEqual({
      kind: 'value',
      value: {
        path: '/etc/real/c',
        passed: ['/etc', '/etc/far', '/etc', '/etc/near', '/etc/real', '/etc/real/c'],
      },
    })
  })

  it('starts a relative path at the current folder', () => {
    const resolved = makeFiles(liveBase).resolve('package.json')
    expect(resolved).toMatchObject({ kind: 'value', value: { path: join(process.cwd(), 'package.json') } })
  })

  it('fails on links that go in a circle', () => {
    expect(makeFiles(liveBase).resolve(join(folder, 'loop'))).toMatchObject({
      kind: 'failed',
      cause: 'malformed',
    })
  })
})
