// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell text
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runShell } from '../../src/host/shell.ts'
import { liveBase } from '../support/bases.ts'
import { isAlive, until } from '../support/process-family.ts'
import { tempFolder } from '../support/temp-folder.ts'

const folder = tempFolder('shell')
const run = (text: string, more: Partial<Parameters<typeof runShell>[1]> = {}) =>
  runShell(liveBase, { text, env: {}, input: '', timeoutMs: 200_000, maxOutputBytes: 4096, ...more })

/** How soon a shell has written so many pids to a file is the machine's affair: with more and more time, until it has. */
const inTime = async (text: string, file: string, count: number) => {
  for (let timeoutMs = 500; ; timeoutMs *= 2) {
    rmSync(file, { force: true })
    const ran = await run(text, { timeoutMs })
    const written = existsSync(file) ? readFileSync(file, 'utf8') : ''
    const pids = written.split('\n').slice(0, -1).map(Number)
    if (pids.length === count) return { ran, pids }
  }
}

describe('shell text', () => {
  it('has what it is given, and little else', async () => {
    const secret = { ...liveBase, env: { ...process.env, SECRET_TOKEN: 'x' } }
    const ran = await runShell(secret, {
      text: 'echo "$A ${SECRET_TOKEN-none}"; cat',
      env: { A: "it's $HOME" },
      input: 'in\n',
      timeoutMs: 200_000,
      maxOutputBytes: 4096,
    })
    expect(ran).toMatchObject({
      kind: 'value',
      value: { exitCode: 0, stdout: "it's $HOME none\nin\n", stderr: '' },
    })
  })

  it('reads no ~/.bashrc', async () => {
    writeFileSync(join(folder, '.bashrc'), 'echo from bashrc\n')
    const ran = await run('echo plain', { env: { HOME: folder } })
    expect(ran).toMatchObject({ value: { stdout: 'plain\n', stderr: '' } })
  })

  it('its status and its words on stderr', async () => {
    expect(await run('echo oh >&2; exit 3')).toMatchObject({ value: { exitCode: 3, stderr: 'oh\n' } })
  })

  it('of 100 MB the beginning is kept', async () => {
    const ran = await run('head -c 100000000 /dev/zero | tr "\\0" x; echo end >&2')
    expect(ran).toMatchObject({ value: { exitCode: 0, truncated: true, stderr: 'end\n' } })
    if (ran.kind === 'value') expect(ran.value.stdout.length).toBeLessThanOrEqual(4096)
  })

  it('one that never ends is ended, with what it started in the background; what it said is kept', async () => {
    const file = join(folder, 'pids')
    const { ran, pids } = await inTime(
      `echo words; trap "" TERM; sleep 600 & echo $! >${file}; echo $$ >>${file}; while :; do sleep 1; done`,
      file,
      2,
    )
    expect(ran).toMatchObject({ kind: 'value', value: { isLate: true, stdout: 'words\n' } })
    await until(() => !pids.some(isAlive))
  })

  it('what left the session is ended too, and nothing of another shell', async () => {
    const file = join(folder, 'left')
    const other = await run('sleep 600 & echo $!')
    const kept = Number(other.kind === 'value' ? other.value.stdout : Number.NaN)
    const gone = `setsid bash -c 'trap "" TERM; echo $$ >${file}; while :; do sleep 600; done' & sleep 600`
    const { pids } = await inTime(gone, file, 1)
    const [pid = 0] = pids
    expect(pid).toBeGreaterThan(2)
    await until(() => !isAlive(pid))
    expect(isAlive(kept)).toBe(true)
    process.kill(kept, 'SIGKILL')
  })

  it('many at once warn of nothing', async () => {
    const warned: string[] = []
    const listener = ({ message }: Error) => warned.push(message)
    process.on('warning', listener)
    await Promise.all(Array.from({ length: 15 }, () => run('sleep 0.3')))
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', listener)
    expect(warned).toEqual([])
  })

  it('does not wait for what it left in the background, which lives on', async () => {
    const ran = await run('sleep 600 & echo $!')
    expect(ran).toMatchObject({ value: { exitCode: 0 } })
    const pid = Number(ran.kind === 'value' ? ran.value.stdout : Number.NaN)
    expect(isAlive(pid)).toBe(true)
    process.kill(pid, 'SIGKILL')
  })
})
