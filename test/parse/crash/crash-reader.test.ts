import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CrashEvent } from '../../../src/core/crash-event.ts'
import { makeLineSplitter } from '../../../src/host/line-splitter.ts'
import { findCrashWord, makeCrashReader } from '../../../src/parse/crash/crash-reader.ts'

interface Sample {
  /** Where the lines were published. */
  origin: string
  lines: string[]
  events: (Partial<CrashEvent> & { scope?: string; tasks?: unknown; invokedBy?: string; cgroup?: string })[]
}

const samples: Sample[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/crash/samples.json'), 'utf8'),
)

const clock = { endMs: Date.parse('2026-11-26T12:00:00Z'), bootAtMs: Date.parse('2026-11-01T00:00:00Z') }

const read = (lines: readonly string[]): CrashEvent[] => {
  const reader = makeCrashReader('sample', clock)
  return [...lines.flatMap((line) => reader.read(line)), ...reader.end()]
}

/** As a file is read: only lines that can matter are handed over. */
const readBytes = (bytes: Buffer): CrashEvent[] => {
  const reader = makeCrashReader('sample', clock)
  const events: CrashEvent[] = []
  const filter = { find: findCrashWord, wantsAll: reader.wantsAll }
  const splitter = makeLineSplitter((line) => events.push(...reader.read(line)), filter)
  for (let at = 0; at < bytes.length; at += 1000) splitter.push(bytes.subarray(at, at + 1000))
  splitter.end()
  return [...events, ...reader.end()]
}

/** As the samples name what they expect: the details of a kill beside the rest. */
const flat = ({ oom, ...event }: CrashEvent) => ({ ...event, ...oom })

describe('logs as people have published them', () => {
  it('are at least sixty', () => {
    expect(samples.length).toBeGreaterThanOrEqual(60)
  })

  it.each(samples)('$origin', ({ lines, events }) => {
    const found = read(lines).map(flat)
    expect(found.map(({ kind }) => kind)).toEqual(events.map(({ kind }) => kind))
    for (const [i, expected] of events.entries()) expect(found[i]).toMatchObject(expected)
  })

  it('say the same with Windows line ends, and with NULs in between', () => {
    for (const { lines } of samples) {
      const plain = read(lines).map(({ kind, pid }) => [kind, pid])
      expect(read(lines.map((line) => `${line}\r`)).map(({ kind, pid }) => [kind, pid])).toEqual(plain)
      expect(read(lines.map((line) => `\0${line}`)).map(({ kind, pid }) => [kind, pid])).toEqual(plain)
    }
  })

  it.each(samples)('are found among lines of which no string is made: $origin', ({ lines }) => {
    const noise = Array.from({ length: 30 }, (_, i) => `[${i}.5] usb 1-${i}: new device ${i * 7919}`)
    const text = [...noise, ...lines, ...noise].join('\n')
    expect(readBytes(Buffer.from(text))).toEqual(read(lines))
    expect(readBytes(Buffer.from(text, 'utf16le')).map(({ kind }) => kind)).toEqual(
      read(lines.map((line) => line.replaceAll(/[^\0-\x7f]/g, '?'))).map(({ kind }) => kind),
    )
  })

  it('a message that journalctl writes as numbers is read, too', () => {
    const message = 'Out of memory: Killed process 7 (\xff) total-vm:1kB, anon-rss:2kB, file-rss:0kB'
    for (const gap of ['', ' ']) {
      const line = `{"__REALTIME_TIMESTAMP":"1","_TRANSPORT":"kernel","MESSAGE"${gap}:${gap}[${[...Buffer.from(message, 'latin1')].join()}]}`
      expect(readBytes(Buffer.from(line))).toMatchObject([{ kind: 'oom-kill', pid: 7, comm: '\xff' }])
    }
  })

  it('have a time wherever the line has one', () => {
    const [event] = read([
      'May 15 23:09:30 h kernel: [  518.05] Out of memory: Killed process 1 (a) total-vm:1kB, anon-rss:1kB, file-rss:0kB',
    ])
    expect(event?.atMs).toBe(new Date(2026, 4, 15, 23, 9, 30).getTime())
    const [sinceBoot] = read([
      '[44178.5] x',
      '[44178.537897] Out of memory: Killed process 1 (a) total-vm:1kB, anon-rss:1kB, file-rss:0kB',
    ])
    expect(sinceBoot?.atMs).toBeCloseTo(clock.bootAtMs + 44_178_537.897, 0)
  })
})

const killed = (comm: string) =>
  `[1.000000] Out of memory: Killed process 7 (${comm}) total-vm:1kB, anon-rss:2kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:1kB oom_score_adj:0`

describe('what is no kill', () => {
  it.each([
    'python3: page allocation failure: order:4, mode:0x40cc0(GFP_KERNEL|__GFP_COMP), nodemask=(null)',
    'Out of memory and no killable processes...',
    'oom_reaper: reaped process 7 (a), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB',
    'my app says: Out of memory: Killed process 7 (a) total-vm:1kB, anon-rss:2kB, file-rss:0kB',
    'Purging GPU memory, 0 pages freed, 0 pages still pinned.',
  ])('of the kernel: %s', (text) => {
    expect(read([`[1.000000] ${text}`])).toEqual([])
  })

  it('of a program: the kernel’s words in its log', () => {
    expect(
      read([
        'Jan  1 00:00:00 h app[1]: Out of memory: Killed process 7 (a) total-vm:1kB, anon-rss:2kB, file-rss:0kB',
      ]),
    ).toEqual([])
    expect(read([killed('a').slice(11)])).toEqual([])
    expect(
      read([
        'Jan  1 00:00:00 h app[1]: x.service: A process of this unit has been killed by the OOM killer.',
      ]),
    ).toEqual([])
  })
})

describe('names that were chosen to confuse', () => {
  it.each([
    'foo) Z ',
    '()()())))',
    'a) total-vm:9kB, anon-rss:9kB, file-rss:9kB',
    'Web Content',
    'kworker/0:1',
    '名前',
    '',
  ])('%j', (comm) => {
    expect(read([killed(comm)])[0]).toMatchObject({ kind: 'oom-kill', comm, pid: 7, bytes: 2048 })
  })

  it('also in the line of the constraint and in the dump', () => {
    const comm = 'a,pid=1,uid=0'
    const [event] = read([
      '[1.000000] x invoked oom-killer: gfp_mask=0x0, order=0, oom_score_adj=0',
      '[1.000000] [  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name',
      '[1.000000] [      9]     0     9        1       10     1024        2             0 npm start now',
      `[1.000000] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=x,mems_allowed=0,oom_memcg=/system.slice/a,b.service,task_memcg=/system.slice/a,b.service,task=${comm},pid=7,uid=0`,
    ])
    expect(event).toMatchObject({
      comm,
      pid: 7,
      unit: 'a,b.service',
      oom: { scope: 'memcg', invokedBy: 'x', tasks: [{ comm: 'npm start now', pid: 9 }] },
    })
  })
})

describe('any text', () => {
  it('is read without an error, in bounded memory', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (lines) => {
        read(lines)
        read(lines.map((line) => `[1.000000] ${line}`))
      }),
    )
    const long = `[1.000000] ${'x'.repeat(10_000_000)}`
    expect(read([long, killed('a')])).toHaveLength(1)
  })

  it('mutated samples do not throw either', () => {
    const lines = samples.flatMap((sample) => sample.lines)
    fc.assert(
      fc.property(
        fc.constantFrom(...lines),
        fc.nat(),
        fc.string({ unit: 'binary', maxLength: 3 }),
        (line, at, text) => {
          const cut = at % (line.length + 1)
          read([line.slice(0, cut) + text + line.slice(cut)])
        },
      ),
    )
  })
})
