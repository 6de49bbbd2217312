import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bundle } from '../../support/bundle.ts'
import { house, ran } from '../../support/healing.ts'
import { isAlive, until } from '../../support/process-family.ts'
import { validateDocument } from '../../support/schema.ts'
import { tempFolder } from '../../support/temp-folder.ts'

// The whole program, real HTTP servers and a real program in the place of sendmail; what is wrong is a folder that is
// too big, so a test makes and mends it by a file.
const top = tempFolder('telling')
chmodSync(top, 0o755)
const program = bundle('../src/cli.ts', top)
const off = '{ warn: off, crit: off }'

interface Request {
  path: string
  headers: IncomingMessage['headers']
  body: string
}

type Answer = (response: ServerResponse, request: Request, count: number) => void
const fine: Answer = (response) => response.end('ok')

const listen = async (answer: Answer = fine): Promise<{ url: string; requests: Request[] }> => {
  const requests: Request[] = []
  const server: Server = createServer((incoming, response) => {
    let body = ''
    incoming.setEncoding('utf8').on('data', (part: string) => {
      body += part
    })
    incoming.on('end', () => {
      const request = { path: incoming.url ?? '', headers: incoming.headers, body }
      requests.push(request)
      answer(response, request, requests.length)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests }
}

const arrange = (targets: string, more = '') => {
  const folder = mkdtempSync(join(top, 'house-'))
  const [state, log, hot] = ['state', 'log', 'hot'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  mkdirSync(hot)
  const config = join(folder, 'config.yaml')
  writeFileSync(
    config,
    `host:\n  memory: ${off}\n  swap: ${off}\n  cpu: ${off}\n  pressure: ${off}\n  disks: ${off}\n  folders: [{ path: ${hot}, warn: 100K, crit: 10G }]\nnotify: { targets: [${targets}] }\n${more}`,
    { mode: 0o600 },
  )
  const check = (...args: string[]) =>
    ran([process.execPath, program, 'check', '-c', config, '--state-dir', state, '--log-dir', log, ...args], {
      env: { PATH: `${folder}:${process.env.PATH}` },
    })
  return {
    folder,
    check,
    state,
    spoil: () => writeFileSync(join(hot, 'big'), 'x'.repeat(300_000)),
    mend: () => rmSync(join(hot, 'big')),
    logged: () =>
      readdirSync(log)
        .filter((name) => name.startsWith('health_'))
        .map((name) => readFileSync(join(log, name), 'utf8'))
        .join(''),
    /** As if the last word on each problem were a day old. */
    age: () => {
      const file = join(state, 'state.json')
      const { sum: _, ...content } = JSON.parse(readFileSync(file, 'utf8'))
      for (const told of content.told) told.toldAtMs -= 86_400_000
      writeFileSync(file, JSON.stringify(content))
    },
  }
}

describe('who is told', () => {
  it('once a change, one reminder, one recovery; a switch of each run; the exit status is the host’s', async () => {
    const hook = await listen()
    const ping = await listen()
    const scene = arrange(
      `{ webhook: "${hook.url}/secret-path", format: slack }, { ping: "${ping.url}/uuid" }, { email: ops@example.org }, { run: "cat >>$HOME_DIR/ran; echo $STATUS >>$HOME_DIR/ran" }`.replaceAll(
        '$HOME_DIR',
        top,
      ),
    )
    writeFileSync(
      join(scene.folder, 'sendmail'),
      `#!/bin/sh\necho "$@" >>${scene.folder}/letters\ncat >>${scene.folder}/letters\n`,
      { mode: 0o755 },
    )
    rmSync(join(top, 'ran'), { force: true })

    expect((await scene.check()).code).toBe(0)
    expect(hook.requests).toEqual([])
    expect(ping.requests.map(({ path }) => path)).toEqual(['/uuid/start', '/uuid'])

    scene.spoil()
    for (let i = 0; i < 3; i++) {
      const { code, stderr } = await scene.check()
      expect(code).toBe(1)
      expect(stderr).not.toContain('DRY')
    }
    expect(hook.requests).toHaveLength(1)
    expect(JSON.parse(hook.requests[0]?.body ?? '').text).toContain('warning')
    scene.age()
    await scene.check()
    expect(hook.requests).toHaveLength(2)
    scene.mend()
    await scene.check()
    await scene.check()
    expect(hook.requests).toHaveLength(3)
    expect(JSON.parse(hook.requests[2]?.body ?? '').text).toContain('recovered after')

    const letters = readFileSync(join(scene.folder, 'letters'), 'utf8')
    expect(letters.match(/^-i -- ops@example\.org$/gm)).toHaveLength(3)
    expect(letters.match(/^Subject: \[oratio-health\]/gm)).toHaveLength(3)
    expect(readFileSync(join(top, 'ran'), 'utf8').match(/^(?:warning|ok)$/gm)).toEqual([
      'warning',
      'warning',
      'ok',
    ])
    expect(ping.requests).toHaveLength(14)
    expect(existsSync(join(scene.state, 'undelivered.json'))).toBe(false)
    expect(scene.logged()).not.toContain('secret-path')
  })

  it('a service that was taken out of the config is told once as no longer watched', async () => {
    const hook = await listen()
    const scene = arrange(
      `{ webhook: "${hook.url}/x" }`,
      'services: { capture: { pidfile: /run/none.pid }, other: { pidfile: /run/none.pid } }\n',
    )
    expect((await scene.check()).code).not.toBe(0)
    const config = join(scene.folder, 'config.yaml')
    const whole = readFileSync(config, 'utf8')
    const lines = (i: number): string[] => JSON.parse(hook.requests[i]?.body ?? '{"lines":[]}').lines
    // One of two, and the last one, after which whatever runs here is looked at.
    writeFileSync(config, whole.replace('capture: { pidfile: /run/none.pid }, ', ''))
    const first = await scene.check()
    expect(first.stderr).toMatch(/^INFO capture .*: no longer watched, .*; it was (?:critical|unknown) for/m)
    expect(lines(1).join('\n')).toMatch(/^INFO capture .*: no longer watched/m)
    writeFileSync(config, whole.replace(/^services:.*\n/m, ''))
    expect((await scene.check()).stderr).toMatch(/^INFO other .*: no longer watched/m)
    expect((await scene.check()).stderr).not.toContain('no longer watched')
    expect(hook.requests.map(({ body }) => body).join('')).not.toContain('OK ')
  })

  it('what could not be told is told by the next run, once, and the status does not change', async () => {
    const hook = await listen((response, _, count) => {
      response.statusCode = count <= 3 ? 500 : 200
      response.end('garbage {')
    })
    const scene = arrange(`{ webhook: "${hook.url}/x" }`)
    scene.spoil()
    expect((await scene.check()).code).toBe(1)
    // Tried three times in one run.
    expect(hook.requests).toHaveLength(3)
    expect(scene.logged()).toContain('webhook of notify.targets[0] could not be told: status 500')
    expect((await scene.check()).code).toBe(1)
    expect(hook.requests).toHaveLength(4)
    expect(JSON.parse(hook.requests[3]?.body ?? '').lines).toHaveLength(1)
    await scene.check()
    expect(hook.requests).toHaveLength(4)
    expect(existsSync(join(scene.state, 'undelivered.json'))).toBe(false)
  })

  it('asked for patience it waits; a redirect is not followed; after three failed runs it is left alone', async () => {
    const elsewhere = await listen()
    const patient = await listen((response, _, count) => {
      if (count === 1) response.writeHead(429, { 'Retry-After': '1' })
      response.end()
    })
    const moved = await listen((response) => {
      response.writeHead(302, { Location: `${elsewhere.url}/` })
      response.end()
    })
    const scene = arrange(`{ webhook: "${patient.url}/a" }, { webhook: "${moved.url}/b" }`)
    scene.spoil()
    for (let i = 0; i < 6; i++) await scene.check()
    expect(patient.requests).toHaveLength(2)
    expect(moved.requests).toHaveLength(3)
    expect(elsewhere.requests).toEqual([])
    expect(scene.logged()).toContain('left out, once so far: it failed 3 times (status 302: it redirects)')
  })

  it('a command that failed three times is left alone for ten minutes, and then tells what was kept', async () => {
    const scene = arrange(`{ run: "[ -e FOLDER/up ] || exit 6; cat >>FOLDER/told" }`)
    const config = join(scene.folder, 'config.yaml')
    writeFileSync(config, readFileSync(config, 'utf8').replaceAll('FOLDER', scene.folder))
    scene.spoil()
    const said: string[] = []
    for (let i = 0; i < 5; i++) said.push((await scene.check()).stderr)
    expect(said[0]).toMatch(/WARN run of .*: could not be told: .*6/)
    expect(said.slice(1).join('')).toBe('')
    writeFileSync(join(scene.folder, 'up'), '')
    const later = async (seconds: number): Promise<string> => {
      const file = join(scene.state, 'failures.json')
      const { sum: _, ...content } = JSON.parse(readFileSync(file, 'utf8'))
      for (const entry of content.entries) entry.lastFailedAtMs -= seconds * 1000
      writeFileSync(file, JSON.stringify(content))
      return (await scene.check()).stderr
    }
    expect(await later(500)).toBe('')
    expect(existsSync(join(scene.folder, 'told'))).toBe(false)
    expect(await later(120)).toMatch(/^OK run of .*: can be told again/)
    expect(readFileSync(join(scene.folder, 'told'), 'utf8').trim().split('\n')).toHaveLength(1)
    expect((await scene.check()).stderr).toBe('')
  })

  it('a server that hangs, one that is not there, and no sendmail: the run ends in time, with the host’s status', async () => {
    const silent = await listen(() => {})
    const scene = arrange(`{ webhook: "${silent.url}/a" }, { ping: "http://127.0.0.1:1/u" }, { email: a@b }`)
    scene.spoil()
    const { code, stderr } = await scene.check('--timeout', '20s')
    expect(code).toBe(1)
    expect(stderr).not.toMatch(/ at .*\.ts|node:/)
    expect(scene.logged()).toMatch(/webhook .* could not be told: timeout/)
    expect(scene.logged()).toMatch(/ping .* could not be told: refused/)
  })

  it('a switch that is down is asked at every run; it and one that is down for a while are said once, then their return', async () => {
    let isUp = false
    const answer: Answer = (response) => {
      response.statusCode = isUp ? 200 : 404
      response.end()
    }
    const ping = await listen(answer)
    const hook = await listen((response) => {
      response.writeHead(isUp ? 200 : 429, { 'Retry-After': '99' })
      response.end()
    })
    const scene = arrange(`{ ping: "${ping.url}/uuid" }, { webhook: "${hook.url}/x" }`)
    scene.spoil()
    const downs: string[] = []
    for (let i = 0; i < 5; i++) downs.push((await scene.check()).stderr)
    expect(ping.requests).toHaveLength(10)
    expect(hook.requests).toHaveLength(5)
    expect(downs[0]).toMatch(
      /WARN ping of .*status 404[\s\S]*WARN webhook of .*: status 429|WARN webhook of .*: status 429[\s\S]*WARN ping of .*status 404/,
    )
    expect(downs.slice(1).join('')).toBe('')
    isUp = true
    const { stderr } = await scene.check()
    expect(stderr).toContain('OK webhook of notify.targets[1]: can be told again')
    expect(stderr).toContain('OK ping of notify.targets[0]: can be told again')
    expect(ping.requests).toHaveLength(12)
    expect(hook.requests).toHaveLength(6)
    expect((await scene.check()).stderr).toBe('')
  })

  it('what may have arrived is not sent again in the same run', async () => {
    const hook = await listen((response) => {
      response.destroy()
    })
    const scene = arrange(`{ webhook: "${hook.url}/x" }`)
    scene.spoil()
    await scene.check()
    expect(hook.requests).toHaveLength(1)
  })

  it('what it sends by itself has the form of its schema', async () => {
    const hook = await listen()
    const scene = arrange(`{ webhook: "${hook.url}/x", format: json }`)
    scene.spoil()
    await scene.check()
    const notice = JSON.parse(hook.requests[0]?.body ?? 'null')
    expect(validateDocument(notice)).toEqual([])
    expect(notice).toMatchObject({ status: 'warning', title: expect.stringMatching(/: 1 warning$/) })
  })

  it('a dry run says what it would tell, and tells nobody', async () => {
    const hook = await listen()
    const scene = arrange(`{ webhook: "${hook.url}/secret-path" }, { ping: "${hook.url}/uuid" }`)
    scene.spoil()
    const { stderr } = await scene.check('-n')
    expect(stderr).toMatch(/DRY would tell webhook of notify\.targets\[0\]: .*: 1 warning/)
    expect(stderr).not.toContain('secret-path')
    expect(hook.requests).toEqual([])
  })
})

describe('hooks', () => {
  it('run once a crossing with what they need to know, their effect and words in the log; --no-act holds them', async () => {
    const home = house(top)
    const daemon = home.daemon('wallet')
    const pid = await daemon.launch()
    const out = join(home.folder, 'hooked')
    home.configure({
      wallet: {
        pidfile: daemon.pidFile,
        hooks: [
          { at: '1K', run: `echo "$SERVICE $PID $MEMORY_BYTES [$CONTAINER_ID]" >>${out}; echo said; exit 0` },
        ],
      },
    })
    const check = (...args: string[]) =>
      ran([
        process.execPath,
        program,
        'check',
        '-c',
        home.config,
        '--state-dir',
        home.stateDir,
        '--log-dir',
        home.logDir,
        ...args,
      ])
    await check('--no-act')
    const would = 'would run the hook of wallet at 1.0 KiB'
    expect((await check('-n')).stderr).toContain(`DRY ${would}`)
    expect((await check('-n', '-v')).stdout).toContain(`DRY ${would}`)
    const document = JSON.parse((await check('-n', '--json')).stdout)
    expect(document.wouldDo).toEqual([would])
    expect(validateDocument(document)).toEqual([])
    expect(existsSync(out)).toBe(false)
    for (let i = 0; i < 3; i++) await check()
    expect(readFileSync(out, 'utf8')).toMatch(new RegExp(`^wallet ${pid} [1-9]\\d{4,} \\[\\]\n$`))
    const log = readdirSync(home.logDir)
      .filter((name) => name.startsWith('health_'))
      .map((name) => readFileSync(join(home.logDir, name), 'utf8'))
      .join('')
    expect(log).toMatch(/hook of wallet at 1\.0 KiB ran; memory \S+ [KM]iB -> \S+ [KM]iB/)
    expect(log).toContain('| said')
    await home.end()
  })

  it('one that fails is told with its words; one of a restart runs before it', async () => {
    const home = house(top)
    const daemon = home.daemon('wallet')
    await daemon.launch()
    const out = join(home.folder, 'hooked')
    home.configure({
      wallet: {
        pidfile: daemon.pidFile,
        start: daemon.start,
        memory: { warn: '1K', crit: '2K' },
        restart: { after: 2, grace: '1s', evidence: false },
        hooks: [
          { every: '1s', run: 'echo broken >&2; exit 7' },
          { on: 'restart', run: `echo "before $PID" >>${out}` },
        ],
      },
    })
    const check = (...args: string[]) =>
      ran([
        process.execPath,
        program,
        'check',
        '-c',
        home.config,
        '--state-dir',
        home.stateDir,
        '--log-dir',
        home.logDir,
        ...args,
      ])
    const [before] = daemon.mains()
    for (let i = 0; i < 4; i++) {
      // The second failed check is the one that restarts.
      if (i === 1) {
        const { stderr } = await check('-n')
        expect(stderr).toMatch(/^DRY would restart wallet: 2 failed checks in a row.* would end \d process/m)
        expect(stderr).toContain('would run the hook of wallet on restart')
        expect(stderr).not.toContain('DONE')
        const { wouldDo } = JSON.parse((await check('-n', '--json')).stdout)
        expect(wouldDo).toContainEqual(expect.stringMatching(/^would restart wallet: /))
      }
      await check()
      // The shortest period there is.
      await new Promise((resolve) => setTimeout(resolve, 1100))
    }
    expect(readFileSync(out, 'utf8').split('\n')[0]).toBe(`before ${before}`)
    expect(daemon.everStarted().length).toBeGreaterThan(1)
    const log = readdirSync(home.logDir)
      .filter((name) => name.startsWith('health_'))
      .map((name) => readFileSync(join(home.logDir, name), 'utf8'))
      .join('')
    expect(log).toContain('hook of wallet every 1s failed: it ended with status 7: broken')
    // It has ended: however short its time was, that is not why it failed.
    expect(log).not.toContain('its share of the run')
    await home.end()
  })

  it('one that hangs is ended with its share of the run, counted, and holds up neither another nor the status', async () => {
    const home = house(top)
    const daemon = home.daemon('wallet')
    await daemon.launch()
    const out = join(home.folder, 'hooked')
    home.configure({
      wallet: {
        pidfile: daemon.pidFile,
        hooks: [
          { at: '1K', run: 'sleep 600' },
          { at: '2K', run: `echo ran >>${out}` },
        ],
      },
    })
    const log = () =>
      readdirSync(home.logDir)
        .filter((name) => name.startsWith('health_'))
        .map((name) => readFileSync(join(home.logDir, name), 'utf8'))
        .join('')
    const places = ['-c', home.config, '--state-dir', home.stateDir, '--log-dir', home.logDir]
    const check = () => ran([process.execPath, program, 'check', ...places, '--timeout', '15s'])
    expect((await check()).stderr).not.toContain('did not end')
    expect(log()).toMatch(/hook of wallet at 1\.0 KiB failed: did not end within .* \(its share of the run/)
    expect(log()).toMatch(/hook of wallet at 2\.0 KiB waits for the next run/)
    expect(readFileSync(join(home.stateDir, 'failures.json'), 'utf8')).toContain('"did not end in time"')
    await check()
    expect(readFileSync(out, 'utf8')).toBe('ran\n')
    await home.end()
  })

  it('a run that is ended in the middle of one ends it', async () => {
    const home = house(top)
    const daemon = home.daemon('wallet')
    await daemon.launch()
    const pidFile = join(home.folder, 'hook.pid')
    const text = `setsid bash -c 'echo $$ >${pidFile}.new; mv ${pidFile}.new ${pidFile}; exec sleep 600' & sleep 600`
    home.configure({ wallet: { pidfile: daemon.pidFile, hooks: [{ at: '1K', run: text }] } })
    const places = ['-c', home.config, '--state-dir', home.stateDir, '--log-dir', home.logDir]
    const run = spawn(process.execPath, [program, 'check', ...places, '--timeout', '5m'], { stdio: 'ignore' })
    const ended = new Promise((resolve) => run.once('exit', resolve))
    await until(() => existsSync(pidFile))
    const pid = Number(readFileSync(pidFile, 'utf8'))
    run.kill('SIGTERM')
    expect(await ended).toBe(143)
    await until(() => !isAlive(pid))
    await home.end()
  })

  it('its failures are counted while a slow switch is asked', async () => {
    const ping = await listen((response, { path }) => {
      response.statusCode = 404
      if (path.endsWith('/start')) setTimeout(() => response.end(), 1500)
      else response.end()
    })
    const home = house(top)
    const daemon = home.daemon('wallet')
    await daemon.launch()
    home.configure({
      wallet: { pidfile: daemon.pidFile, hooks: [{ at: '1K', run: 'date +%N >&2; exit 7' }] },
    })
    const config = join(home.folder, 'with-ping.yaml')
    const settings = JSON.parse(readFileSync(home.config, 'utf8'))
    writeFileSync(config, JSON.stringify({ ...settings, notify: { targets: [{ ping: `${ping.url}/u` }] } }), {
      mode: 0o600,
    })
    const places = ['-c', config, '--state-dir', home.stateDir, '--log-dir', home.logDir]
    await ran([process.execPath, program, 'check', ...places])
    const { entries } = JSON.parse(readFileSync(join(home.stateDir, 'failures.json'), 'utf8'))
    expect(entries.map(({ cause }: { cause: string }) => cause).sort()).toEqual([
      'it ended with status 7',
      'status 404',
      'status 404',
    ])
    await home.end()
  })
})
