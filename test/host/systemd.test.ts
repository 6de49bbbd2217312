import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { HostBase } from '../../src/host/base.ts'
import { makeRun } from '../../src/host/exec.ts'
import { makeSystemd } from '../../src/host/systemd.ts'
import { hasSystemd } from '../support/needs.ts'

const made: string[] = []
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const baseOf = (root: string, live = true): HostBase => ({
  root,
  live,
  uid: 0,
  pid: process.pid,
  env: { PATH: `${root}/bin:/usr/bin:/bin` },
  at: (path) => root + path,
})

/** A host where systemd runs and `systemctl` is this shell script. */
const hostWith = (script: string | null): string => {
  const root = mkdtempSync(join(tmpdir(), 'oh-sd-'))
  made.push(root)
  mkdirSync(join(root, 'run/systemd/system'), { recursive: true })
  mkdirSync(join(root, 'bin'))
  if (script !== null) {
    writeFileSync(join(root, 'bin/systemctl'), `#!/bin/sh\n${script}\n`)
    chmodSync(join(root, 'bin/systemctl'), 0o755)
  }
  return root
}

const systemdAt = (root: string, timeoutMs?: number) =>
  makeSystemd(baseOf(root), makeRun(baseOf(root)), timeoutMs)

const two = 'Id=a.service\nActiveState=active\n\nId=b.service\nActiveState=failed\n'

describe('units', () => {
  it('come from one call that names the pattern, the properties and nothing else', async () => {
    const root = hostWith(`printf '%s\\n' "$@" >> "$(dirname "$0")/asked"; printf '${two}'`)
    expect(await systemdAt(root).units()).toMatchObject({
      kind: 'value',
      value: [
        { id: 'a.service', activeState: 'active' },
        { id: 'b.service', activeState: 'failed' },
      ],
    })
    const asked = readFileSync(join(root, 'bin/asked'), 'utf8').trim().split('\n')
    expect(asked).toEqual([
      'show',
      '--all',
      '--no-pager',
      expect.stringMatching(/^--property=Id,Names,LoadState,[\w,]+$/),
      '--',
      '*.service',
    ])
  })

  it('are asked for by name too, but for names no unit can have', async () => {
    const root = hostWith(`printf '%s\\n' "$@" >> "$(dirname "$0")/asked"; printf '${two}'`)
    const names = [
      'mysql',
      'x@1.service',
      'a.timer',
      'x@.service',
      '*',
      '--root=/',
      '12',
      'a b',
      'a\nb',
      '',
      'ü',
    ]
    await systemdAt(root).units(names)
    const asked = readFileSync(join(root, 'bin/asked'), 'utf8').trim().split('\n')
    expect(asked.slice(asked.indexOf('*.service') + 1)).toEqual([
      'mysql.service',
      'x@1.service',
      'a.timer',
      '12.service',
    ])
  })

  it('are each told once, though found by the pattern and by name', async () => {
    const root = hostWith(`printf '${two}\\n${two}'`)
    const reading = await systemdAt(root).units(['a'])
    expect(reading.kind === 'value' && reading.value.map(({ id }) => id)).toEqual(['a.service', 'b.service'])
  })

  it('are absent where systemd is not the init, without asking', async () => {
    const root = hostWith(`touch "$(dirname "$0")/asked"`)
    rmSync(join(root, 'run'), { recursive: true })
    expect(await systemdAt(root).units()).toEqual({ kind: 'absent', what: 'systemd' })
    expect(() => readFileSync(join(root, 'bin/asked'))).toThrow()
  })

  it.each([
    ['Failed to connect to bus: Permission denied', 'denied'],
    ['Failed to connect to bus: No such file or directory', 'refused'],
    ["System has not been booted with systemd as init system (PID 1). Can't operate.", 'refused'],
    ['Failed to list units: Connection timed out', 'timeout'],
    ['Failed to list units: Access denied', 'denied'],
    ['Failed to get properties: Device or resource busy', 'io'],
  ])('%s → %s', async (words, cause) => {
    const root = hostWith(`echo "${words}" >&2; exit 1`)
    expect(await systemdAt(root).units()).toEqual({ kind: 'failed', cause, what: 'systemctl', detail: words })
  })

  it('are not "fine" when systemctl ends half-way', async () => {
    const root = hostWith(`printf '${two}'; exit 1`)
    expect(await systemdAt(root).units()).toMatchObject({ kind: 'failed' })
  })

  it('are not "none" when systemctl sees a chroot and ends with 0', async () => {
    const root = hostWith(`echo 'Running in chroot, ignoring command "show"' >&2`)
    const reading = await systemdAt(root).units()
    expect(reading).toMatchObject({
      kind: 'failed',
      cause: 'malformed',
      detail: expect.stringContaining('chroot'),
    })
  })

  it('fail in time when the bus hangs', async () => {
    const root = hostWith('exec sleep 600')
    expect(await systemdAt(root, 300).units()).toMatchObject({
      kind: 'failed',
      cause: 'timeout',
      what: 'systemctl',
    })
  })

  it('fail when systemctl may not be executed', async () => {
    const root = hostWith('true')
    chmodSync(join(root, 'bin/systemctl'), 0o644)
    const base = { ...baseOf(root), env: { PATH: `${root}/bin` } }
    const run = makeRun(base)
    const only = makeSystemd(base, ([, ...args], options) =>
      run([join(root, 'bin/systemctl'), ...args], options),
    )
    expect(await only.units()).toMatchObject({ kind: 'failed', cause: 'denied' })
  })
})

describe('a captured host', () => {
  const captured = (root: string) => makeSystemd(baseOf(root, false), makeRun(baseOf(root, false)))

  it('answers from cmd/systemctl-show.txt', async () => {
    const root = hostWith(null)
    mkdirSync(join(root, 'cmd'))
    writeFileSync(join(root, 'cmd/systemctl-show.txt'), two)
    expect(await captured(root).units(['c'])).toMatchObject({
      value: [{ id: 'a.service' }, { id: 'b.service' }],
    })
  })

  it('has no systemd without that file, and fails on one without units', async () => {
    const root = hostWith(`printf '${two}'`)
    expect(await captured(root).units()).toEqual({ kind: 'absent', what: 'systemd' })
    mkdirSync(join(root, 'cmd'))
    writeFileSync(join(root, 'cmd/systemctl-show.txt'), 'nonsense')
    expect(await captured(root).units()).toMatchObject({ kind: 'failed', what: 'cmd/systemctl-show.txt' })
  })
})

describe('the real systemd', () => {
  const real: HostBase = { ...baseOf(''), root: '/', env: process.env, at: (path) => path }

  it.skipIf(!hasSystemd)(
    'tells its own journal service and a unit that is not there (needs systemd)',
    async () => {
      const reading = await makeSystemd(real, makeRun(real)).units(['oratio-no-such-unit'])
      const units = reading.kind === 'value' ? reading.value : []
      expect(units.find(({ id }) => id === 'systemd-journald.service')).toMatchObject({
        loadState: 'loaded',
        activeState: 'active',
        restartSetting: 'always',
      })
      expect(units.find(({ id }) => id === 'oratio-no-such-unit.service')).toMatchObject({
        loadState: 'not-found',
      })
    },
  )
})
