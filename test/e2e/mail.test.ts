import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { launcher, must, quietHost, run, temporaryFolder } from './environment.ts'

interface Letter {
  from: string
  to: string[]
  text: string
}

/** A mailbox behind SMTP (RFC 5321), as much of it as a client needs; while it is not `open` it answers 451. */
const mailbox = async () => {
  const box = { open: true, letters: [] as Letter[], port: 0 }
  const serve = (socket: Socket): void => {
    let [letter, rest, isData]: [Letter, string, boolean] = [{ from: '', to: [], text: '' }, '', false]
    const say = (line: string): void => {
      socket.write(`${line}\r\n`)
    }
    const take = (line: string): void => {
      if (isData && line === '.') {
        isData = false
        box.letters.push(letter)
        letter = { from: '', to: [], text: '' }
        say('250 kept')
        return
      }
      // Dots at the beginning of a line are doubled on the way.
      if (isData) {
        letter.text += `${line.replace(/^\./, '')}\n`
        return
      }
      const address = /<(.*)>/.exec(line)?.[1] ?? ''
      const verb = line.slice(0, 4).toUpperCase()
      if (verb === 'MAIL' && !box.open) {
        say('451 come back later')
        return
      }
      if (verb === 'MAIL') letter.from = address
      if (verb === 'RCPT') letter.to.push(address)
      if (verb === 'DATA') isData = true
      say(verb === 'DATA' ? '354 go on' : verb === 'QUIT' ? '221 bye' : '250 ok')
      if (verb === 'QUIT') socket.end()
    }
    say('220 mailbox')
    socket.setEncoding('utf8').on('error', () => {})
    socket.on('data', (part: string) => {
      const lines = (rest + part).split('\r\n')
      rest = lines.pop() ?? ''
      for (const line of lines) take(line)
    })
  }
  const server = createServer(serve)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
  })
  const address = server.address()
  if (address !== null && typeof address === 'object') box.port = address.port
  return box
}

it('by a real sendmail to a mailbox: one letter a change, one reminder, one recovery, none lost or doubled', async () => {
  const box = await mailbox()
  const folder = temporaryFolder()
  const [hot, state, log] = ['hot', 'state', 'log'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  mkdirSync(hot)
  // msmtp is a sendmail when it is called so.
  symlinkSync(await must(['sh', '-c', 'command -v msmtp']), join(folder, 'sendmail'))
  const account = `account default\nhost 127.0.0.1\nport ${box.port}\nfrom root@box.example\ntls off\nauth off\n`
  writeFileSync(join(folder, '.msmtprc'), account, { mode: 0o600 })
  const config = join(folder, 'config.yaml')
  writeFileSync(
    config,
    `${quietHost}  disks: { warn: off, crit: off }\n  folders: [{ path: ${hot}, warn: 100K, crit: 10G }]\nnotify: { targets: [{ email: ops@example.org }] }\n`,
  )
  const env = { HOME: folder, PATH: `${folder}:${process.env.PATH}` }
  const places = ['-c', config, '--state-dir', state, '--log-dir', log]
  const check = () => run([process.execPath, launcher(), 'check', ...places], { env })
  const bodies = () => box.letters.map(({ text }) => text)

  expect((await check()).exitCode).toBe(0)
  expect(box.letters).toEqual([])

  writeFileSync(join(hot, 'big'), 'x'.repeat(300_000))
  for (let i = 0; i < 3; i++) expect((await check()).exitCode).toBe(1)
  expect(box.letters).toMatchObject([{ from: 'root@box.example', to: ['ops@example.org'] }])
  expect(bodies()[0]).toMatch(/^Subject: \[oratio-health\] .*: 1 warning$/m)
  expect(bodies()[0]).toContain(`WARN folder ${hot}: 300.0 KiB`)

  aged(join(state, 'state.json'))
  for (let i = 0; i < 2; i++) await check()
  expect(box.letters).toHaveLength(2)
  expect(bodies()[1]).toContain('(for ')

  // Down for more runs than after which a lasting failure is left out.
  box.open = false
  rmSync(join(hot, 'big'))
  const down = []
  for (let i = 0; i < 4; i++) down.push(await check())
  expect(box.letters).toHaveLength(2)
  expect(down.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0])
  expect(down[0]?.stderr).toContain('could not be told: sendmail ended with 69')
  expect(down.slice(1).map(({ stderr }) => stderr)).toEqual(['', '', ''])

  box.open = true
  expect((await check()).stderr).toContain('email of notify.targets[0]: can be told again')
  await check()
  expect(box.letters).toHaveLength(3)
  expect(bodies()[2]).toMatch(/^Subject: \[oratio-health\] .*: 1 recovered$/m)
  expect(bodies()[2]).toContain('recovered after')
})

/** As if the last word on each problem were a day old. */
const aged = (file: string): void => {
  const { sum: _, ...content } = JSON.parse(readFileSync(file, 'utf8'))
  for (const told of content.told) told.toldAtMs -= 86_400_000
  writeFileSync(file, JSON.stringify(content))
}
