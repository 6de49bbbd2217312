import { describe, expect, it } from 'vitest'
import { type FolderItem, folders } from '../../src/checks/folders.ts'
import type { FolderSize } from '../../src/core/facts.ts'
import { absent, failed, type Reading, value } from '../../src/core/reading.ts'
import type { Host } from '../../src/host/host.ts'
import { capturedHost, sceneNowMs } from '../support/captured-host.ts'

const defaults = folders.limits.default
const folder = (path: string, more: Partial<FolderItem['folder']> = {}): FolderItem['folder'] => ({
  path,
  warn: null,
  crit: null,
  named: null,
  ...more,
})

/** A host whose folders are this big, and whose walks take this long by its own clock. */
const hostWith = (size: Reading<FolderSize>, walkMs = 0) => {
  const asked: { path: string; maxEntries: number; maxMs: number; named?: string | null }[] = []
  let elapsedMs = 0
  const captured = capturedHost()
  const host: Host = {
    ...captured,
    elapsedMs: () => elapsedMs,
    files: {
      ...captured.files,
      folderSize: (path, bounds) => {
        asked.push({ path, ...bounds })
        elapsedMs += walkMs
        return size
      },
    },
  }
  return { host, asked }
}

const whole = (bytes: number, files = 3): Reading<FolderSize> => value({ bytes, files, complete: true })
const part = (bytes: number): Reading<FolderSize> => value({ bytes, files: 3, complete: false })

const read = async (host: Host, wanted: FolderItem['folder'][], previous: unknown = null) => {
  const reading = await folders.read(host, wanted, previous)
  if (reading.kind !== 'value') throw new Error(reading.kind)
  return reading.value
}
const judge = async (size: Reading<FolderSize>, wanted: FolderItem['folder']) =>
  folders.judge(await read(hostWith(size).host, [wanted]), [wanted])

describe('folders', () => {
  it('really adds up what is in a folder', async () => {
    const host = capturedHost({ files: { '/tmp/a': 'x'.repeat(10_000), '/tmp/b/c': 'y'.repeat(5000) } })
    const [finding] = folders.judge(await read(host, defaults), defaults)
    expect(finding).toMatchObject({
      item: '/tmp',
      code: 'level',
      status: 'ok',
      args: { files: 2, atLeast: 0 },
    })
    expect(finding?.value).toBeGreaterThanOrEqual(15_000)
  })

  it('counts only what has a name, where one is asked for', async () => {
    const files = { '/app/__pycache__/a.pyc': 'x'.repeat(8192), '/app/b.py': 'y'.repeat(100_000) }
    const wanted = [folder('/app/', { named: '__pycache__', warn: 50_000 })]
    const [finding] = folders.judge(await read(capturedHost({ files }), wanted), wanted)
    expect(finding).toMatchObject({ item: '/app/…/__pycache__', status: 'ok', args: { files: 1 } })
  })

  it('without configuration looks at /tmp and the journal in RAM; that they are not there is no news', async () => {
    expect(defaults.map(({ path }) => path)).toEqual(['/tmp', '/run/log/journal'])
    expect(folders.judge(await read(capturedHost(), defaults), defaults)).toEqual([])
  })

  it.each([
    [999, 'ok'],
    [1000, 'warning'],
    [1999, 'warning'],
    [2000, 'critical'],
  ] as const)('%i bytes are %s', async (bytes, status) => {
    expect(await judge(whole(bytes), folder('/x', { warn: 1000, crit: 2000 }))).toMatchObject([
      { status, code: 'level', value: bytes, unit: 'bytes', warn: 1000, crit: 2000 },
    ])
  })

  it.each([
    [0, 'unknown', 'incomplete'],
    [999, 'unknown', 'incomplete'],
    [1000, 'warning', 'level'],
    [2000, 'critical', 'level'],
  ] as const)('at least %i bytes are %s', async (bytes, status, code) => {
    expect(await judge(part(bytes), folder('/x', { warn: 1000, crit: 2000 }))).toMatchObject([
      { status, code, value: bytes, args: { atLeast: 1 } },
    ])
  })

  it('a lower bound is fine where nobody set limits', async () => {
    expect(await judge(part(10), folder('/x'))).toMatchObject([{ status: 'ok', code: 'level' }])
  })

  it.each([
    [absent('/x'), { warn: 1 }, 'not-found', 'unknown'],
    [failed('vanished', '/x', 'gone'), { warn: 1 }, 'not-found', 'unknown'],
    [failed('denied', '/x', 'EACCES'), { crit: 1 }, 'unreadable', 'unknown'],
    [absent('/x'), {}, 'not-found', 'ok'],
    [failed('denied', '/x', 'EACCES'), {}, 'unreadable', 'ok'],
  ] as const)('%j with limits %j is %s, %s', async (size, thresholds, code, status) => {
    expect(await judge(size, folder('/x', thresholds))).toMatchObject([{ code, status, item: '/x' }])
  })

  it('a folder without limits costs little, one with limits is walked further', async () => {
    const { host, asked } = hostWith(whole(1))
    await read(host, [folder('/a'), folder('/b', { warn: 1, named: 'x' })])
    expect(asked).toEqual([
      { path: '/a', maxEntries: 10_000, maxMs: 100, named: null },
      { path: '/b', maxEntries: 500_000, maxMs: 2000, named: 'x' },
    ])
  })

  it('the same folder twice is walked once', async () => {
    const { host, asked } = hostWith(whole(1))
    expect(await read(host, [folder('/a'), folder('/a', { warn: 5 })])).toHaveLength(1)
    expect(asked).toHaveLength(1)
  })

  describe('what was remembered', () => {
    const known = (more: object = {}, at = '/a') => ({
      sizes: {
        [at]: { bytes: 7, files: 2000, complete: true, atMs: sceneNowMs - 60_000, tookMs: 50, ...more },
      },
    })
    const walks = async (previous: unknown, wanted = folder('/a')) => {
      const { host, asked } = hostWith(whole(1))
      await read(host, [wanted], previous)
      return asked.length
    }

    it('saves a walk that takes its time', async () => {
      expect(await walks(known())).toBe(0)
      expect(await walks(known({ complete: false }))).toBe(0)
      expect(await walks(known(), folder('/a', { warn: 8 }))).toBe(0)
    })

    it.each([
      ['older than ten minutes', known({ atMs: sceneNowMs - 600_000 })],
      ['from the future', known({ atMs: sceneNowMs + 1 })],
      ['cheap to do again', known({ tookMs: 9.9 })],
      ['of few files, however busy the machine was', known({ files: 499 })],
      ['of another folder', known({}, '/b')],
      ['broken', known({ bytes: 'many' })],
      ['half there', { sizes: { '/a': { bytes: 7 } } }],
      ['of no shape', 'garbage'],
      ['null', { sizes: { '/a': null } }],
    ])('is not used when it is %s', async (_, previous) => {
      expect(await walks(previous)).toBe(1)
    })

    it('is not used for a problem, so that its end is seen at once', async () => {
      expect(await walks(known(), folder('/a', { warn: 7 }))).toBe(1)
    })

    it('is not used as a lower bound where there are limits', async () => {
      expect(await walks(known({ complete: false }), folder('/a', { warn: 8 }))).toBe(1)
    })

    it('is what the run before left, through JSON, with its own age', async () => {
      const { host, asked } = hostWith(whole(42, 2000), 80)
      const first = await read(host, [folder('/a')])
      const kept: unknown = JSON.parse(JSON.stringify(folders.remember?.(first)))
      const second = await read(host, [folder('/a')], kept)
      expect(asked).toHaveLength(1)
      expect(second).toEqual(first)
    })

    it('leaves out what failed', async () => {
      const { host } = hostWith(failed('denied', '/a', 'EACCES'))
      expect(folders.remember?.(await read(host, [folder('/a')]))).toEqual({ sizes: {} })
    })
  })
})
