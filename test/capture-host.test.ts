import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const script = join(import.meta.dirname, '..', 'scripts', 'capture-host.mjs')
const capture = (out: string) => spawnSync(process.execPath, [script, out], { encoding: 'utf8' })

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

// Not one of these may reach a capture, wherever it stood.
const secrets = {
  afterName: 'hunter2-after-name',
  equals: 'hunter2-equals',
  url: 'hunter2-in-url',
  bearer: 'hunter2.bearer.token',
  json: 'hunter2-in-json',
  longKey: 'Zx81Qw9kLm2Np4Rt6Vb8Yc0Ad3Ef5Gh7Jk',
  environment: 'hunter2-environment',
}

describe('capture-host.mjs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oratio-capture-'))
  const out = join(folder, 'host')
  const victim = spawn(
    process.execPath,
    [
      '-e',
      'console.log(); setTimeout(() => {}, 600_000)',
      '--',
      '--rpc-password',
      secrets.afterName,
      `--api_key=${secrets.equals}`,
      `https://user:${secrets.url}@example.org/feed`,
      `Authorization: Bearer ${secrets.bearer}`,
      JSON.stringify({ AUTH_TOKEN: secrets.json, MODE: 'fast' }),
      secrets.longKey,
      '--port',
      '8080',
    ],
    { env: { APP_PASSWORD: secrets.environment }, stdio: ['ignore', 'pipe', 'inherit'] },
  )

  beforeAll(async () => {
    await new Promise((resolve) => victim.stdout?.once('data', resolve))
    const { status, stderr } = capture(out)
    // 1: something was left out for being too much, which stderr names.
    expect({ status, stderr }).toEqual({ status: expect.toBeOneOf([0, 1]), stderr: expect.any(String) })
  })

  afterAll(() => {
    victim.kill('SIGKILL')
    rmSync(folder, { recursive: true })
  })

  it('holds what --root needs', () => {
    for (const file of [
      'meminfo',
      'stat',
      'uptime',
      'self/mountinfo',
      'self/auxv',
      'sys/kernel/random/boot_id',
    ])
      expect(statSync(join(out, 'proc', file)).size, file).toBeGreaterThan(0)
    for (const file of ['stat', 'status', 'cmdline', 'comm', 'cgroup'])
      expect(statSync(join(out, 'proc', String(victim.pid), file)).size, file).toBeGreaterThan(0)
    expect(readdirSync(join(out, 'proc', String(victim.pid), 'fd')).length).toBeGreaterThan(2)
    expect(Number(readFileSync(join(out, 'cmd/now'), 'utf8'))).toBeCloseTo(Date.now() / 1000, -3)
    expect(JSON.parse(readFileSync(join(out, 'cmd/df.json'), 'utf8'))).toHaveProperty('/')
  })

  it('keeps the shape of a command line and none of its secrets', () => {
    const words = readFileSync(join(out, 'proc', String(victim.pid), 'cmdline'), 'utf8').split('\0')
    expect(words.slice(3)).toEqual([
      '--',
      '--rpc-password',
      '[redacted]',
      '--api_key=[redacted]',
      'https://[redacted]@example.org/feed',
      expect.stringMatching(/^Authorization: /),
      '{"AUTH_TOKEN":"[redacted]","MODE":"fast"}',
      '[redacted]',
      '--port',
      '8080',
      '',
    ])
    for (const file of filesBelow(out)) {
      const text = readFileSync(file, 'utf8')
      for (const [name, secret] of Object.entries(secrets))
        expect(text.includes(secret), `${name} in ${file}`).toBe(false)
    }
  })

  it('never reads an environment and stays small', () => {
    const files = filesBelow(out)
    expect(files.some((file) => file.endsWith('/environ'))).toBe(false)
    expect(files.reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThanOrEqual(5 * 1024 * 1024)
    expect(readFileSync(join(out, 'etc/passwd'), 'utf8')).toMatch(/^root:x:0:0:::$/m)
  })

  it('writes into nothing that is there already', () => {
    expect(capture(out).status).toBe(2)
    expect(existsSync(join(out, 'proc/meminfo'))).toBe(true)
    expect(spawnSync(process.execPath, [script]).status).toBe(64)
  })
})
