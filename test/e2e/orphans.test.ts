import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { docker, initOf, removeAll, start } from './docker-house.ts'
import { engineSocket, launcher, type Run, run, temporaryFolder, until } from './environment.ts'
import { inside, programInMachine } from './machine.ts'

afterEach(removeAll)

interface Killing extends Run {
  document: {
    matched: number
    killed: { pid: number; signal: string; command: string }[]
    spared: { pid: number; reason: string; command: string }[]
    survivors: unknown[]
  }
}

const parsed = (ran: Run): Killing => {
  try {
    return { ...ran, document: JSON.parse(ran.stdout) }
  } catch {
    throw new Error(`no JSON (exit ${ran.exitCode}): ${ran.stdout}\n${ran.stderr}`)
  }
}

const killer = (rules: string, before: readonly string[] = []) => {
  const folder = temporaryFolder()
  const config = join(folder, 'config.yaml')
  writeFileSync(config, `orphans: [ ${rules} ]\n`, { mode: 0o600 })
  return async (...args: string[]): Promise<Killing> =>
    parsed(
      await run(
        [
          ...before,
          ...[process.execPath, launcher(), 'kill-orphans', '--json', '-c', config, ...args],
          ...['--state-dir', join(folder, 'state'), '--log-dir', join(folder, 'log')],
        ],
        { env: { DOCKER_HOST: `unix://${engineSocket()}` } },
      ),
    )
}

/** As incident E had them: started with `&` by a script that has ended, all of the same name as the daemon. */
const wallet = (orphans: number): string =>
  `for i in $(seq ${orphans}); do (python3 -c "import time; time.sleep(3600)" electron-cash & ) ; done; exec python3 -c "import time; time.sleep(3600)" electron-cash daemon`

const processesOf = async (name: string): Promise<number> =>
  (await docker('top', name, '-eo', 'pid,args')).split('\n').filter((line) => line.includes('electron-cash'))
    .length

describe('orphans in a container, from the host', () => {
  it('of 60 under an init all go, and the daemon goes on; nothing in the container is needed', async () => {
    await start('e2e-wallet', ['--init'], 'sh', '-c', wallet(60))
    await start('e2e-other', ['--init'], 'sh', '-c', wallet(2))
    await until('all of them run', async () => ((await processesOf('e2e-wallet')) >= 61 ? true : null))
    const kill = killer('{ name: wallet, match: electron-cash, container: e2e-wallet }')
    const dry = await kill('-n')
    expect(dry.exitCode).toBe(0)
    expect(await processesOf('e2e-wallet')).toBeGreaterThanOrEqual(61)

    const { exitCode, document } = await kill()
    expect(exitCode).toBe(0)
    expect(document.killed).toHaveLength(60)
    expect(document.survivors).toEqual([])
    // The init and its command; the command is the daemon.
    expect(document.spared.map(({ reason }) => reason)).toContain('it is the tracked one')
    expect(document.killed.filter(({ pid }) => existsSync(`/proc/${pid}`))).toEqual([])
    expect(await docker('inspect', '-f', '{{.State.Running}} {{.RestartCount}}', 'e2e-wallet')).toBe('true 0')
    expect(
      (await docker('top', 'e2e-wallet', '-eo', 'pid,args')).match(/electron-cash daemon/g)?.length,
    ).toBeGreaterThan(0)
    expect((await kill()).document.killed).toEqual([])
    // Another container has the same, and was not meant.
    expect(
      (await docker('top', 'e2e-other', '-eo', 'pid,args')).match(/python3/g)?.length,
    ).toBeGreaterThanOrEqual(3)
  })

  it('where the daemon is the first process of the container, it is the tracked one', async () => {
    await start('e2e-wallet', [], 'sh', '-c', wallet(5))
    const init = Number(await initOf('e2e-wallet'))
    await until('all of them run', async () => ((await processesOf('e2e-wallet')) >= 6 ? true : null))
    const { document } = await killer('{ name: wallet, match: electron-cash, container: e2e-wallet }')()
    expect(document.spared).toContainEqual(
      expect.objectContaining({ pid: init, reason: 'it is the tracked one' }),
    )
    // They are zombies of an init that reaps nothing, or gone: dead in any case.
    expect(document.killed).toHaveLength(5)
    expect(await docker('inspect', '-f', '{{.State.Running}}', 'e2e-wallet')).toBe('true')
  })

  it('a fork storm in one ends, its daemon goes on, and nothing stays frozen', async () => {
    // Each starts its successor and ends, within the grace of those that were seen. Ends by itself after 40 s.
    const relay =
      'import os,time\nend=time.time()+40\nfor _ in range(4):\n  if os.fork()==0:\n    while time.time()<end:\n      if os.fork(): os._exit(0)\n      time.sleep(0.5)\n    os._exit(0)\ntime.sleep(40)'
    const script = `(python3 -c "$0" storm &); exec python3 -c "import time; time.sleep(3600)" daemon`
    await start('e2e-storm', ['--init'], 'sh', '-c', script, relay)
    const count = async (word: string): Promise<number> =>
      (await docker('top', 'e2e-storm', '-eo', 'pid,args'))
        .split('\n')
        .filter((line) => line.endsWith(` ${word}`)).length
    await until('it rages', async () => ((await count('storm')) >= 4 ? true : null))
    const { exitCode, document } = await killer('{ name: storm, match: " storm$", container: e2e-storm }')()
    expect(document.survivors).toEqual([])
    expect(exitCode).toBe(0)
    expect(await count('storm')).toBe(0)
    expect(await count('daemon')).toBeGreaterThan(0)
    // A frozen container would answer nobody.
    expect(await docker('exec', 'e2e-storm', 'echo', 'awake')).toBe('awake')
    expect(await docker('inspect', '-f', '{{.State.Status}}', 'e2e-storm')).toBe('running')
  })

  /** Each link lives some milliseconds, less than a look takes, and is in the session of the daemon, as `&` leaves it. */
  const relay = (body: string) =>
    `import os,time\nfor _ in range(4):\n  if os.fork()==0:\n    while True:\n      ${body}\nos._exit(0)`
  const rage = async (name: string, body: string) => {
    const script = '(python3 -c "$0" storm &); exec python3 -c "import time; time.sleep(3600)" daemon'
    await start(name, ['--init'], 'sh', '-c', script, relay(body))
    await until('it rages', async () => ((await living(name, 'storm')) > 0 ? true : null))
  }
  const living = async (name: string, word: string): Promise<number> =>
    (await docker('top', name, '-eo', 'pid,stat,args'))
      .split('\n')
      .filter((line) => line.endsWith(` ${word}`) && !/^\s*\d+ Z/.test(line)).length
  /** A list is made while they come and go, so that one alone may miss all of them. */
  const mostLiving = async (name: string): Promise<number> => {
    let most = 0
    for (let i = 0; i < 10; i++) most = Math.max(most, await living(name, 'storm'))
    return most
  }

  it.each(['0.01', '0.002'])(
    'a storm whose links live %s s ends, its daemon goes on, and nothing stays frozen',
    async (seconds) => {
      await rage('e2e-relay', `if os.fork(): os._exit(0)\n      time.sleep(${seconds})`)
      const { exitCode, document } = await killer(
        '{ name: storm, match: " storm$", container: e2e-relay, keep: 0 }',
      )()
      expect(await mostLiving('e2e-relay')).toBe(0)
      expect(document.survivors).toEqual([])
      expect(document.killed.length).toBeGreaterThanOrEqual(4)
      for (const { command } of document.killed) expect(command).toMatch(/^python3 /)
      expect(exitCode).toBe(0)
      expect(await living('e2e-relay', 'daemon')).toBeGreaterThan(0)
      expect(await docker('exec', 'e2e-relay', 'echo', 'awake')).toBe('awake')
    },
  )

  it('one whose links are in sessions of their own is never "0 left"', async () => {
    await rage('e2e-relay', 'if os.fork(): os._exit(0)\n      os.setsid()\n      time.sleep(0.01)')
    const { exitCode } = await killer('{ name: storm, match: " storm$", container: e2e-relay }')()
    if ((await mostLiving('e2e-relay')) > 0) expect([1, 3]).toContain(exitCode)
    expect(await docker('exec', 'e2e-relay', 'echo', 'awake')).toBe('awake')
  })

  it.skipIf(!existsSync('/sys/fs/cgroup/freezer'))('nor is one that cannot be frozen', async () => {
    await rage('e2e-relay', 'if os.fork(): os._exit(0)\n      time.sleep(0.01)')
    // In a view of the host without what freezes.
    const without =
      'for at in freezer unified; do [ ! -d /sys/fs/cgroup/$at ] || umount /sys/fs/cgroup/$at; done; exec "$@"'
    const kill = killer('{ name: storm, match: " storm$", container: e2e-relay }', [
      ...['unshare', '--mount', '--propagation', 'private', 'sh', '-c', without, 'sh'],
    ])
    const { exitCode } = await kill()
    if ((await mostLiving('e2e-relay')) > 0) expect([1, 3]).toContain(exitCode)
  })

  it('where programs come and go in honest work, it is 0, and all of them go on', async () => {
    const work = 'while :; do true; /bin/true; echo "$(date)" >/tmp/at; sleep 0.02; done'
    await start('e2e-work', ['--init'], 'sh', '-c', work)
    const kill = killer('{ name: storm, match: " storm$", container: e2e-work }')
    for (let i = 0; i < 5; i++)
      expect(await kill()).toMatchObject({ exitCode: 0, document: { matched: 0, killed: [], survivors: [] } })
    const at = () => docker('exec', 'e2e-work', 'stat', '-c', '%Y', '/tmp/at')
    const before = await at()
    await until('it works', async () => ((await at()) === before ? null : true))
  })

  it('a rule for the host leaves what is in containers alone', async () => {
    await start('e2e-wallet', ['--init'], 'sh', '-c', wallet(3))
    await until('all of them run', async () => ((await processesOf('e2e-wallet')) >= 4 ? true : null))
    const { document } = await killer('{ name: host, match: electron-cash }')()
    expect(document.matched).toBe(0)
    expect(await processesOf('e2e-wallet')).toBeGreaterThanOrEqual(4)
  })
})

describe('orphans on a real systemd', () => {
  it('the main process of a unit stays, what its script left behind goes', async () => {
    await inside(`
      printf '[Service]\\nExecStart=/bin/sh -c "(sleep 3601 &) ; (sleep 3601 &) ; exec sleep 3601"\\n' >/etc/systemd/system/e2e-strays.service
      printf '[Service]\\nType=oneshot\\nRemainAfterExit=yes\\nExecStart=/bin/sh -c "sleep 3601 &"\\nKillMode=process\\n' >/etc/systemd/system/e2e-nomain.service
      systemctl daemon-reload; systemctl start e2e-strays e2e-nomain
      mkdir -p /var/tmp/orphans
      printf 'orphans: [ { name: sleepers, match: "sleep 3601" } ]\\n' >/var/tmp/orphans/config.yaml
      chmod 600 /var/tmp/orphans/config.yaml`)
    try {
      const main = Number(await inside('systemctl show -p MainPID --value e2e-strays'))
      await until('they run', async () => ((await inside('pgrep -fxc "sleep 3601"')) === '4' ? true : null))
      const { document, exitCode } = parsed(
        await run(
          programInMachine(
            'kill-orphans',
            '--json',
            '-c',
            '/var/tmp/orphans/config.yaml',
            '--state-dir',
            '/var/tmp/orphans/s',
            '--log-dir',
            '/var/tmp/orphans/l',
          ),
        ),
      )
      expect(exitCode).toBe(0)
      expect(document.killed).toHaveLength(2)
      expect(document.spared).toContainEqual(expect.objectContaining({ pid: main }))
      // Of a unit without a main process nobody knows which it is about.
      expect(document.spared).toHaveLength(2)
      expect(await inside('systemctl is-active e2e-strays')).toBe('active')
    } finally {
      await inside(
        'systemctl stop e2e-strays e2e-nomain; pkill -fx "sleep 3601" || :; rm -rf /etc/systemd/system/e2e-strays.service /etc/systemd/system/e2e-nomain.service /var/tmp/orphans; systemctl daemon-reload',
      )
    }
  })

  it('of a user’s systemd: his services stay, what a terminal left behind goes', async () => {
    // The terminal is a service; its pane, as of any terminal today, a scope of its own.
    await inside(`
      mkdir -p /etc/systemd/user/default.target.wants /var/tmp/orphans
      printf '[Service]\\nExecStart=/bin/sh -c "systemd-run --user --scope --unit=vte-spawn-e2e /bin/sh -c \\\\"(sleep 3603 &); exec sleep 3604\\\\" & exec sleep 3605"\\n' >/etc/systemd/user/e2e-terminal.service
      printf '[Service]\\nExecStart=/bin/sleep 3606\\n' >/etc/systemd/user/e2e-plain.service
      for u in terminal plain; do ln -sf ../e2e-$u.service /etc/systemd/user/default.target.wants/e2e-$u.service; done
      printf 'orphans: [ { name: sleepers, match: "sleep 360[3-6]" } ]\\n' >/var/tmp/orphans/user.yaml
      chmod 600 /var/tmp/orphans/user.yaml
      mkdir -p /etc/systemd/system/user@0.service.d
      # As pam_systemd would.
      printf '[Service]\\nEnvironment=XDG_RUNTIME_DIR=/run/user/0\\n' >/etc/systemd/system/user@0.service.d/e2e.conf
      systemctl daemon-reload
      systemctl start user@0.service || { journalctl --no-pager -n 30 -u user@0.service >&2; exit 1; }`)
    try {
      await until('they run', async () =>
        (await inside('pgrep -fxc ".*sleep 360[3-6]" || :')) === '4' ? true : null,
      )
      const pidOf = async (seconds: number) => Number(await inside(`pgrep -fx ".*sleep ${seconds}"`))
      const [left, plain] = [await pidOf(3603), await pidOf(3606)]
      const places = [
        '-c',
        '/var/tmp/orphans/user.yaml',
        '--state-dir',
        '/var/tmp/orphans/s',
        '--log-dir',
        '/var/tmp/orphans/l',
      ]
      const { document } = parsed(await run(programInMachine('kill-orphans', '--json', ...places)))
      expect(document.killed.map(({ pid }) => pid)).toEqual([left])
      expect(document.spared).toContainEqual(
        expect.objectContaining({ pid: plain, reason: 'it is the tracked one' }),
      )
      expect(document.spared).toHaveLength(3)
    } finally {
      await inside(
        'systemctl stop user@0.service; rm -rf /etc/systemd/system/user@0.service.d /etc/systemd/user/e2e-* /etc/systemd/user/default.target.wants/e2e-* /var/tmp/orphans',
      )
    }
  })
})
