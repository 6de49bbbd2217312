import { symlinkSync, utimesSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { observeServices } from '../../../src/checks/observe/services.ts'
import { failed, value } from '../../../src/core/reading.ts'
import type { ServiceFacts } from '../../../src/core/service.ts'
import type { Host } from '../../../src/host/host.ts'
import { bootAtMs, capturedHost, type FakeProcess, manyProcesses } from '../../support/captured-host.ts'

const path = '/run/app.pid'

const observe = async (host: Host): Promise<ServiceFacts> => {
  const target = { type: 'pidfile', path } as const
  const { services } = await observeServices(host, { app: { target, processMatch: null } }, null)
  return services[0] as ServiceFacts
}

interface Setup {
  text?: string
  processes?: FakeProcess[]
  /** Seconds after the boot at which the file was written. */
  writtenAt?: number
  mountinfo?: string
}

const mounts = '21 1 8:1 / / rw - ext4 /dev/sda1 rw\n22 21 0:25 / /run rw - tmpfs tmpfs rw\n'

const setUp = ({ text = '70\n', processes = [{ pid: 70 }], writtenAt = 2, mountinfo = '' }: Setup): Host => {
  const files = { ...manyProcesses(...processes), [path]: text, '/proc/self/mountinfo': mountinfo }
  const host = capturedHost({ files })
  const at = bootAtMs / 1000 + writtenAt
  utimesSync(host.root + path, at, at)
  return host
}

describe('a service known by its pid file', () => {
  it('is that process and all it has started', async () => {
    const processes = [
      { pid: 70, startTicks: 100, anonKb: 1, threads: 2 },
      { pid: 71, ppid: 70, anonKb: 2 },
      { pid: 72, ppid: 71, anonKb: 4 },
      { pid: 73, ppid: 71, state: 'Z', args: [] },
      { pid: 80, anonKb: 8 },
    ]
    expect(await observe(setUp({ processes }))).toMatchObject({
      kind: 'process',
      state: 'running',
      mainPid: 70,
      pids: [70, 71, 72],
      identity: ':70:100',
      memory: { value: { leakBytes: 7 * 1024 } },
      threads: value(4),
    })
  })

  it.each(['70', '70\n', ' 70 \n', '70\r\n', '70\n/var/lib/postgresql\n5432\n', '0070\n'])(
    'reads the pid of %j',
    async (text) => {
      expect((await observe(setUp({ text }))).mainPid).toBe(70)
    },
  )

  it.each([
    ['is empty', ''],
    ['is a blank line', '\n70\n'],
    ['is garbage', 'pid: 70\n'],
    ['has a sign', '-70\n'],
    ['has a fraction', '70.5\n'],
    ['is 0', '0\n'],
    ['has more than the kernel’s largest pid', '4194305\n'],
    ['has far too many digits', '9'.repeat(400)],
    ['has NUL bytes', '70\0\0\n'],
    ['is huge', `70\n${'x'.repeat(5000)}`],
  ])('is missing when the file %s', async (_, text) => {
    const facts = await observe(setUp({ text }))
    expect(facts.state).toBe('missing')
    expect(facts.stateDetail).toContain(path)
  })

  it('is missing when there is no file, or no such process', async () => {
    expect((await observe(capturedHost({ files: manyProcesses({ pid: 70 }) }))).state).toBe('missing')
    expect(await observe(setUp({ processes: [{ pid: 71 }] }))).toMatchObject({
      state: 'missing',
      stateDetail: 'process 70 of /run/app.pid is not running',
    })
  })

  it('does not follow a symlink', async () => {
    const host = capturedHost({ files: { ...manyProcesses({ pid: 70 }), '/run/other.pid': '70\n' } })
    symlinkSync('/run/other.pid', host.root + path)
    expect(await observe(host)).toMatchObject({ state: 'missing' })
  })

  it.each([
    ['a zombie', { pid: 70, state: 'Z', args: [] }],
    ['a kernel thread', { pid: 70, kernelThread: true }],
  ])('is missing when the pid is that of %s', async (_, process) => {
    expect((await observe(setUp({ processes: [process] }))).state).toBe('missing')
  })

  describe('a pid that was given to another process', () => {
    // The file was written 2 s after the boot.
    const startedAt = (seconds: number) => [{ pid: 70, startTicks: seconds * 100 }]

    it('is told by its start, a minute and more after the file', async () => {
      expect((await observe(setUp({ processes: startedAt(62) }))).state).toBe('running')
      expect(await observe(setUp({ processes: startedAt(62.01) }))).toMatchObject({
        state: 'missing',
        stateDetail: 'process 70 started after /run/app.pid was written: the pid was given to another',
      })
    })

    it('is none when the clock was set after the start, which files in RAM from before the boot tell', async () => {
      const processes = startedAt(20)
      expect((await observe(setUp({ processes, writtenAt: -86_400, mountinfo: mounts }))).state).toBe(
        'running',
      )
      // On a disk such a file is left from an earlier boot.
      const onDisk = mounts.replace('tmpfs tmpfs', 'ext4 /dev/sda2')
      expect((await observe(setUp({ processes, writtenAt: -86_400, mountinfo: onDisk }))).state).toBe(
        'missing',
      )
    })
  })

  describe('whose file others than root may write', () => {
    const app = 1000
    /** On a live host, of a process and a file of these users. */
    const seen = (processUid: number, uid: number, mode: number, us = 0) => {
      const host = setUp({ processes: [{ pid: 70, uid: processUid }] })
      const readFrom: Host['files']['readFrom'] = (...args) => {
        const part = host.files.readFrom(...args)
        return part.kind === 'value' ? value({ ...part.value, uid, mode }) : part
      }
      return observe({ ...host, live: true, uid: us, files: { ...host.files, readFrom } })
    }

    it.each([
      ['root’s file and any process', app, 0, 0o644, 0],
      ['a user’s file and a process of that user', app, app, 0o644, 0],
      ['the same, of a group, too', app, app, 0o664, 0],
      ['root’s file of a group, who is not root', 0, 0, 0o664, app],
      ['our own file and any process', 0, app, 0o600, app],
      ['our own file, of a group, too, and our process', app, app, 0o664, app],
    ])('believes %s', async (_, processUid, uid, mode, us) => {
      expect((await seen(processUid, uid, mode, us)).state).toBe('running')
    })

    it.each([
      ['a user’s file and a process of root', 0, app, 0o644, 0, /user 1000, and process 70 of user 0$/],
      ['a user’s file and a process of another', 1001, app, 0o644, 0, /process 70 of user 1001$/],
      ['root’s file of a group', 0, 0, 0o664, 0, /others may write it \(chmod go-w\)$/],
      ['a file of everybody’s', app, app, 0o666, 0, /others may write it/],
      ['our own file, of a group, too, and a process of another', 0, app, 0o664, app, /of user 0$/],
    ])('does not believe %s, and what runs is unknown', async (_, processUid, uid, mode, us, why) => {
      const facts = await seen(processUid, uid, mode, us)
      expect(facts).toMatchObject({ state: 'unknown', mainPid: null, pids: [], claimedPid: 70 })
      expect(facts.stateDetail).toMatch(why)
    })

    it('is unknown when another file took its place meanwhile', async () => {
      const host = setUp({})
      const readFrom: Host['files']['readFrom'] = (...args) => {
        const part = host.files.readFrom(...args)
        return part.kind === 'value' ? value({ ...part.value, inode: part.value.inode + 1 }) : part
      }
      expect(await observe({ ...host, files: { ...host.files, readFrom } })).toMatchObject({
        state: 'unknown',
        stateDetail: '/run/app.pid was replaced while it was read',
      })
    })
  })

  it('is unknown when the file may not be read, or processes are hidden', async () => {
    const host = setUp({ processes: [{ pid: 71 }] })
    const denied = { ...host.files, readFrom: () => failed('denied', path, 'EACCES') }
    expect(await observe({ ...host, files: denied })).toMatchObject({
      state: 'unknown',
      stateDetail: '/run/app.pid: EACCES',
    })
    const hidden = { ...host.processes, scan: () => value({ processes: [], complete: false }) }
    expect(await observe({ ...host, processes: hidden })).toMatchObject({ state: 'unknown' })
    const broken = { ...host.processes, scan: () => failed('io', '/proc', 'EMFILE') }
    expect(await observe({ ...host, processes: broken })).toMatchObject({ state: 'unknown' })
  })
})
