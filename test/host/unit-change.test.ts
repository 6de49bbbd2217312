import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeRun } from '../../src/host/exec.ts'
import { restartUnitChange } from '../../src/host/unit-change.ts'
import { liveBase } from '../support/bases.ts'
import { tempFolder } from '../support/temp-folder.ts'

const top = tempFolder('unit')
let count = 0

interface FakeSystemctl {
  /** Shell text of what `restart` does; `show` prints `state`. */
  restart?: string
  state?: string
  booted?: boolean
  cgroup?: string
}

/** A root with a real program `systemctl` before all others in PATH, which writes down how it was called. */
const restart = async (unit: string, fake: FakeSystemctl = {}, timeoutMs = 60_000) => {
  const root = join(top, String(count++))
  for (const folder of ['bin', 'run', 'proc/self']) mkdirSync(join(root, folder), { recursive: true })
  if (fake.booted ?? true) mkdirSync(join(root, 'run/systemd/system'), { recursive: true })
  writeFileSync(
    join(root, 'proc/self/cgroup'),
    fake.cgroup ?? '0::/user.slice/user-0.slice/session-1.scope\n',
  )
  writeFileSync(join(root, 'calls'), '')
  const program = join(root, 'bin/systemctl')
  const script = `#!/bin/sh
printf '%s\\n' "$*" >>'${root}/calls'
case " $* " in
*' show '*) printf '${(fake.state ?? 'ActiveState=active SubState=running Result=success Type=simple').replaceAll(' ', '\\n')}\\n' ;;
*) ${fake.restart ?? ':'} ;;
esac
`
  writeFileSync(program, script)
  chmodSync(program, 0o755)
  const base = { ...liveBase, env: { PATH: join(root, 'bin') }, at: (path: string) => root + path }
  const change = restartUnitChange(
    { kind: 'restart-unit', unit, timeoutMs, reason: 'a test' },
    base,
    makeRun(base),
  )
  const result = change.obstacle() ?? (await change.perform())
  return { ...result, words: change.words, calls: readFileSync(join(root, 'calls'), 'utf8').split('\n') }
}

describe('restart of a unit', () => {
  it('is one systemctl restart, and a look afterwards', async () => {
    const { calls, ...result } = await restart('monitor')
    expect(result).toEqual({ outcome: 'done', detail: '', words: 'restart unit monitor.service' })
    expect(calls).toEqual([
      '--no-ask-password restart -- monitor.service',
      'show --no-pager --property=ActiveState,SubState,Result,Type -- monitor.service',
      '',
    ])
  })

  it('is done for one that rests after a good run', async () => {
    const state = 'ActiveState=inactive SubState=dead Result=success Type=oneshot'
    expect(await restart('job.service', { state })).toMatchObject({ outcome: 'done' })
  })

  it.each([
    ['ActiveState=inactive SubState=dead Result=success Type=simple', 'it is inactive (dead)'],
    [
      'ActiveState=activating SubState=auto-restart Result=exit-code Type=simple',
      'it is activating (auto-restart, exit-code)',
    ],
    [
      'ActiveState=failed SubState=failed Result=start-limit-hit Type=simple',
      'it is failed (failed, start-limit-hit)',
    ],
    ['', 'its state could not be asked'],
  ])('is not done when afterwards %j', async (state, detail) => {
    expect(await restart('x.service', { state })).toMatchObject({ outcome: 'failed', detail })
  })

  it('says why systemd refused, on one harmless line', async () => {
    const refusal = `printf 'Unit x.service not \\033[31mfound.\\nSee more.\\n' >&2; exit 5`
    const state = 'ActiveState=inactive SubState=dead Result=success Type='
    expect(await restart('x', { restart: refusal, state })).toMatchObject({
      outcome: 'failed',
      detail: 'Unit x.service not \\x1b[31mfound.; it is inactive (dead)',
    })
  })

  it('that was refused is not done though the unit is active: that is the old run', async () => {
    const result = await restart('x', { restart: 'echo Access denied >&2; exit 4' })
    expect(result).toMatchObject({ outcome: 'failed', detail: 'Access denied; it is active (running)' })
  })

  it('that takes too long is judged by the state it came to', async () => {
    const stopping = 'ActiveState=deactivating SubState=stop-sigterm Result=success Type=simple'
    const late = await restart('x', { restart: 'sleep 1000', state: stopping }, 200)
    expect(late).toMatchObject({
      outcome: 'failed',
      detail: 'systemctl did not end within 0.2 s; it is deactivating (stop-sigterm)',
    })
  })

  it('is not for what would end this run, the host or its sessions, nor for what is no name', async () => {
    for (const unit of [
      'reboot.target',
      'systemd-reboot.service',
      'systemd-poweroff',
      'emergency.service',
      'rescue',
      'dbus.service',
      'dbus-broker',
      'systemd-logind',
      'user@1000.service',
      '*.service',
      'x?.service',
      '[ab].service',
      '--all',
      '-H evil',
      '',
      'a b.service',
      'a/b.service',
      `${'x'.repeat(300)}.service`,
    ]) {
      const { outcome, calls } = await restart(unit)
      expect([unit, outcome, calls]).toEqual([unit, 'failed', ['']])
    }
    const own = await restart('oratio-health.service', { cgroup: '0::/system.slice/oratio-health.service\n' })
    expect(own).toMatchObject({ outcome: 'failed', detail: 'this program runs in it and would end with it' })
  })

  it('needs systemd', async () => {
    expect(await restart('x.service', { booted: false })).toMatchObject({
      outcome: 'failed',
      detail: 'systemd does not run here',
    })
  })
})
