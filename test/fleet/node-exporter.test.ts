import { spawn } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { documentOf, launcher, must, quietHost, run, temporaryFolder } from '../e2e/environment.ts'
import { startNodeExporter, stopPrograms } from './stack.ts'

const nobody = 65534
const asNobody = ['setpriv', '--reuid', `${nobody}`, '--regid', `${nobody}`, '--clear-groups', '--']

describe('the real node_exporter, and the file that check leaves it', () => {
  const folder = temporaryFolder()
  const textfiles = join(folder, 'textfiles')
  const file = join(textfiles, 'oratio_health.prom')
  const service = spawn('sleep', ['600'], { stdio: 'ignore' })
  let exporter: string

  const configure = (services: string, textfile = file): void =>
    writeFileSync(
      join(folder, 'config.yaml'),
      `${quietHost}  disks: { warn: off, crit: off }\nservices:\n${services}metrics: { textfile: ${textfile} }\n`,
    )
  const places = ['-c', join(folder, 'config.yaml'), '--state-dir', join(folder, 'state')]
  const asUser = (...args: string[]) =>
    run([...asNobody, process.execPath, launcher(), ...args, ...places, '--log-dir', join(folder, 'log')], {
      env: { HOME: folder },
    })
  const check = async () => documentOf(await asUser('check', '--json'))
  const own = (document: object): string[] =>
    ((document as { ownFindings?: { check: string; code: string }[] }).ownFindings ?? []).map(
      ({ check: name, code }) => `${name}.${code}`,
    )
  /** What a person reads of it: why, and where. */
  const said = (document: object): string =>
    ((document as { ownFindings?: { message: string }[] }).ownFindings ?? [])
      .map(({ message }) => message)
      .join()
  /** What it says of ours, and whether all files could be read. */
  const exposed = async (): Promise<{ lines: string[]; error: number; whole: boolean }> => {
    const answer = await fetch(`${exporter}/metrics`)
    const lines = (await answer.text()).split('\n')
    const error = lines.find((line) => line.startsWith('node_textfile_scrape_error '))
    return {
      lines: lines.filter((line) => line.startsWith('oratio_health_')),
      error: Number(error?.split(' ')[1]),
      whole: answer.status === 200,
    }
  }
  const well = `  app: { pidfile: ${join(folder, 'service.pid')} }\n  gone: { pidfile: /nonexistent.pid }\n`

  beforeAll(async () => {
    for (const path of [folder, textfiles]) {
      mkdirSync(path, { recursive: true })
      chmodSync(path, 0o755)
      chownSync(path, nobody, nobody)
    }
    writeFileSync(join(folder, 'service.pid'), `${service.pid}\n`)
    exporter = await startNodeExporter(folder, textfiles)
  })
  afterAll(async () => {
    service.kill()
    await stopPrograms(folder)
  })

  it('exposes every figure of the file, and finds no error', async () => {
    configure(well)
    await check()
    const { lines, error, whole } = await exposed()
    expect({ error, whole }).toEqual({ error: 0, whole: true })
    const written = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('oratio_health_'))
    expect(written.length).toBeGreaterThan(20)
    const nameOf = (line: string): string => line.replace(/[ {].*/, '')
    expect(lines.map(nameOf).sort()).toEqual(written.map(nameOf).sort())
    expect(lines).toContain('oratio_health_service_up{service="app"} 1')
    expect(lines).toContain('oratio_health_service_up{service="gone"} 0')
  })

  it('a folder that is missing, closed or full is said; the run goes on, and the old figures stay whole', async () => {
    configure(well, join(folder, 'missing', 'oratio_health.prom'))
    const missing = await check()
    expect(own(missing)).toContain('metrics.unwritable')
    expect(said(missing)).toContain(`${join(folder, 'missing')}`)
    expect(missing.services).toHaveLength(2)
    expect(existsSync(join(folder, 'missing'))).toBe(false)

    configure(well)
    await check()
    const before = readFileSync(file, 'utf8')
    chownSync(textfiles, 0, 0)
    const closed = await check()
    expect(own(closed)).toContain('metrics.unwritable')
    expect(said(closed)).toContain(`permission denied on ${textfiles}`)
    expect(readFileSync(file, 'utf8')).toBe(before)
    chownSync(textfiles, nobody, nobody)

    const full = join(folder, 'full')
    mkdirSync(full)
    await must(['mount', '-t', 'tmpfs', '-o', 'size=64k,mode=755,uid=65534', 'oratio-full', full])
    try {
      configure(well, join(full, 'oratio_health.prom'))
      await check()
      const old = readFileSync(join(full, 'oratio_health.prom'), 'utf8')
      await run(['dd', 'if=/dev/zero', `of=${join(full, 'ballast')}`, 'bs=1k'])
      const noSpace = await check()
      expect(own(noSpace)).toContain('metrics.unwritable')
      expect(said(noSpace)).toMatch(/no space left/i)
      expect(readFileSync(join(full, 'oratio_health.prom'), 'utf8')).toBe(old)
      expect(await must(['ls', '-A', full])).toBe('ballast\noratio_health.prom')
    } finally {
      await must(['umount', full])
    }
  })

  it('a file of another tool in its place stays, and one beside it with our names takes nothing else down', async () => {
    writeFileSync(file, 'other_tool 1\n')
    configure(well)
    expect(own(await check())).toContain('metrics.foreign')
    expect(readFileSync(file, 'utf8')).toBe('other_tool 1\n')
    await must(['rm', file])
    await check()
    // What node_exporter makes of it: it drops what comes twice, and serves the rest.
    writeFileSync(join(textfiles, 'other.prom'), 'oratio_health_host_status 9\nother_tool 1\n')
    const { lines, whole } = await exposed()
    expect(whole).toBe(true)
    expect(lines.filter((line) => line.startsWith('oratio_health_host_status'))).toHaveLength(1)
    expect(lines.length).toBeGreaterThan(20)
    await must(['rm', join(textfiles, 'other.prom')])
  })

  it('of 10,000 services 500 are in it', { timeout: 120_000 }, async () => {
    configure(Array.from({ length: 10_000 }, (_, i) => `  s${i}: { pidfile: /nonexistent.pid }\n`).join(''))
    await asUser('check', '--timeout', '50s')
    const { lines, error, whole } = await exposed()
    expect({ error, whole }).toEqual({ error: 0, whole: true })
    const services = new Set(lines.map((line) => /service="(s\d+)"/.exec(line)?.[1]).filter(Boolean))
    expect(services.size).toBe(500)
    expect(statSync(file).size).toBeLessThan(1_000_000)
  })

  it('uninstall takes it away, and nobody reads old figures any more', async () => {
    configure(well)
    await check()
    expect((await exposed()).lines.length).toBeGreaterThan(20)
    const { stdout, stderr } = await asUser('uninstall')
    expect(`${stdout}${stderr}`).toContain(`removed ${file}`)
    expect(existsSync(file)).toBe(false)
    expect((await exposed()).lines).toEqual([])
  })
})
