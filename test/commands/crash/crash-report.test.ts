import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { command } from '../../../src/commands/crash-report.ts'
import { exitCode } from '../../../src/core/errors.ts'
import type { ContainerFacts } from '../../../src/core/facts.ts'
import { value } from '../../../src/core/reading.ts'
import type { Host, LinesRead } from '../../../src/host/host.ts'
import { readFileLines } from '../../../src/host/log-lines.ts'
import { liveBase } from '../../support/bases.ts'
import { validateDocument } from '../../support/schema.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { contextOf, documentOf, type TempHost, tempHost } from '../temp-host.ts'

const top = tempFolder('crash-report')
const view = { columns: 80, color: false, verbose: false }
const nowMs = new Date(2026, 10, 26, 12, 0, 0).getTime()
let count = 0

const kernel = [
  'python3 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0',
  '[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name',
  '[   1010]     0  1010  2000000  1500000    12345        0             0 capture_monitor',
  'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/system.slice/capture.service,task_memcg=/system.slice/capture.service,task=capture_monitor,pid=1010,uid=0',
  'Memory cgroup out of memory: Killed process 1010 (capture_monitor) total-vm:8000000kB, anon-rss:6000000kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:12345kB oom_score_adj:0',
].map((text) => `Nov 26 11:00:01 box kernel: [  100.000000] ${text}`)

const secretLine =
  'Nov 26 11:00:12 box app[22]: FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory --password=hunter2 https://u:p4ssw0rd@x.org \u001b[31mred'

interface Scene extends Partial<TempHost> {
  /** Lines that `journalctl …` prints, by a word of its arguments. */
  programs?: Record<string, string[]>
  /** Gets what was run. */
  asked?: string[][]
  options?: Record<string, unknown>
  json?: boolean
}

const run = async ({ programs = {}, asked = [], options = {}, json = false, ...scene }: Scene) => {
  const root = join(top, `host-${count++}`)
  mkdirSync(root)
  const made = tempHost(root, {
    nowMs,
    ...scene,
    files: { '/proc/stat': 'btime 1795600000\n', ...scene.files },
  })
  const writes: { path: string; text: string; mode: number | undefined }[] = []
  const host: Host = {
    ...made,
    logs: {
      file: (path, take, bounds) => readFileLines(liveBase, path, take, bounds),
      program: async (argv, take) => {
        asked.push([...argv])
        const key = Object.keys(programs).find((word) => argv.some((arg) => arg.includes(word)))
        const lines = programs[key ?? ''] ?? []
        for (const line of lines) take(line)
        return value<LinesRead>({
          complete: true,
          lines: lines.length,
          modifiedAtMs: null,
          exitCode: 0,
          words: '',
        })
      },
    },
    save: {
      ensureFolder: () => value(true as const),
      info: (path: string) => ({ kind: 'absent', what: path }),
      readText: (path: string) => ({ kind: 'absent', what: path }),
      list: () => ({ kind: 'absent', what: '' }),
      replace: (path: string, text: string, mode?: number) => {
        writes.push({ path, text, mode })
        return value(true as const)
      },
    } as unknown as Host['save'],
  }
  const loaded = { config: { services: {} } as never, path: null, warnings: [] }
  const result = await command.run({ ...contextOf(host, { json }), loaded, options })
  expect(validateDocument(documentOf(result))).toEqual([])
  return { result, text: result.text(view), writes, body: result.document?.body ?? {} }
}

const given = (name: string, content: string | Buffer): string => {
  const path = join(top, name)
  writeFileSync(path, content)
  return path
}

describe('crash-report', () => {
  it('tells of a kill: the culprit first, its memory, its limit, what next; written for its owner alone', async () => {
    const { result, text, writes, body } = await run({ programs: { _TRANSPORT: kernel } })
    expect(result.status).toBe('critical')
    expect(writes).toMatchObject([
      { path: '/var/log/oratio-health/investigation_20261126_120000.txt', mode: 0o600 },
    ])
    expect(text).toContain('Most suspect: capture.service: killed for memory once, held 5.7 GiB.')
    expect(text).toContain('investigation_20261126_120000.txt')
    expect(writes[0]?.text).toMatch(/SUSPECTS\n {2}1\. capture\.service \(unit\)\n/)
    expect(writes[0]?.text).toContain('asked for memory then: python3')
    expect(writes[0]?.text.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect(body.events).toMatchObject([
      { kind: 'oom-kill', scope: 'memcg', pid: 1010, unit: 'capture.service', anonRssBytes: 6_144_000_000 },
    ])
  })

  it('nothing found is 0 and says so; nothing readable is not known', async () => {
    const fine = await run({ programs: { _TRANSPORT: ['Nov 26 11:00:01 box kernel: usb 1-1: new device'] } })
    expect(fine.result.status).toBe('ok')
    expect(fine.text).toContain('No trace of a crash was found.')
    const host = await run({})
    expect(host.result.status).toBe('ok')
  })

  it('of a flood in the journal the newest lines are read, and that there are more is said', async () => {
    const asked: string[][] = []
    const flood = Array.from({ length: 200_000 }, () => 'Nov 26 11:00:01 box kernel: usb 1-1: new device')
    const { body } = await run({ programs: { _TRANSPORT: flood }, asked })
    expect(asked.find((argv) => argv.includes('_TRANSPORT=kernel'))).toContain('--lines=200000')
    expect(body.sections).toMatchObject({
      sources: expect.arrayContaining([
        expect.objectContaining({ name: 'kernel log (journal)', complete: false }),
      ]),
    })
  })

  it('warning signs alone are a warning', async () => {
    const { result } = await run({
      programs: {
        _TRANSPORT: ['Nov 26 11:00:01 box kernel: INFO: task x:1 blocked for more than 120 seconds.'],
      },
    })
    expect(result.status).toBe('warning')
  })

  it('a container that the engine saw die, by its name', async () => {
    const dead: Partial<ContainerFacts> = {
      ...{
        id: 'c'.repeat(64),
        name: 'indexer',
        state: 'exited',
        exitCode: 137,
        oomKilled: true,
        restartCount: 4,
      },
      finishedAtMs: nowMs - 60_000,
    }
    const { body } = await run({ containers: value([dead as ContainerFacts]) })
    expect(body.suspects).toMatchObject([{ name: 'indexer', kind: 'container' }])
    expect(body.events).toMatchObject([{ kind: 'oom-kill', scope: 'container', exitCode: 137 }])
  })

  it('replaces secrets and escapes control characters, in every form', async () => {
    const path = given('secret.log', `${secretLine}\n`)
    for (const format of ['text', 'md', 'json', 'html']) {
      const { text, body } = await run({ options: { from: [path], format, output: '-' } })
      for (const secret of ['hunter2', 'p4ssw0rd', '\u001b']) expect(text, format).not.toContain(secret)
      expect(JSON.stringify(body)).not.toContain('hunter2')
    }
  })

  it('of given logs alone, gzip too, whatever their line ends; one that is missing is told', async () => {
    const packed = given('kern.log.gz', gzipSync(Buffer.from(kernel.join('\r\n'))))
    const { result, text, writes, body } = await run({ options: { from: [packed, join(top, 'nope')] } })
    expect(result.status).toBe('critical')
    expect(writes).toEqual([])
    expect(text).toContain('capture.service')
    expect(body.sections).toMatchObject({
      sources: [{ missing: null, lines: 5 }, { missing: expect.stringContaining('not there') }],
    })
  })

  it('when none of the given logs can be read it ends with 2 and names them', async () => {
    await expect(run({ options: { from: [join(top, 'nope')] } })).rejects.toMatchObject({
      code: exitCode.critical,
      message: expect.stringContaining('nope'),
    })
  })

  it('a log that could be read in part only and has nothing is not known, and said', async () => {
    const noise = Array.from(
      { length: 20_000 },
      (_, i) => `Nov 26 11:00:01 box app[${i}]: all is well ${i * 7919}`,
    )
    const path = join(top, 'damaged.gz')
    const packed = gzipSync(noise.join('\n'))
    writeFileSync(path, packed.subarray(0, packed.length / 2))
    const { result } = await run({ options: { from: [path] } })
    expect(result.status).toBe('unknown')
    expect(result.text(view)).toContain('in what could be read; not all could')
  })

  it('200,000 lines with nothing in them, a line of 10 MB, and NULs', async () => {
    const path = given(
      'noise.log',
      `${'Nov 26 11:00:01 box app[1]: all is well\n'.repeat(200_000)}${'x'.repeat(10_000_000)}\n\0\0\n${kernel.join('\n')}\n`,
    )
    const { body } = await run({ options: { from: [path] } })
    expect(body.events).toHaveLength(1)
  })

  it('stays below 1 MB whatever it finds', async () => {
    const many = Array.from({ length: 5000 }, (_, i) =>
      kernel.map((line) =>
        line
          .replaceAll('1010', `${2000 + i}`)
          .replace('11:00:01', `10:${String(i % 60).padStart(2, '0')}:01`),
      ),
    ).flat()
    const { writes } = await run({ programs: { _TRANSPORT: many } })
    expect(Buffer.byteLength(writes[0]?.text ?? '')).toBeLessThan(1024 * 1024)
    expect(writes[0]?.text).toContain('earlier ones are left out here')
  })

  it('a format that is none is wrong usage', async () => {
    await expect(run({ options: { format: 'pdf' } })).rejects.toMatchObject({ code: exitCode.usage })
  })
})
