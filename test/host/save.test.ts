import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeSave } from '../../src/host/save.ts'
import { liveBase } from '../support/bases.ts'
import { isRoot } from '../support/needs.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { canMount, withTinyDisk } from '../support/tiny-disk.ts'

const top = tempFolder('save')
const nowMs = new Date(2026, 0, 31, 3, 0, 0).getTime()
const save = makeSave(liveBase, () => nowMs)
const done = { kind: 'value', value: true }

let count = 0
const folder = (): string => {
  const path = join(top, String(count++))
  mkdirSync(path)
  return path
}
const fifo = (path: string): string => {
  if (spawnSync('mkfifo', [path]).status !== 0) throw new Error('mkfifo')
  return path
}
const modeOf = (path: string): number => statSync(path).mode & 0o7777
const withUmask = (mask: number, act: () => void): void => {
  const before = process.umask(mask)
  try {
    act()
  } finally {
    process.umask(before)
  }
}

describe('ensureFolder', () => {
  it.each([0o000, 0o022, 0o077])('makes all that is missing 0750 under umask %o', (mask) => {
    const path = join(folder(), 'a/b/c')
    withUmask(mask, () => expect(save.ensureFolder(path)).toEqual(done))
    expect([path, join(path, '..'), join(path, '../..')].map(modeOf)).toEqual([0o750, 0o750, 0o750])
  })

  it('leaves a folder that is there as it is', () => {
    const path = folder()
    chmodSync(path, 0o700)
    expect(save.ensureFolder(path)).toEqual(done)
    expect(modeOf(path)).toBe(0o700)
  })

  it('takes one that came meanwhile, by another first run', () => {
    // `a/.` is missing as long as `a` is, and there as soon as that is made.
    const path = `${join(folder(), 'a/b')}/.`
    expect(save.ensureFolder(path)).toEqual(done)
    expect(modeOf(path)).toBe(0o750)
  })

  it('says so when a file is in the way', () => {
    const path = join(folder(), 'file')
    writeFileSync(path, '')
    expect(save.ensureFolder(path)).toMatchObject({ kind: 'failed', detail: 'file already exists (EEXIST)' })
    expect(save.ensureFolder(`${path}/below`)).toMatchObject({
      kind: 'failed',
      detail: 'not a directory (ENOTDIR)',
    })
  })
})

describe('append', () => {
  it.each([0o000, 0o077])('makes the file 0640 under umask %o, and adds to it', (mask) => {
    const path = join(folder(), 'x.log')
    withUmask(mask, () => expect(save.append(path, 'one\n')).toEqual(done))
    expect(save.append(path, 'two é\n')).toEqual(done)
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo é\n')
    expect(modeOf(path)).toBe(0o640)
  })

  it("leaves an administrator's own mode", () => {
    const path = join(folder(), 'x.log')
    writeFileSync(path, '')
    chmodSync(path, 0o644)
    expect(save.append(path, 'x\n')).toEqual(done)
    expect(modeOf(path)).toBe(0o644)
  })

  it('never through a symlink, to a file or to nowhere', () => {
    const at = folder()
    const victim = join(at, 'victim')
    writeFileSync(victim, 'mine')
    for (const target of [victim, join(at, 'not-there')]) {
      const path = join(at, 'x.log')
      symlinkSync(target, path)
      expect(save.append(path, 'x\n')).toMatchObject({
        cause: 'denied',
        detail: 'is a symbolic link; nothing is written through it',
      })
      rmSync(path)
    }
    expect(readFileSync(victim, 'utf8')).toBe('mine')
    expect(readdirSync(at)).toEqual(['victim'])
  })

  it('never into a file that has a second name', () => {
    const at = folder()
    writeFileSync(join(at, 'victim'), 'mine')
    linkSync(join(at, 'victim'), join(at, 'x.log'))
    expect(save.append(join(at, 'x.log'), 'x\n')).toMatchObject({
      cause: 'denied',
      detail: 'has a second name (hard link)',
    })
    expect(readFileSync(join(at, 'victim'), 'utf8')).toBe('mine')
  })

  it('never into a FIFO, with or without somebody who reads it, nor a device', () => {
    const path = fifo(join(folder(), 'x.log'))
    expect(save.append(path, 'x\n')).toMatchObject({ kind: 'failed', cause: 'io' })
    const reader = openSync(path, constants.O_RDWR)
    expect(save.append(path, 'x\n')).toMatchObject({ kind: 'failed', detail: 'is not a regular file' })
    closeSync(reader)
    expect(save.append('/dev/full', 'x\n')).toMatchObject({ kind: 'failed', detail: 'is not a regular file' })
  })

  it('not into a folder that everybody can write, but into a sticky one', () => {
    const at = folder()
    chmodSync(at, 0o777)
    expect(save.append(join(at, 'x.log'), 'x\n')).toEqual({
      kind: 'failed',
      cause: 'denied',
      what: at,
      detail: 'is writable by everyone; `chmod o-w` it',
    })
    chmodSync(at, 0o1777)
    expect(save.append(join(at, 'x.log'), 'x\n')).toEqual(done)
  })

  it('a missing folder is a failure or absent, never a throw', () => {
    expect(save.append(join(top, 'none/x.log'), 'x\n').kind).toBe('failed')
  })

  it.runIf(isRoot)(
    "not into another user's file or through another user's symlink (root sets that up)",
    () => {
      const at = folder()
      writeFileSync(join(at, 'x.log'), '')
      chownSync(join(at, 'x.log'), 1234, 1234)
      expect(save.append(join(at, 'x.log'), 'x\n')).toMatchObject({
        cause: 'denied',
        detail: 'belongs to user 1234, not to user 0 who runs this',
      })
      symlinkSync(folder(), join(at, 'logs'))
      expect(save.append(join(at, 'logs/x.log'), 'x\n')).toEqual(done)
      lchownSync(join(at, 'logs'), 1234, 1234)
      expect(save.append(join(at, 'logs/x.log'), 'x\n')).toMatchObject({
        cause: 'denied',
        what: join(at, 'logs'),
      })
    },
  )
})

describe('replace', () => {
  it.each([0o000, 0o077])(
    'puts a whole file there, 0640 or as told under umask %o, and nothing else',
    (mask) => {
      const at = folder()
      withUmask(mask, () => {
        expect(save.replace(join(at, 'a'), 'old')).toEqual(done)
        expect(save.replace(join(at, 'a'), 'new')).toEqual(done)
        expect(save.replace(join(at, 'b'), 'x', 0o600)).toEqual(done)
      })
      expect([readFileSync(join(at, 'a'), 'utf8'), modeOf(join(at, 'a')), modeOf(join(at, 'b'))]).toEqual([
        'new',
        0o640,
        0o600,
      ])
      expect(readdirSync(at).sort()).toEqual(['a', 'b'])
    },
  )

  it('replaces a symlink instead of writing through it', () => {
    const at = folder()
    writeFileSync(join(at, 'victim'), 'mine')
    symlinkSync('victim', join(at, 'state.json'))
    expect(save.replace(join(at, 'state.json'), 'new')).toEqual(done)
    expect(readFileSync(join(at, 'victim'), 'utf8')).toBe('mine')
    expect(lstatSync(join(at, 'state.json')).isFile()).toBe(true)
  })

  it('a failure leaves the old and no temporary file', () => {
    const at = folder()
    mkdirSync(join(at, 'state.json/x'), { recursive: true })
    expect(save.replace(join(at, 'state.json'), 'new').kind).toBe('failed')
    expect(readdirSync(at)).toEqual(['state.json'])
  })
})

describe.skipIf(!canMount)('a full disk (skipped where mounting is not allowed)', () => {
  const onFullDisk = (use: (at: string) => void): void => {
    const at = folder()
    withTinyDisk(at, 'size=64k,mode=750', () => {
      expect(save.append(join(at, 'x.log'), 'first line\n')).toEqual(done)
      expect(save.replace(join(at, 'state.json'), 'old')).toEqual(done)
      // 64 KiB are 16 pages; the log and the state have one each. The last page of the log has room left.
      writeFileSync(join(at, 'filler'), 'x'.repeat(14 * 4096))
      use(at)
    })
  }
  const full = { kind: 'failed', cause: 'io', detail: 'no space left on device (ENOSPC)' }

  it('no half line stays in the log', () => {
    onFullDisk((at) => {
      expect(save.append(join(at, 'x.log'), `${'y'.repeat(8000)}\n`)).toMatchObject(full)
      expect(readFileSync(join(at, 'x.log'), 'utf8')).toBe('first line\n')
    })
  })

  it('the old state stays, and no temporary file', () => {
    onFullDisk((at) => {
      expect(save.replace(join(at, 'state.json'), 'new')).toMatchObject(full)
      expect(readFileSync(join(at, 'state.json'), 'utf8')).toBe('old')
      expect(readdirSync(at).sort()).toEqual(['filler', 'state.json', 'x.log'])
    })
  })

  it('a lock cannot be taken, and says why', () => {
    onFullDisk((at) => {
      expect(save.takeLock(join(at, 'check.lock'))).toMatchObject(full)
      expect(readdirSync(at).sort()).toEqual(['filler', 'state.json', 'x.log'])
    })
  })
})

describe.skipIf(!canMount)('a read-only file system (skipped where mounting is not allowed)', () => {
  it('everything fails with its words', () => {
    const at = folder()
    withTinyDisk(at, 'size=64k,mode=750', () => {
      save.append(join(at, 'x.log'), 'x\n')
      expect(spawnSync('mount', ['-o', 'remount,ro', at]).status).toBe(0)
      const answers = [
        save.append(join(at, 'x.log'), 'y\n'),
        save.append(join(at, 'new.log'), 'y\n'),
        save.replace(join(at, 'state.json'), 'y'),
        save.setAside(join(at, 'x.log')),
        save.remove(join(at, 'x.log')),
        save.takeLock(join(at, 'check.lock')),
        save.ensureFolder(join(at, 'new/folder')),
      ]
      const readOnly = 'read-only file system (EROFS)'
      expect(answers.map((a) => a.kind === 'failed' && a.detail)).toEqual(answers.map(() => readOnly))
      expect(save.readText(join(at, 'x.log'))).toEqual({ kind: 'value', value: 'x\n' })
    })
  })
})

describe('setAside', () => {
  it('says where to, and keeps the last three', () => {
    const at = folder()
    const path = join(at, 'state.json')
    const stamps = [1, 2, 3, 4, 5].map((day) => {
      writeFileSync(path, String(day))
      return makeSave(liveBase, () => new Date(2026, 0, day, 3, 4, 5).getTime()).setAside(path)
    })
    expect(stamps[4]).toEqual({ kind: 'value', value: `${path}.broken-20260105_030405` })
    expect(readdirSync(at).sort()).toEqual([3, 4, 5].map((day) => `state.json.broken-2026010${day}_030405`))
    expect(readFileSync(`${path}.broken-20260103_030405`, 'utf8')).toBe('3')
  })

  it('two in one second are two files', () => {
    const path = join(folder(), 'state.json')
    const targets = ['a', 'b'].map((content) => {
      writeFileSync(path, content)
      const moved = save.setAside(path)
      return moved.kind === 'value' ? readFileSync(moved.value, 'utf8') : moved
    })
    expect(targets).toEqual(['a', 'b'])
  })

  it('moves a FIFO, a symlink and a folder too', () => {
    const at = folder()
    const path = join(at, 'state.json')
    fifo(path)
    expect(save.setAside(path).kind).toBe('value')
    symlinkSync('/nowhere', path)
    expect(save.setAside(path).kind).toBe('value')
    mkdirSync(path)
    expect(save.setAside(path).kind).toBe('value')
    expect(existsSync(path)).toBe(false)
    expect(readdirSync(at)).toHaveLength(3)
  })
})

describe('readText, remove', () => {
  it('own files are not read through a symlink or from a FIFO', () => {
    const at = folder()
    writeFileSync(join(at, 'other'), '{}')
    symlinkSync('other', join(at, 'state.json'))
    expect(save.readText(join(at, 'state.json'))).toMatchObject({
      cause: 'malformed',
      detail: 'is a symbolic link',
    })
    expect(save.readText(fifo(join(at, 'fifo')))).toMatchObject({ kind: 'failed', cause: 'malformed' })
  })

  it('removes a file or link itself; what is not there is absent; a folder is refused', () => {
    const at = folder()
    writeFileSync(join(at, 'victim'), '')
    symlinkSync('victim', join(at, 'link'))
    expect(save.remove(join(at, 'link'))).toEqual(done)
    expect(save.remove(join(at, 'link')).kind).toBe('absent')
    expect(save.remove(at).kind).toBe('failed')
    expect(readdirSync(at)).toEqual(['victim'])
  })
})

describe('a log that another program writes to', () => {
  const bounds = { above: 1000, keep: 100 }

  it('is emptied once it is big; its last whole lines stay beside it, and what comes then is its first', () => {
    const path = join(folder(), 'output_app.log')
    const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o640)
    try {
      writeSync(fd, 'line of 20 letters.\n'.repeat(50))
      expect(save.cut(path, bounds)).toEqual({ kind: 'value', value: 0 })
      writeSync(fd, 'and a longer one, which is the last\n')
      expect(save.cut(path, bounds)).toEqual({ kind: 'value', value: 1036 })
      expect(readFileSync(`${path}.1`, 'utf8')).toBe(
        `${'line of 20 letters.\n'.repeat(3)}and a longer one, which is the last\n`,
      )
      writeSync(fd, 'next\n')
      expect(readFileSync(path, 'utf8')).toBe('next\n')
      expect([modeOf(path), modeOf(`${path}.1`)]).toEqual([0o640, 0o640])
    } finally {
      closeSync(fd)
    }
  })

  it('is left alone when it is a link, has another name, or is not there', () => {
    const at = folder()
    const victim = join(at, 'victim')
    writeFileSync(victim, 'x'.repeat(2000))
    symlinkSync(victim, join(at, 'link'))
    linkSync(victim, join(at, 'twin'))
    for (const name of ['link', 'twin', 'victim'])
      expect(save.cut(join(at, name), bounds)).toMatchObject({ kind: 'failed', cause: 'denied' })
    expect(save.cut(join(at, 'none'), bounds).kind).toBe('absent')
    expect(statSync(victim).size).toBe(2000)
    expect(readdirSync(at).sort()).toEqual(['link', 'twin', 'victim'])
  })
})
