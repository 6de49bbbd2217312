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

  it("touches nothing of a server or a user's process when it is not to", () => {
    const mounts = join(folder, 'mountinfo')
    writeFileSync(mounts, `9 1 0:9 / ${folder}/etc/real rw - nfs4 server:/x rw\n`)
    symlinkSync('real/c/../to-etc', join(folder, 'etc/there'))
    symlinkSync('/etc', join(folder, 'etc/real/to-etc'))
    const at = (path: string): string => (path === '/proc/self/mountinfo' ? mounts : path)
    const { resolveLocal } = makeFiles({ ...liveBase, at })
    const written = join(folder, 'etc/there')
    expect(resolveLocal(`${folder}//x/../etc/there`)).toEqual({
      kind: 'value',
      value: { path: join(folder, 'etc/real/to-etc'), written },
    })
    expect(resolveLocal(join(folder, 'etc/near'))).toMatchObject({
      value: { path: join(folder, 'etc/real') },
    })
    expect(makeFiles(liveBase).resolveLocal(written)).toMatchObject({ value: { path: '/etc' } })
  })

  it('fails on links that go in a circle', () => {
    expect(makeFiles(liveBase).resolve(join(folder, 'loop'))).toMatchObject({
      kind: 'failed',
      cause: 'malformed',
    })
  })
})
