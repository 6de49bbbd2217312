import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeFiles, makeFolders } from '../../src/host/files.ts'
import { asNobody } from '../support/as-nobody.ts'
import { liveBase } from '../support/bases.ts'
import { bundle } from '../support/bundle.ts'
import { isRoot } from '../support/needs.ts'
import { tempFolder } from '../support/temp-folder.ts'

const folder = tempFolder('files')
const files = makeFiles(liveBase)
const put = (name: string, content: string | Buffer): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

describe('readText', () => {
  it('reads files of the kernel, which say size 0, to their end', () => {
    const stat = files.readText('/proc/self/status')
    expect(stat).toMatchObject({
      kind: 'value',
      value: expect.stringMatching(/^Name:[\s\S]*ctxt_switches:\t\d+\n$/),
    })
  })

  it('reads across the edge of its buffer without breaking a letter', () => {
    const text = `${'x'.repeat(64 * 1024 - 1)}é${'y'.repeat(70_000)}`
    expect(files.readText(put('long', text))).toEqual({ kind: 'value', value: text })
  })

  it('reads an empty file, and makes U+FFFD of what is not UTF-8', () => {
    expect(files.readText(put('empty', ''))).toEqual({ kind: 'value', value: '' })
    expect(files.readText(put('latin', Buffer.from([97, 0xff, 98])))).toEqual({
      kind: 'value',
      value: 'a\ufffdb',
    })
  })

  it('refuses what is larger than asked for, and reads what is just as large', () => {
    const path = put('ten', '0123456789')
    expect(files.readText(path, { maxBytes: 10 }).kind).toBe('value')
    expect(files.readText(path, { maxBytes: 9 })).toMatchObject({
      kind: 'failed',
      cause: 'malformed',
      what: path,
    })
  })

  it('a sparse file of a terabyte costs no memory', () => {
    const path = put('sparse', '')
    truncateSync(path, 2 ** 40)
    expect(files.readText(path)).toMatchObject({ kind: 'failed', detail: 'is larger than 4.0 MiB' })
  })

  it('what is not there is absent, also below a file', () => {
    expect(files.readText(join(folder, 'none'))).toEqual({ kind: 'absent', what: join(folder, 'none') })
    expect(files.readText(join(put('file', ''), 'x')).kind).toBe('absent')
  })

  it('a process that ended is no fault of the file system', () => {
    expect(files.readText('/proc/4194304/stat').kind).toBe('absent')
  })

  it('a FIFO, a socket, a device and a folder are refused, not waited for', async () => {
    const fifo = join(folder, 'fifo')
    expect(spawnSync('mkfifo', [fifo]).status).toBe(0)
    const socket = join(folder, 'socket')
    const server = createServer().listen(socket)
    await new Promise((resolve) => server.once('listening', resolve))
    const answers = [fifo, socket, '/dev/zero', folder].map((path) => files.readText(path))
    server.close()
    expect(answers.map((a) => (a.kind === 'failed' ? `${a.cause}: ${a.detail}` : a.kind))).toEqual([
      'malformed: is a FIFO, not a file',
      'malformed: is a socket, not a file',
      'malformed: is a device, not a file',
      'malformed: is a folder, not a file',
    ])
  })

  it.each([
    ['NUL in the path', '/etc/\0x', 'malformed'],
    ['a name too long', `/${'x'.repeat(300)}`, 'malformed'],
  ])('%s', (_, path, cause) => {
    expect(files.readText(path)).toMatchObject({ kind: 'failed', cause })
  })

  it('links that go in a circle', () => {
    symlinkSync('circle', join(folder, 'circle'))
    expect(files.readText(join(folder, 'circle'))).toMatchObject({ kind: 'failed', cause: 'malformed' })
  })

  it("the detail is the system's words alone, without the path, which may be a stranger's", () => {
    const reading = files.readText(`/${'x'.repeat(300)}`)
    expect(reading).toMatchObject({ detail: 'name too long (ENAMETOOLONG)' })
  })
})

describe('list and info', () => {
  it('lists names', () => {
    const path = join(folder, 'listed')
    mkdirSync(path)
    for (const name of ['b', 'a', '.hidden']) writeFileSync(join(path, name), '')
    const listed = files.list(path)
    expect(listed.kind === 'value' && listed.value.sort()).toEqual(['.hidden', 'a', 'b'])
  })

  it('tells a missing folder from a file that is no folder', () => {
    expect(files.list(join(folder, 'none')).kind).toBe('absent')
    expect(files.list(join(folder, 'none/below')).kind).toBe('absent')
    const path = put('plain', '')
    expect(files.list(path)).toMatchObject({ kind: 'failed', cause: 'malformed', detail: 'is not a folder' })
    expect(files.list(`${path}/below`).kind).toBe('absent')
  })

  it('info is of a symlink, not of its target', () => {
    const link = join(folder, 'link')
    symlinkSync('/nowhere/at/all', link)
    expect(files.info(link)).toMatchObject({ kind: 'value', value: { kind: 'symlink' } })
    expect(files.info('/dev/null')).toMatchObject({ value: { kind: 'other' } })
    expect(files.info('/')).toMatchObject({ value: { kind: 'folder' } })
    expect(files.info(put('five', '12345'))).toMatchObject({
      value: { kind: 'file', sizeBytes: 5, uid: liveBase.uid },
    })
    expect(files.info(join(folder, 'none')).kind).toBe('absent')
  })
})

describe.runIf(isRoot)('for an ordinary user (root starts it)', () => {
  it('what may not be read is denied, not absent and not empty', () => {
    const closed = join(folder, 'closed')
    mkdirSync(join(closed, 'inner'), { recursive: true })
    const secret = put('secret', 'x')
    chmodSync(folder, 0o755)
    chmodSync(secret, 0o600)
    chmodSync(closed, 0o700)
    const denied = { kind: 'failed', cause: 'denied', detail: 'permission denied (EACCES)' }
    expect(
      asNobody(bundle('host/child/read-all.ts', folder), [secret, closed, `${closed}/inner`]),
    ).toMatchObject([{ text: denied }, { list: denied, size: denied }, { list: denied, size: denied }])
  })
})

describe('mounts', () => {
  it('are those of this host', () => {
    const mounts = files.mounts()
    expect(
      mounts.kind === 'value' && mounts.value.find((mount) => mount.mountPoint === '/proc'),
    ).toMatchObject({
      type: 'proc',
    })
  })
})

describe('makeFolders', () => {
  it('makes what is missing with the mode asked for, whatever the umask, and leaves what is there', async () => {
    const there = join(folder, 'there')
    mkdirSync(there, { mode: 0o700 })
    const before = process.umask(0o077)
    try {
      await makeFolders(join(there, 'a/b'), 0o750)
    } finally {
      process.umask(before)
    }
    const modes = [there, `${there}/a`, `${there}/a/b`].map((path) => files.info(path))
    expect(modes.map((info) => info.kind === 'value' && info.value.mode)).toEqual([0o700, 0o750, 0o750])
  })
})
