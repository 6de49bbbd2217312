import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Finding } from '../../../src/core/finding.ts'
import { value } from '../../../src/core/reading.ts'
import type { Host } from '../../../src/host/host.ts'
import { messageOf } from '../../../src/report/sentence.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { askOne, logProbe, realHost } from './real-host.ts'

const parent = tempFolder('log-file')
const minute = 60_000
let folder = ''
let path = ''
let nowMs = 0
let remembered: unknown = null

beforeEach(() => {
  folder = mkdtempSync(join(parent, 'case-'))
  path = join(folder, 'app.log')
  nowMs = 1_800_000_000_000
  remembered = null
})

const stamp = (minutesAgo: number): string => new Date(nowMs - minutesAgo * minute).toISOString()
const hit = (minutesAgo = 0): string => `${stamp(minutesAgo)} ERROR here\n`
const miss = (minutesAgo = 0): string => `${stamp(minutesAgo)} fine\n`

/** One run, a minute after the one before; its memory goes through JSON. */
const run = async (more: object = {}, over: Partial<Host> = {}): Promise<Finding> => {
  nowMs += minute
  const host = realHost({ now: () => nowMs, ...over })
  const probe = logProbe('ERROR', { file: path, warn: 1, crit: 100, ...more })
  const { finding, remember } = await askOne(probe, { host, remembered })
  remembered = JSON.parse(JSON.stringify(remember))
  return finding
}
const counted = async (more: object = {}) => {
  const { code, value, args } = await run(more)
  return { code, value, atLeast: args?.atLeast }
}
const exactly = (value: number) => ({ code: 'log-count', value, atLeast: 0 })
const atLeast = (value: number) => ({ code: 'log-count', value, atLeast: 1 })

describe('the first run', () => {
  it('counts what says that it is of the window', async () => {
    writeFileSync(path, `${hit(90)}${hit(30)}${miss(20)}ERROR without a stamp\n${hit(1)}${hit(-900)}`)
    const finding = await run()
    expect(finding).toMatchObject({
      item: `log ERROR in ${path}`,
      status: 'warning',
      value: 2,
      unit: 'count',
      warn: 1,
      crit: 100,
      args: { withinSeconds: 3600, atLeast: 0, pattern: 'ERROR' },
    })
    expect(messageOf(finding, 'service')).toMatch(
      / 2 lines in 1h, all written before it was started, warning from 1 — read the lines/,
    )
  })

  it('is critical from `crit`', async () => {
    writeFileSync(path, hit(1).repeat(3))
    expect((await run({ warn: null, crit: 3 })).status).toBe('critical')
  })

  it('looks at the last MiB only, and says so', async () => {
    writeFileSync(path, hit(30).repeat(60_000))
    const { value, atLeast: isLess } = await counted()
    expect(isLess).toBe(1)
    expect(value).toBeGreaterThan(20_000)
    expect(value).toBeLessThan(60_000)
  })

  it('does not say so when the window lies wholly in it', async () => {
    writeFileSync(path, miss(90).repeat(60_000) + hit(1))
    expect(await counted()).toEqual(exactly(1))
  })
})

describe('later runs', () => {
  it('count what came since, once', async () => {
    writeFileSync(path, hit(1))
    expect(await counted()).toEqual(exactly(1))
    expect(await counted()).toEqual(exactly(1))
    appendFileSync(path, `ERROR without a stamp\n${miss()}${hit()}`)
    expect(await counted()).toEqual(exactly(3))
    expect(await counted()).toEqual(exactly(3))
    nowMs += 62 * minute
    expect(await counted()).toEqual(exactly(0))
  })

  it('wait for the end of a line that is being written', async () => {
    writeFileSync(path, '')
    expect(await counted()).toEqual(exactly(0))
    appendFileSync(path, 'half an ERR')
    expect(await counted()).toEqual(exactly(0))
    appendFileSync(path, 'OR\n')
    expect(await counted()).toEqual(exactly(1))
  })

  it('take stamps of another zone for what came since', async () => {
    writeFileSync(path, '')
    await run()
    appendFileSync(path, `${stamp(300).replace('Z', '')} ERROR\n${stamp(-300).replace('Z', '')} ERROR\n`)
    expect(await counted()).toEqual(exactly(2))
  })

  it('after a pause count what says that it is old as old', async () => {
    writeFileSync(path, '')
    await run()
    nowMs += 300 * minute
    appendFileSync(path, `${hit(200)}${hit(5)}ERROR of no time\n`)
    expect(await counted()).toEqual(exactly(2))
  })

  it('read 8 MiB at most, the newest, and say so as long as it matters', async () => {
    writeFileSync(path, miss())
    await run()
    appendFileSync(path, hit().repeat(20) + `${'x'.repeat(1000)}\n`.repeat(12_000) + hit())
    const finding = await run()
    expect(finding).toMatchObject({ value: 1, args: { atLeast: 1 } })
    expect(messageOf(finding, 'service')).toContain('at least 1 line in 1h')
    expect(await counted()).toEqual(atLeast(1))
    nowMs += 62 * minute
    expect(await counted()).toEqual(exactly(0))
  })

  it('read little of what is gigabytes long', async () => {
    writeFileSync(path, miss())
    await run()
    truncateSync(path, 3 * 1024 ** 3)
    appendFileSync(path, `\n${hit()}`)
    let bytes = 0
    const { files } = realHost()
    const readFrom: typeof files.readFrom = (...args) => {
      const part = files.readFrom(...args)
      if (part.kind === 'value') bytes += part.value.text.length
      return part
    }
    expect(await run({}, { files: { ...files, readFrom } })).toMatchObject({ value: 1, args: { atLeast: 1 } })
    expect(bytes).toBeLessThan(10 * 1024 ** 2)
    expect(bytes).toBeGreaterThan(7 * 1024 ** 2)
  })

  it('come over a line of megabytes, and cut it at 4 KiB', async () => {
    writeFileSync(path, miss())
    await run()
    appendFileSync(path, `${'y'.repeat(3 * 1024 ** 2)}\n${'z'.repeat(5000)} ERROR\n${hit()}`)
    expect(await counted()).toEqual(exactly(1))
  })

  it('count anew for another expression', async () => {
    writeFileSync(path, hit(1))
    await run()
    const key = (memory: unknown): string => JSON.stringify(memory).replace('log fine', 'log ERROR')
    remembered = JSON.parse(key(remembered))
    appendFileSync(path, 'x\n')
    const host = realHost({ now: () => nowMs })
    const { finding } = await askOne(logProbe('fine', { file: path }), { host, remembered })
    expect(finding.value).toBe(0)
  })
})

describe('a log that goes on over a restart', () => {
  let said = ''
  const facts = (identity: string, uptimeSeconds: number) => ({
    identity,
    uptimeSeconds: value(uptimeSeconds),
  })
  const look = async (identity: string, uptimeSeconds: number): Promise<[number | null, unknown]> => {
    nowMs += minute
    const asked = { host: realHost({ now: () => nowMs }), remembered, facts: facts(identity, uptimeSeconds) }
    const { finding, remember } = await askOne(logProbe('ERROR', { file: path }), asked)
    remembered = JSON.parse(JSON.stringify(remember))
    said = messageOf(finding, 'service')
    return [finding.value, finding.args?.earlier]
  }

  it('counts of a life that began since the last look what says that it is of it, and all that comes later', async () => {
    writeFileSync(path, '')
    await look('one', 3600)
    appendFileSync(path, `ERROR of no time\n${hit()}${hit(-300)}${stamp(-0.9)} ERROR of the new life\n`)
    expect(await look('two', 15)).toEqual([4, 3])
    appendFileSync(path, 'ERROR of no time\n')
    expect(await look('two', 75)).toEqual([5, 3])
    expect(said).toContain(' 5 lines in 1h, 3 of them written before it was started, warning from 1')
    nowMs += 56 * minute
    expect(await look('two', 3500)).toEqual([5, 3])
    nowMs += minute
    expect(await look('two', 3620)).toEqual([1, 0])
  })
})

describe('a log that is rotated', () => {
  beforeEach(async () => {
    writeFileSync(path, hit(1))
    await run()
    appendFileSync(path, hit() + hit())
  })

  it.each(['app.log.1', 'app.log-20270115', 'app.log.2027-01-15'])(
    'as %s is read to its end',
    async (name) => {
      renameSync(path, join(folder, name))
      appendFileSync(join(folder, name), 'ERROR last, without a line end')
      writeFileSync(path, hit())
      expect(await counted()).toEqual(exactly(5))
      appendFileSync(path, hit())
      expect(await counted()).toEqual(exactly(6))
    },
  )

  it('and not opened anew yet is read too', async () => {
    renameSync(path, `${path}.1`)
    expect(await counted()).toEqual(exactly(3))
    appendFileSync(`${path}.1`, hit())
    expect(await counted()).toEqual(exactly(4))
    writeFileSync(path, hit())
    expect(await counted()).toEqual(exactly(5))
  })

  it('and packed at once has lines that were not read', async () => {
    const other = join(folder, 'kept')
    renameSync(path, other)
    // Another one, as long as the one that is missed; made first, since it would be given the inode that gzip frees.
    writeFileSync(`${path}.1`, hit().repeat(9))
    writeFileSync(path, hit())
    execFileSync('gzip', [other])
    const { value, atLeast: isLess } = await counted()
    expect(value).toBe(2)
    expect(isLess).toBe(1)
  })

  it('and packed, its inode given to the new one, which is longer by now: all of that is read', async () => {
    execFileSync('gzip', [path])
    writeFileSync(path, miss().repeat(50) + hit())
    const { files } = realHost()
    // Whether a file system gives an inode to the very next file is not for a test to say.
    const readFrom: typeof files.readFrom = (...args) => {
      const part = files.readFrom(...args)
      return part.kind === 'value' ? value({ ...part.value, inode: 7 }) : part
    }
    const kept = remembered as { logs: [string, { position: { inode: number } }][] }
    for (const [, memory] of kept.logs) memory.position.inode = 7
    const { value: count, args } = await run({}, { files: { ...files, readFrom } })
    expect([count, args?.atLeast]).toEqual([2, 1])
  })

  it('by copytruncate, and has grown beyond where it was read, is read from its start', async () => {
    copyFileSync(path, `${path}.1`)
    truncateSync(path, 0)
    appendFileSync(path, hit() + miss().repeat(50))
    expect(await counted()).toEqual(atLeast(2))
    appendFileSync(path, hit())
    expect(await counted()).toEqual(atLeast(3))
  })

  it('by copytruncate is read from its start', async () => {
    copyFileSync(path, `${path}.1`)
    truncateSync(path, 0)
    appendFileSync(path, 'ERROR\n')
    expect(await counted()).toEqual(atLeast(2))
    appendFileSync(path, hit())
    expect(await counted()).toEqual(atLeast(3))
  })

  it('and is gone for good could not be read', async () => {
    unlinkSync(path)
    expect(await run()).toMatchObject({ code: 'unreadable', status: 'unknown' })
    writeFileSync(path, hit())
    expect((await counted()).code).toBe('log-count')
  })

  it('by a symlink that leads to the next is read to its end', async () => {
    const link = join(folder, 'current')
    const [first, second] = [join(folder, 'one.log'), join(folder, 'two.log')]
    writeFileSync(first, hit(1))
    symlinkSync(first, link)
    path = link
    remembered = null
    expect(await counted()).toEqual(exactly(1))
    appendFileSync(first, hit())
    writeFileSync(second, hit())
    rmSync(link)
    symlinkSync(second, link)
    expect(await counted()).toEqual(exactly(3))
  })
})

describe('what is no log', () => {
  it.each<[string, () => void]>([
    ['nothing', () => {}],
    ['a folder', () => mkdirSync(path)],
    ['a FIFO', () => execFileSync('mkfifo', [path])],
    ['a device', () => symlinkSync('/dev/zero', path)],
    ['a link in a circle', () => symlinkSync(path, path)],
  ])('(%s) is unknown, at once', async (_, make) => {
    make()
    const begun = performance.now()
    expect(await run()).toMatchObject({ code: 'unreadable', status: 'unknown' })
    expect(performance.now() - begun).toBeLessThan(60_000)
  })

  it('an ended FIFO in place of the log keeps what was counted', async () => {
    writeFileSync(path, hit(1))
    await run()
    renameSync(path, join(folder, 'aside'))
    execFileSync('mkfifo', [path])
    expect((await run()).code).toBe('unreadable')
    rmSync(path)
    renameSync(join(folder, 'aside'), path)
    appendFileSync(path, hit())
    expect(await counted()).toEqual(exactly(2))
  })
})

it('a clock that is set back takes what was counted with it', async () => {
  writeFileSync(path, hit(1))
  await run()
  nowMs -= 86_400_000
  appendFileSync(path, 'ERROR\n')
  expect(await counted()).toEqual(exactly(2))
  nowMs += 62 * minute
  expect(await counted()).toEqual(exactly(0))
})

it('a program that writes all the time is read as far as it had come', async () => {
  writeFileSync(path, '')
  await run()
  const { files } = realHost()
  let writes = 0
  const readFrom: typeof files.readFrom = (...args) => {
    const part = files.readFrom(...args)
    appendFileSync(path, hit())
    writes++
    return part
  }
  const during = await run({}, { files: { ...files, readFrom } })
  expect(during.value).toBeLessThan(writes)
  expect(await counted()).toEqual(exactly(writes))
})

describe('an expression that takes long', () => {
  it('is given up on a line of kilobytes, and that is said', async () => {
    writeFileSync(path, '')
    // Minutes for 4 KiB, were it tried on the whole.
    const slow = { log: '.*.*=.*z' }
    await run(slow)
    appendFileSync(path, `${'x'.repeat(4000)}\n`.repeat(200))
    const begun = performance.now()
    const finding = await run(slow)
    expect(finding).toMatchObject({ value: 0, args: { atLeast: 1 } })
    expect(performance.now() - begun).toBeLessThan(120_000)
  })

  it('is given up when its time is over, and that is said', async () => {
    writeFileSync(path, '')
    await run()
    appendFileSync(path, hit().repeat(10))
    let clock = 0
    const finding = await run({}, { elapsedMs: () => (clock += 1000) })
    expect(finding).toMatchObject({ value: 3, args: { atLeast: 1 } })
  })
})
