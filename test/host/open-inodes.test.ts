import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { Reading } from '../../src/core/reading.ts'
import type { OpenInodes } from '../../src/core/tree.ts'
import { readOpenInodes } from '../../src/host/open-inodes.ts'
import { liveBase } from '../support/bases.ts'
import { tempFolder } from '../support/temp-folder.ts'

// What a real process holds is in test/commands/cleanup/cleaning.test.ts; here /proc and /sys are folders of the test.
const top = tempFolder('open-inodes')
let count = 0

const read = (maps: string, files: Record<string, string> = {}, uid = 0): Reading<OpenInodes> => {
  const root = join(top, String(count++))
  const process = join(root, 'proc/7')
  mkdirSync(join(process, 'fd'), { recursive: true })
  for (const name of ['cwd', 'root']) symlinkSync('/', join(process, name))
  writeFileSync(join(process, 'maps'), maps)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return readOpenInodes({ ...liveBase, uid, at: (path) => `${root}${path}` })
}

it('a mapped file counts by device and inode, whatever path its process has for it', () => {
  const seen = read(
    '7f00-7f01 r--s 00000000 fe:00 2614790                    /srv/alias/mapped.dat\n7f02-7f03 rw-p 0 00:00 0\n',
  )
  if (seen.kind !== 'value') throw new Error(JSON.stringify(seen))
  // makedev(0xfe, 0)
  expect(seen.value.inodes.has(`${0xfe * 256}:2614790`)).toBe(true)
  expect(seen.value.mapped.has('/srv/alias/mapped.dat')).toBe(true)
  const large = read('0-1 r--s 0 103:12345 9 /x\n')
  // makedev(0x103, 0x12345): the upper bits of the minor number stand above those of the major one.
  expect(large.kind === 'value' && large.value.inodes.has(`${0x45 + 0x103 * 256 + 0x12300 * 4096}:9`)).toBe(
    true,
  )
})

it('a file behind a loop device is held by the kernel', () => {
  const seen = read('', {
    'sys/block/loop3/loop/backing_file': '/srv/a disk.img\n',
    'sys/block/sda/size': '1',
  })
  expect(seen.kind === 'value' && [...seen.value.mapped]).toEqual(['/srv/a disk.img'])
})

it('an open file that cannot be looked at blinds root, and nobody else', () => {
  const root = join(top, 'denied')
  mkdirSync(join(root, 'proc/7'), { recursive: true })
  // Stands in for what the kernel does not let one see (EACCES): only root is denied nothing here.
  writeFileSync(join(root, 'proc/7/fd'), '')
  const at = (path: string): string => `${root}${path}`
  expect(readOpenInodes({ ...liveBase, uid: 0, at })).toMatchObject({
    kind: 'failed',
    detail: 'what process 7 has open cannot be seen',
  })
  expect(readOpenInodes({ ...liveBase, uid: 1000, at }).kind).toBe('value')
})

it('what a process of another mount namespace has mounted there is asked for nothing, and all else is', () => {
  const root = join(top, 'namespaces')
  const files = ['fuse/held', 'fuse/volume/held', 'plain']
  for (const file of files) {
    mkdirSync(join(root, file, '..'), { recursive: true })
    writeFileSync(join(root, file), '')
  }
  const inode = (file: string): string => {
    const { dev, ino } = statSync(join(root, file))
    return `${dev}:${ino}`
  }
  const process = (pid: string, namespace: string, at: string, mounts: string[]): void => {
    const folder = join(root, 'proc', pid)
    for (const name of ['fd', 'ns']) mkdirSync(join(folder, name), { recursive: true })
    symlinkSync(namespace, join(folder, 'ns/mnt'))
    symlinkSync(at, join(folder, 'root'))
    symlinkSync('/', join(folder, 'cwd'))
    for (const [fd, file] of files.entries()) symlinkSync(join(root, file), join(folder, `fd/${fd}`))
    writeFileSync(
      join(folder, 'mountinfo'),
      mounts
        .map((mount, i) => `${i} 1 0:${i} / ${mount} rw - ${i === 1 ? 'fuse.x' : 'ext4'} x rw\n`)
        .join(''),
    )
    writeFileSync(join(folder, 'maps'), '')
  }
  const seen = (): string[] => {
    const reading = readOpenInodes({ ...liveBase, uid: 0, at: (path) => `${root}${path}` })
    if (reading.kind !== 'value') throw new Error(JSON.stringify(reading))
    return files.map((file) => {
      const { inodes, mapped } = reading.value
      return inodes.has(inode(file)) ? 'inode' : mapped.has(join(root, file)) ? 'path' : ''
    })
  }
  process('self', 'mnt:[1]', '/', ['/'])
  process('7', 'mnt:[2]', '/', ['/', `${root}/fuse`, `${root}/fuse/volume`])
  expect(seen()).toEqual(['path', 'inode', 'inode'])
  // In a chroot, whose table begins at its root; and in the namespace of this program what that has there.
  process('8', 'mnt:[2]', root, ['/', '/', '/fuse/volume', '/plain'])
  expect(seen()).toEqual(['path', 'inode', 'inode'])
  process('9', 'mnt:[1]', '/', ['/', `${root}/fuse`])
  expect(seen()).toEqual(['inode', 'inode', 'inode'])
})

it('a process whose main thread has ended, and others go on, has what they have open and mapped', async () => {
  const [open, mapped] = [join(top, 'open by a thread'), join(top, 'mapped by a thread')]
  for (const file of [open, mapped]) writeFileSync(file, 'x')
  const script = `
import ctypes, mmap, sys, threading, time
def hold():
    while open("/proc/self/stat").read().rsplit(") ", 1)[1][0] != "Z": time.sleep(0.01)
    print("held", flush=True)
    time.sleep(600)
held = open(sys.argv[1])
with open(sys.argv[2]) as file: map = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
threading.Thread(target=hold).start()
ctypes.CDLL(None).pthread_exit(None)
`
  const child = spawn('python3', ['-c', script, open, mapped], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await new Promise((resolve) => child.stdout.once('data', resolve))
  expect(readdirSync(`/proc/${child.pid}/fd`)).toEqual([])
  // As an ordinary user, whom other processes do not blind.
  const seen = readOpenInodes({ ...liveBase, uid: 1000 })
  const { dev, ino } = statSync(open)
  expect(seen.kind === 'value' && seen.value.inodes.has(`${dev}:${ino}`)).toBe(true)
  expect(seen.kind === 'value' && seen.value.mapped.has(mapped)).toBe(true)
})
