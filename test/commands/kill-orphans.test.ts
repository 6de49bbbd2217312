import { execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bundle } from '../support/bundle.ts'
import { ran } from '../support/healing.ts'
import { allSeen, isAlive, until } from '../support/process-family.ts'
import { validateDocument } from '../support/schema.ts'
import { tempFolder } from '../support/temp-folder.ts'

// The whole program on real processes of this host; in containers by test/e2e/orphans.test.ts.
const top = tempFolder('orphans')
const program = bundle('../src/cli.ts', top)

interface Killing {
  code: number | string | null
  text: string
  document: {
    matched: number
    killed: { pid: number; signal: string; command: string }[]
    wouldKill: { pid: number }[]
    spared: { pid: number; reason: string }[]
    survivors: unknown[]
  }
}

interface OrphanFinding {
  check: string
  status: string
  message: string
  value: number | null
}

const scene = (rules: (word: string) => string, services = '') => {
  const folder = mkdtempSync(join(top, 'scene-'))
  const word = `ohorphan-${folder.slice(-6)}`
  const config = join(folder, 'config.yaml')
  writeFileSync(
    config,
    `${services.replaceAll('FOLDER', folder)}\norphans: [ ${rules(word).replaceAll('FOLDER', folder)} ]\n`,
    {
      mode: 0o600,
    },
  )
  const started: number[] = []
  onTestFinished(() => {
    // With what they have started.
    const below = allSeen().filter(({ ppid }) => started.includes(ppid))
    for (const pid of [...started, ...below.map((one) => one.pid)])
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has ended.
      }
  })
  /** Handed to init: the shell that starts it ends. */
  const orphan = async (body = 'exec sleep 1000'): Promise<number> => {
    const file = join(folder, `pid-${started.length}`)
    // The word is in its command line as an argument that nobody reads.
    execFileSync(
      'setsid',
      [
        'sh',
        '-c',
        `sh -c '${body === 'exec sleep 1000' ? 'sleep 1000 & wait' : body}' ${word} & echo $! >"$0"`,
        file,
      ],
      { stdio: 'ignore' },
    )
    const pid = Number(readFileSync(file, 'utf8'))
    started.push(pid)
    // Then it is past what stands before its sleep, such as a trap.
    await until(() => allSeen().some(({ ppid }) => ppid === pid))
    return pid
  }
  const kill = async (...args: string[]): Promise<Killing> => {
    const { code, stdout, stderr } = await ran([
      ...[process.execPath, program, 'kill-orphans', '--json', '-c', config, '--grace', '300ms'],
      ...['--state-dir', join(folder, 'state'), '--log-dir', join(folder, 'log'), ...args],
    ])
    const document = stdout.startsWith('{') ? JSON.parse(stdout) : null
    if (document?.matched !== undefined) expect(validateDocument(document)).toEqual([])
    return { code, text: stdout + stderr, document }
  }
  const check = async (): Promise<{ orphans: OrphanFinding[]; alive: boolean }> => {
    const { stdout } = await ran([
      ...[process.execPath, program, 'check', '--json', '-c', config],
      ...['--state-dir', join(folder, 'state'), '--log-dir', join(folder, 'log')],
    ])
    const document = JSON.parse(stdout)
    expect(validateDocument(document)).toEqual([])
    const orphans = document.findings.filter((one: OrphanFinding) => one.check === 'orphans')
    return { orphans, alive: started.every(isAlive) }
  }
  return { folder, word, config, orphan, kill, check, started }
}

describe('kill-orphans', () => {
  it('ends what was handed to init, with all below it, and not what has a parent', async () => {
    const { folder, orphan, kill, word, started } = scene((name) => `{ name: test, match: ${name} }`)
    const polite = await orphan()
    const deaf = await orphan('trap "" TERM; sleep 1000; sleep 1000')
    const child = spawn('sh', ['-c', 'sleep 1000 & wait', word], { stdio: 'ignore' })
    started.push(child.pid ?? Number.NaN)

    const dry = await kill('-n')
    expect(dry.document.wouldKill.map(({ pid }) => pid)).toEqual(expect.arrayContaining([polite, deaf]))
    expect([polite, deaf].every(isAlive)).toBe(true)

    const { code, document } = await kill()
    expect(code).toBe(0)
    expect([polite, deaf].some(isAlive)).toBe(false)
    expect(isAlive(child.pid ?? Number.NaN)).toBe(true)
    const signals = new Map(document.killed.map(({ pid, signal }) => [pid, signal]))
    expect(signals.get(polite)).toBe('SIGTERM')
    expect(signals.get(deaf)).toBe('SIGKILL')
    expect(document.spared).toEqual([
      expect.objectContaining({ pid: child.pid, reason: expect.stringContaining('its parent lives') }),
    ])
    expect(document.survivors).toEqual([])
    const [file = ''] = readdirSync(join(folder, 'log')).filter((name) => name.startsWith('orphans_'))
    const log = readFileSync(join(folder, 'log', file), 'utf8')
    for (const pid of [polite, deaf])
      expect(log).toMatch(
        new RegExp(
          `INFO to end: ${pid} \\(age \\ds, [^)]*B\\) .*${word}.*\n(.*\n)+.*INFO ended by SIG.*: ${pid} `,
        ),
      )
    expect((await kill()).document.killed).toEqual([])
  })

  it('tells of no secret in a command line, wherever it stands in it', async () => {
    const { orphan, kill, folder } = scene((name) => `{ name: test, match: ${name} }`)
    const pid = await orphan(`: ${'x'.repeat(90)} --rpcpassword=hunter2; sleep 1000; :`)
    const dry = await kill('-n')
    const { text, document } = await kill()
    expect(document.killed.map((one) => one.pid)).toContain(pid)
    const logs = readdirSync(join(folder, 'log')).map((name) =>
      readFileSync(join(folder, 'log', name), 'utf8'),
    )
    for (const words of [dry.text, text, ...logs]) expect(words).not.toContain('hunter2')
    expect(text).toContain('--rpcpassword=***')
    expect(logs.join('')).toContain('--rpcpassword=***')
  })

  it('what it has begun it brings to its end when the time is up, and tells which rules it has not done', async () => {
    const { orphan, kill } = scene(
      (name) => `{ name: deaf, match: 'trap.*${name}' }, { name: later, match: 'later.*${name}' }`,
    )
    const deaf = await orphan('trap "" TERM; sleep 1000; sleep 1000')
    const later = await orphan(': later; sleep 1000; :')
    const { code, text, document } = await kill('deaf', 'later', '--grace', '12s', '--timeout', '11s')
    expect([isAlive(deaf), isAlive(later)]).toEqual([false, true])
    expect(document.killed).toContainEqual(expect.objectContaining({ pid: deaf, signal: 'SIGKILL' }))
    expect(code).toBe(3)
    expect(document).toMatchObject({
      notDone: [{ rule: 'later', reason: expect.stringContaining('time') }],
    })
    expect(text).not.toMatch(/did not end within/)
  })

  it('never the daemon of a pid file, nor what belongs to it', async () => {
    const { folder, orphan, kill } = scene(
      (name) => `{ name: test, match: ${name} }`,
      'services: { daemon: { pidfile: FOLDER/daemon.pid } }',
    )
    const daemon = await orphan()
    const stray = await orphan()
    writeFileSync(join(folder, 'daemon.pid'), `${daemon}\n`)
    const { document } = await kill()
    expect(document.spared).toContainEqual(
      expect.objectContaining({ pid: daemon, reason: 'it is the tracked one' }),
    )
    expect(document.killed.map(({ pid }) => pid)).toContain(stray)
    expect(isAlive(daemon)).toBe(true)
  })

  it('nor its workers, where the script that has started it leads their session and is an orphan', async () => {
    const { folder, word, kill, started } = scene(
      (name) => `{ name: test, match: ${name} }`,
      'services: { daemon: { pidfile: FOLDER/daemon.pid } }',
    )
    const daemon = `sh -c 'sleep 1000 & echo $! >worker; wait'`
    const script = `cd ${folder}; ${daemon} & echo $! >daemon.pid; sleep 1001 & echo $! >other; echo $$ >leader; wait`
    execFileSync('sh', ['-c', 'setsid sh -c "$1" "$2" >/dev/null 2>&1 &', '-', script, word], {
      stdio: 'ignore',
    })
    const pidIn = (name: string): number => Number(readFileSync(join(folder, name), 'utf8'))
    await until(() => ['leader', 'worker'].every((name) => existsSync(join(folder, name)) && pidIn(name) > 0))
    const pids = ['leader', 'other', 'daemon.pid', 'worker'].map(pidIn)
    started.push(...pids)
    expect((await kill()).code).toBe(0)
    expect(pids.map(isAlive)).toEqual([false, false, true, true])
  })

  it('keeps the newest, spares the young, and looks at the user', async () => {
    const { orphan, kill } = scene(
      (name) =>
        `{ name: keep, match: ${name}, keep: 1 }, { name: young, match: ${name}, older_than: 1h }, { name: other, match: ${name}, user: nobody }`,
    )
    const first = await orphan()
    const second = await orphan()
    const third = await orphan()
    expect((await kill('young')).document.killed).toEqual([])
    expect((await kill('other')).document.matched).toBe(0)
    await kill('keep')
    expect([first, second, third].map(isAlive).filter(Boolean)).toHaveLength(1)
  })

  it('a rule for a container where none runs is not "0 left": status 3, and the others go on', async () => {
    const { orphan, kill } = scene(
      (name) => `{ name: gone, match: ${name}, container: never-there }, { name: here, match: ${name} }`,
    )
    const stray = await orphan()
    const { code, text, document } = await kill()
    expect(code).toBe(3)
    expect(document.killed.map(({ pid }) => pid)).toContain(stray)
    expect(text).not.toMatch(/\n\s+at /)
  })

  it('a process in a pid namespace of its own is not the host’s', async () => {
    const { folder, kill, word, started } = scene((name) => `{ name: test, match: ${name} }`)
    // By its name an init that takes in orphans, as in a container of an engine that nobody has asked.
    const tini = join(folder, 'tini')
    copyFileSync('/bin/sh', tini)
    chmodSync(tini, 0o755)
    const script = `sleep 1001 & (sh -c 'echo on; sleep 1000 & wait' ${word} &); wait`
    const child = spawn('unshare', ['--pid', '--fork', '--mount-proc', '--kill-child', tini, '-c', script])
    started.push(child.pid ?? Number.NaN)
    await new Promise((resolve) => child.stdout.once('data', resolve))
    const { document } = await kill('-n')
    expect(document.wouldKill).toEqual([])
  })

  it('in a container whose first process is an application, what that has started stays: 3', async () => {
    const { folder, config, word, started } = scene((name) => `{ name: test, match: ${name} }`)
    // In a pid namespace of its own, as there.
    const app = `
      my ($word, @kill) = @ARGV;
      fork // die or do { sleep 1000 };
      fork // die or exec 'sh', '-c', 'sleep 1000; :', $word;
      system @kill, '-n';
      system @kill;
      kill 0, 2 and kill 0, 3 and print "both live\n"`
    const kill = [
      ...[process.execPath, program, 'kill-orphans', '--json', '-c', config],
      ...['--state-dir', join(folder, 'state'), '--log-dir', join(folder, 'log')],
    ]
    const child = spawn('unshare', [
      ...['--pid', '--fork', '--mount-proc', '--kill-child', 'perl', '-e', app, word, ...kill],
    ])
    started.push(child.pid ?? Number.NaN)
    let text = ''
    child.stdout.on('data', (data) => {
      text += data
    })
    await new Promise((resolve) => child.once('close', resolve))
    const documents = text.split(/^(?=\{)/m)
    expect(documents).toHaveLength(2)
    for (const one of documents)
      expect(JSON.parse(one.replace(/both live\n$/, ''))).toMatchObject({
        exitCode: 3,
        notDone: [{ rule: 'test', reason: expect.stringContaining('process 1 here is perl') }],
      })
    expect(text).toMatch(/both live\n$/)
  })

  it('a pid file that cannot be read blinds the rule: who is the daemon is not known', async () => {
    const { folder, orphan, kill } = scene(
      (name) => `{ name: test, match: ${name} }`,
      'services: { daemon: { pidfile: FOLDER/daemon.pid } }',
    )
    const stray = await orphan()
    const pidFile = join(folder, 'daemon.pid')
    for (const make of [
      () => mkdirSync(pidFile),
      // As it is for a moment while the daemon writes it.
      () => writeFileSync(pidFile, ''),
      () => writeFileSync(pidFile, 'soon'),
      () => symlinkSync('/dev/null', pidFile),
    ]) {
      rmSync(pidFile, { recursive: true, force: true })
      make()
      const { code, text } = await kill()
      expect(code).toBe(3)
      expect(text).toMatch(/the daemon of daemon cannot be told/)
      expect(isAlive(stray)).toBe(true)
    }
    rmSync(pidFile)
    expect((await kill()).document.killed.map(({ pid }) => pid)).toContain(stray)
  })

  it('whom a pid file names that others may write is spared, and blinds no rule', async () => {
    const { folder, orphan, kill } = scene(
      (name) => `{ name: test, match: ${name} }`,
      'services: { daemon: { pidfile: FOLDER/daemon.pid } }',
    )
    const [daemon, stray] = [await orphan(), await orphan()]
    const pidFile = join(folder, 'daemon.pid')
    writeFileSync(pidFile, `${daemon}\n`)
    // As a daemon without a umask writes it.
    chmodSync(pidFile, 0o666)
    const { code, document } = await kill()
    expect(code).toBe(0)
    expect(document.killed.map(({ pid }) => pid)).toContain(stray)
    expect(document.spared).toContainEqual(
      expect.objectContaining({ pid: daemon, reason: expect.stringContaining('not believed') }),
    )
    expect([daemon, stray].map(isAlive)).toEqual([true, false])
  })

  it('whose pid is in a file of an earlier one is spared, but keep: 1 keeps another beside it', async () => {
    const { folder, orphan, kill } = scene(
      (name) => `{ name: test, match: ${name}, keep: 1 }`,
      'services: { daemon: { pidfile: FOLDER/daemon.pid } }',
    )
    const all = [await orphan(), await orphan(), await orphan()]
    const [later, ...strays] = all
    const pidFile = join(folder, 'daemon.pid')
    writeFileSync(pidFile, `${later}\n`)
    const hourAgo = new Date(Date.now() - 3_600_000)
    utimesSync(pidFile, hourAgo, hourAgo)
    const { code, document } = await kill()
    expect(code).toBe(0)
    expect(document.spared).toContainEqual(
      expect.objectContaining({ pid: later, reason: expect.stringContaining('not believed') }),
    )
    expect(isAlive(later ?? Number.NaN)).toBe(true)
    expect(strays.filter(isAlive)).toHaveLength(1)
  })

  it('without a rule, and with a name that is none: 64', async () => {
    const { kill } = scene((name) => `{ name: test, match: ${name} }`)
    expect(await kill('tset')).toMatchObject({ code: 64, text: expect.stringContaining('known: test') })
    const { kill: none } = scene(() => '')
    expect(await none()).toMatchObject({ code: 64 })
  })

  it('a rule that fits most of what runs is refused: 2, and nothing is ended', async () => {
    const { kill, started, folder } = scene(() => `{ name: wide, match: '[a-z0-9/]' }`)
    // Programs of many names, so that there is something to fit whatever else runs here.
    for (const name of ['one', 'two', 'three', 'four', 'five']) {
      symlinkSync('/bin/sleep', join(folder, name))
      started.push(spawn(join(folder, name), ['1000'], { stdio: 'ignore', detached: true }).pid ?? -1)
    }
    const { code, document } = await kill('-n')
    expect(code).toBe(2)
    expect(document).toMatchObject({ wouldKill: [], notDone: [{ rule: 'wide', refused: true }] })
  })

  it('of 200 that a script has left behind all go, and the daemon of the pid file, of the same name, stays', async () => {
    const { folder, word, kill, started } = scene(
      (name) => `{ name: test, match: ${name}, keep: 1 }`,
      'services: { d: { pidfile: FOLDER/d.pid } }',
    )
    const list = join(folder, 'pids')
    const body = `for i in $(seq 201); do sh -c "while :; do sleep 5; done" ${word} & echo $!; done >"$0"`
    execFileSync('setsid', ['sh', '-c', body, list], { stdio: 'ignore' })
    const pids = readFileSync(list, 'utf8').trim().split('\n').map(Number)
    started.push(...pids)
    const [daemon = 0, ...others] = pids
    writeFileSync(join(folder, 'd.pid'), `${daemon}\n`)
    const { code } = await kill()
    expect(code).toBe(0)
    expect(isAlive(daemon)).toBe(true)
    expect(others).toHaveLength(200)
    expect(others.filter(isAlive)).toEqual([])
  })

  it('what an orphan starts elsewhere as it ends is known by the rule alone, and goes too', async () => {
    const { folder, word, kill, started } = scene((name) => `{ name: test, match: ${name} }`)
    const heir = join(folder, 'heir')
    // In a session of its own, from a process that is gone at once.
    const last = `trap "(setsid sh -c 'echo \\$\\$ >${heir}; sleep 1000; :' ${word} &)" EXIT; trap exit TERM; echo $$ >${folder}/first; while :; do sleep 1000 & wait; done`
    execFileSync('setsid', ['sh', '-c', 'sh -c "$1" "$2" >/dev/null 2>&1 &', '-', last, word], {
      stdio: 'ignore',
    })
    await until(() => existsSync(join(folder, 'first')) && readFileSync(join(folder, 'first'), 'utf8') !== '')
    started.push(Number(readFileSync(join(folder, 'first'), 'utf8')))
    // It ends long before, once it has started the other.
    const { code, document } = await kill('--grace', '30s')
    await until(() => existsSync(heir) && readFileSync(heir, 'utf8') !== '')
    const pid = Number(readFileSync(heir, 'utf8'))
    started.push(pid)
    expect(code).toBe(0)
    expect(isAlive(pid)).toBe(false)
    expect(document.killed.length).toBeGreaterThanOrEqual(2)
  })

  it('of a storm whose links live for milliseconds it never says that none is left', async () => {
    const { word, kill, started } = scene((name) => `{ name: test, match: ${name} }`)
    // Nothing of it can be frozen: it is in no cgroup of its own. Ends by itself after the test's own minute.
    const relay = `$end = time + 60; for (1..4) { if (!fork) { while (time < $end) { exit if fork; select(undef, undef, undef, 0.01) } exit } }`
    const linked = () =>
      readdirSync('/proc').filter((name) => {
        try {
          return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(`\0${word}\0`)
        } catch {
          return false
        }
      })
    onTestFinished(async () => {
      // Who is killed before he forks ends his chain.
      for (let none = 0; none < 20; ) {
        for (const pid of linked())
          try {
            process.kill(Number(pid), 'SIGKILL')
          } catch {
            // It has ended.
          }
        none = linked().length === 0 ? none + 1 : 0
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
    })
    const perl = spawn('setsid', ['perl', '-e', relay, word], { stdio: 'ignore' })
    started.push(perl.pid ?? Number.NaN)
    await until(() => perl.exitCode !== null && linked().length > 0)
    const { code, document } = await kill()
    let isLeft = false
    for (let i = 0; i < 20; i++) isLeft ||= linked().length > 0
    if (isLeft) expect([1, 3]).toContain(code)
    else expect(document.killed.length).toBeGreaterThan(0)
  })

  it('by the program they run, whatever they call themselves', async () => {
    const { folder, kill, started } = scene(() => `{ name: test, exe: FOLDER/ohsleep }`)
    copyFileSync('/bin/sleep', join(folder, 'ohsleep'))
    const script =
      'exec -a innocent "$0" 1000 >/dev/null 2>&1 & echo $!; exec -a "$0" sleep 1000 >/dev/null 2>&1 & echo $!'
    const text = execFileSync('bash', ['-c', script, join(folder, 'ohsleep')])
    const [runs = 0, pretends = 0] = text.toString().trim().split('\n').map(Number)
    started.push(runs, pretends)
    await until(() => readFileSync(`/proc/${runs}/cmdline`, 'utf8').startsWith('innocent'))
    expect((await kill()).document.killed.map(({ pid }) => pid)).toEqual([runs])
    expect([runs, pretends].map(isAlive)).toEqual([false, true])
  })

  it('check counts what the rules would end, ends nothing, and says what it could not look for', async () => {
    const { orphan, check, kill } = scene(
      (name) =>
        `{ name: here, match: ${name} }, { name: young, match: ${name}, older_than: 1h }, { name: many, match: ${name}, warn: off, crit: 2 }, { name: gone, match: ${name}, container: never-there }`,
    )
    await orphan()
    await orphan()
    const { orphans, alive } = await check()
    expect(alive).toBe(true)
    expect(orphans.map(({ status, value }) => [status, value])).toEqual([
      ['warning', 2],
      ['ok', 0],
      ['critical', 2],
      ['unknown', null],
    ])
    expect(orphans[0]?.message).toMatch(/^orphans of rule here 2 left, with [\d.]+ [KMG]iB/)
    expect(orphans[3]?.message).toMatch(/no container never-there runs here/)
    await kill('here')
    expect((await check()).orphans.map(({ value }) => value)).toEqual([0, 0, 0, null])
  })

  it('an expression that takes for ever on somebody’s command line blinds its rule alone', async () => {
    const { kill, started, orphan } = scene(
      (name) => `{ name: slow, match: '.*foo.*bar.*baz' }, { name: quick, match: ${name} }`,
    )
    const stray = await orphan()
    const hostile = spawn('sh', ['-c', 'sleep 1000 & wait', 'foobar'.repeat(680)], { stdio: 'ignore' })
    started.push(hostile.pid ?? -1)
    const startedMs = performance.now()
    const { code, document, text } = await kill()
    expect(performance.now() - startedMs).toBeLessThan(100_000)
    expect(code).toBe(3)
    expect(text).toMatch(/match was given up/)
    expect(document.killed.map(({ pid }) => pid)).toContain(stray)
  })

  it('a rule that matches everything spares the tool, its parents, and what the host cannot lose', async () => {
    const { kill } = scene(() => `{ name: all, match: '.*' }`)
    const { code, text } = await kill('-n')
    // The config refuses it already.
    expect({ code, text }).toMatchObject({ code: 78, text: expect.stringMatching(/match/) })
  })
})
