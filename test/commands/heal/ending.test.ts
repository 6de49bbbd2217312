import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bundle } from '../../support/bundle.ts'
import {
  check,
  type Daemon,
  type DaemonOptions,
  folderIn,
  house,
  type Settings,
} from '../../support/healing.ts'
import { isRoot } from '../../support/needs.ts'
import { isAlive, seen, startFamily, until } from '../../support/process-family.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { canMount, unmount } from '../../support/tiny-disk.ts'

const top = tempFolder('ending')
chmodSync(top, 0o755)
const program = bundle('../src/cli.ts', top)

/** Failing, and due with the first check. */
const settings = (daemon: Daemon, more: Settings = {}): Settings => ({
  pidfile: daemon.pidFile,
  processes: { crit: 1 },
  start: daemon.start,
  restart: { after: 1, grace: '200ms', evidence: false },
  ...more,
})

const arrange = async (more: Settings = {}, options?: DaemonOptions) => {
  const place = house(top)
  const daemon = place.daemon('daemon', options)
  place.configure({ daemon: settings(daemon, more) })
  return { place, daemon, run: async (...args: string[]) => check(program, place, args) }
}

const messages = (judged: { findings: { message: string }[] } | undefined): string =>
  judged?.findings.map(({ message }) => message).join('\n') ?? ''

describe('of what runs, a restart ends', () => {
  it('a service that ignores SIGTERM, after its grace', async () => {
    const { daemon, run } = await arrange()
    const old = [await daemon.launch(), ...daemon.children()]
    expect((await run()).services.daemon?.action).toMatchObject({
      outcome: 'done',
      reason: expect.stringMatching(/3 processes ended/),
    })
    await daemon.allRun()
    expect(old.filter(isAlive)).toEqual([])
  })

  it('200 orphans of a shell script, and not the one that is tracked then, nor another service of that script', async () => {
    const { place, daemon, run } = await arrange({}, { children: 200, orphans: true })
    const other = place.daemon('other', { children: 1, orphans: true })
    await Promise.all([daemon.launch(), other.launch()])
    const old = [...daemon.mains(), ...daemon.children()]
    expect(old).toHaveLength(201)
    expect(daemon.children().filter((pid) => seen(pid)?.ppid === old[0])).toEqual([])
    const { services } = await run()
    expect(services.daemon?.action?.reason).toMatch(/201 processes ended/)
    await daemon.allRun()
    expect(old.filter(isAlive)).toEqual([])
    expect(readFileSync(daemon.pidFile, 'utf8')).toBe(`${daemon.mains()[0]}\n`)
    expect([other.mains().length, other.children().length]).toEqual([1, 1])
  })

  it('nothing, where it is down: it is only started', async () => {
    const { place, daemon, run } = await arrange()
    expect((await run()).services.daemon?.action).toMatchObject({ outcome: 'done' })
    await daemon.allRun()
    expect(daemon.everStarted()).toHaveLength(1)
    expect(place.journal()).toEqual([])
  })

  const freezer = '/sys/fs/cgroup/freezer'
  const canFreeze = isRoot && existsSync(join(freezer, 'cgroup.procs'))
  it.skipIf(!canFreeze)(
    'not one that cannot die, and then none is started beside it (skipped without the cgroup-v1 freezer)',
    async () => {
      const { place, daemon, run } = await arrange({}, { children: 1 })
      const pid = await daemon.launch()
      const cgroup = join(freezer, `oh-heal-${pid}`)
      mkdirSync(cgroup)
      onTestFinished(async () => {
        writeFileSync(join(cgroup, 'freezer.state'), 'THAWED')
        await until(() => !isAlive(pid))
        rmdirSync(cgroup)
      })
      writeFileSync(join(cgroup, 'cgroup.procs'), `${pid}`)
      writeFileSync(join(cgroup, 'freezer.state'), 'FROZEN')
      await until(() => readFileSync(join(cgroup, 'freezer.state'), 'utf8') === 'FROZEN\n')
      const { services, code } = await run()
      expect(code).toBe(2)
      expect(services.daemon?.action).toMatchObject({
        outcome: 'failed',
        reason: expect.stringMatching(/1 process still there after SIGKILL/),
      })
      expect(services.daemon?.status).toBe('critical')
      expect(daemon.mains()).toEqual([pid])
      expect(daemon.everStarted()).toEqual([pid])
      expect(place.ledger()).toEqual([expect.stringMatching(/ CRIT daemon restart-failed: /)])
      expect(place.state().restarts.daemon?.memory.restartedAtMs).toHaveLength(1)
    },
  )
})

describe('nobody is signalled by a pid file', () => {
  it.each([
    ['that is empty', () => ''],
    ['of garbage', () => '12; rm -rf /\n'],
    ['of a negative number', (bystander: number) => `-${bystander}\n`],
    ['of init', () => '1\n'],
  ])('%s', async (_, textOf) => {
    const bystander = startFamily('echo ready; exec sleep 1000')
    await until(() => bystander.said() !== '')
    const { daemon, run } = await arrange()
    writeFileSync(daemon.pidFile, textOf(bystander.pid))
    const { services } = await run()
    expect(isAlive(bystander.pid)).toBe(true)
    expect(services.daemon?.action?.reason).not.toMatch(/ended/)
  })

  it('that is older than the process: its pid was given to another', async () => {
    const { place, daemon, run } = await arrange()
    const bystander = startFamily('echo ready; exec sleep 1000')
    await until(() => bystander.said() !== '')
    writeFileSync(daemon.pidFile, `${bystander.pid}\n`)
    const lastHour = Date.now() / 1000 - 3600
    utimesSync(daemon.pidFile, lastHour, lastHour)
    expect((await run()).services.daemon?.action?.outcome).toBe('done')
    expect(isAlive(bystander.pid)).toBe(true)
    await daemon.allRun()
    expect(place.journal()).toEqual([])
  })

  it.skipIf(!isRoot)(
    'that another user could write: it leads to no process of root, and none is started',
    async () => {
      const { daemon, run } = await arrange()
      const bystander = startFamily('echo ready; exec sleep 1000')
      await until(() => bystander.said() !== '')
      writeFileSync(daemon.pidFile, `${bystander.pid}\n`)
      chownSync(daemon.pidFile, 1000, 1000)
      const { services } = await run()
      expect(services.daemon).toMatchObject({ status: 'unknown', action: null })
      expect(messages(services.daemon)).toMatch(/not believed: it is of user 1000/)
      expect(isAlive(bystander.pid)).toBe(true)
      expect(daemon.everStarted()).toEqual([])
    },
  )

  it('that is a link: it is neither followed nor written through', async () => {
    const { place, daemon, run } = await arrange()
    const bystander = startFamily('echo ready; exec sleep 1000')
    await until(() => bystander.said() !== '')
    const elsewhere = join(folderIn(place, 'other'), 'x.pid')
    writeFileSync(elsewhere, `${bystander.pid}\n`)
    symlinkSync(elsewhere, daemon.pidFile)
    const { services } = await run()
    expect(services.daemon?.action).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/symbolic link/),
    })
    expect(isAlive(bystander.pid)).toBe(true)
    expect(daemon.everStarted()).toEqual([])
  })
})

describe('nothing is ended that', () => {
  it('is protected: what has started this run', async () => {
    const { daemon, run } = await arrange()
    writeFileSync(daemon.pidFile, `${process.pid}\n`)
    const { services } = await run()
    expect(services.daemon?.action).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/is protected/),
    })
    expect(daemon.everStarted()).toEqual([])
  })

  it('could not be remembered: others could change what is written in the state folder', async () => {
    const { place, daemon, run } = await arrange()
    const pid = await daemon.launch()
    mkdirSync(place.stateDir)
    chmodSync(place.stateDir, 0o777)
    expect(refusalOf(await run())).toMatch(/^nothing was restarted: the action journal cannot be written: /)
    expect([daemon.mains(), place.ledger()]).toEqual([[pid], []])
  })

  it.skipIf(!canMount)('nor on a read-only disk (skipped where nothing can be mounted)', async () => {
    const { place, daemon, run } = await arrange()
    const pid = await daemon.launch()
    mkdirSync(place.stateDir)
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro,size=4k', 'oh-test', place.stateDir])
    onTestFinished(() => unmount(place.stateDir))
    for (let n = 0; n < 2; n++) expect(refusalOf(await run())).toMatch(/^nothing was restarted: .*read-only/)
    expect([daemon.mains(), place.ledger()]).toEqual([[pid], []])
  })
})

const refusalOf = ({ services }: Awaited<ReturnType<typeof check>>): string => {
  expect(services.daemon).toMatchObject({ status: 'critical', action: { outcome: 'failed' } })
  const reason = services.daemon?.action?.reason ?? ''
  expect(messages(services.daemon)).toContain(reason.slice(0, 50))
  return reason
}
