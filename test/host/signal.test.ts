import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { maySignal, sendSignal } from '../../src/host/signal.ts'
import { loadPidfds } from '../../src/host/syscalls.ts'
import { asNobody } from '../support/as-nobody.ts'
import { capturedBase, liveBase } from '../support/bases.ts'
import { bundle } from '../support/bundle.ts'
import { isRoot } from '../support/needs.ts'
import { identityOf, isAlive, startFamily, until } from '../support/process-family.ts'
import { tempFolder } from '../support/temp-folder.ts'

const top = tempFolder('signal')
chmodSync(top, 0o755)
// For the scripts below, which are bundled without the native package.
process.env.NODE_PATH = join(import.meta.dirname, '../../node_modules')
const pidfds = await loadPidfds()
const canUnshare = isRoot && spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0

it.skipIf(pidfds === null)('has pidfds here (skipped without koffi or on a kernel before 5.3)', async () => {
  const child = spawn('sleep', ['1000'])
  const pid = child.pid ?? -1
  const opened = pidfds?.open(pid)
  expect(opened).toMatchObject({ kind: 'fd' })
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(pidfds?.open(pid)).toEqual({ kind: 'gone' })
  if (opened?.kind === 'fd') expect(pidfds?.signal(opened.fd, 0)).toEqual({ kind: 'gone' })
})

it('whether it may be sent is asked without sending anything', () => {
  const { pid } = startFamily('exec sleep 1000')
  expect(maySignal(liveBase, pid)).toBe(true)
  expect(isAlive(pid)).toBe(true)
  for (const never of [0, -1, 1, 2, process.pid]) expect(maySignal(liveBase, never)).toBe(false)
})

describe.each([
  ['by pidfd', pidfds],
  ['by pid', null],
])('%s', (_, by) => {
  it('reaches the process that is meant', async () => {
    const { pid, exit } = startFamily('exec sleep 1000')
    expect(sendSignal(liveBase, identityOf(pid), 'SIGTERM', by)).toBe('sent')
    await until(() => exit() !== null)
    expect(exit()).toBe('SIGTERM')
  })

  it('leaves another process alone that has its pid', () => {
    const { pid } = startFamily('exec sleep 1000')
    const identity = identityOf(pid)
    const earlier = { pid, startTicks: identity.startTicks - 1 }
    expect(sendSignal(liveBase, earlier, 'SIGKILL', by)).toBe('changed')
    expect(isAlive(pid)).toBe(true)
  })

  it('says that a process is gone', async () => {
    const { pid, exit } = startFamily('exec sleep 1000')
    const identity = identityOf(pid)
    process.kill(pid, 'SIGKILL')
    await until(() => exit() !== null)
    expect(sendSignal(liveBase, identity, 'SIGTERM', by)).toBe('gone')
  })

  it.each([0, -1, 1, 2, process.pid, 4_194_305, 1.5, Number.NaN])('never signals pid %d', (pid) => {
    expect(sendSignal(liveBase, { pid, startTicks: 0 }, 'SIGCONT', by)).toBe('denied')
  })

  it('sends nothing on the word of a captured host', () => {
    const { pid } = startFamily('exec sleep 1000')
    expect(sendSignal(capturedBase('/'), identityOf(pid), 'SIGKILL', by)).toBe('denied')
    expect(isAlive(pid)).toBe(true)
  })

  it.skipIf(!isRoot)('says that it may not (skipped without root)', () => {
    const { pid } = startFamily('exec sleep 1000')
    const script = bundle('host/child/send-signal.ts', top)
    const { startTicks } = identityOf(pid)
    const how = by === null ? 'pid' : 'pidfd'
    expect(asNobody(script, ['one', how, String(pid), String(startTicks)])).toBe('denied')
    expect(isAlive(pid)).toBe(true)
  })

  it.skipIf(!canUnshare)('sees that a pid came round again (skipped where unshare is not allowed)', () => {
    const script = bundle('host/child/send-signal.ts', top)
    const ran = spawnSync(
      'unshare',
      ['--pid', '--fork', '--mount-proc', process.execPath, script, 'reused', by === null ? 'pid' : 'pidfd'],
      { encoding: 'utf8' },
    )
    expect(`${ran.stdout}${ran.stderr}`).toBe('{"samePid":true,"answer":"changed","alive":true}\n')
  })

  it.skipIf(!canUnshare)(
    'does not take the pids of another namespace for ours (skipped where unshare is not allowed)',
    () => {
      const { pid } = startFamily('exec sleep 1000')
      const script = bundle('host/child/send-signal.ts', top)
      const { startTicks } = identityOf(pid)
      const args = ['one', by === null ? 'pid' : 'pidfd', String(pid), String(startTicks)]
      const ran = spawnSync('unshare', ['--pid', '--fork', process.execPath, script, ...args], {
        encoding: 'utf8',
      })
      expect(JSON.parse(ran.stdout), ran.stderr).toBe('denied')
      expect(isAlive(pid)).toBe(true)
    },
  )
})
