import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { freshMemory } from '../../src/core/restart-memory.ts'
import { maxTold, type ToldProblem } from '../../src/core/told.ts'
import { makeSave } from '../../src/host/save.ts'
import { type OtherRestarts, restartBounds, type ServiceRestarts } from '../../src/store/restart-state.ts'
import { freshState, loadState, type State, saveState, withoutFuture } from '../../src/store/state.ts'
import { stateBounds } from '../../src/store/state-shape.ts'
import { readStateText, stateText } from '../../src/store/state-text.ts'
import { liveBase } from '../support/bases.ts'
import { memoryFolder } from '../support/temp-folder.ts'
import { canMount, withTinyDisk } from '../support/tiny-disk.ts'

// In memory: thousands of broken files are written and moved here.
const top = memoryFolder('state')
const nowMs = new Date(2026, 0, 31, 3, 0, 0).getTime()
const save = makeSave(liveBase, () => nowMs)

let count = 0
const folder = (): string => {
  const path = join(top, String(count++))
  mkdirSync(path)
  return path
}

const told = (key: string, more: Partial<ToldProblem> = {}): ToldProblem => ({
  key,
  service: null,
  check: 'memory',
  code: 'level',
  item: null,
  status: 'warning',
  sinceMs: nowMs - 60_000,
  toldAtMs: nowMs - 60_000,
  isNamed: false,
  ...more,
})

const restarts = (more: Partial<ServiceRestarts['memory']> = {}): ServiceRestarts => ({
  memory: {
    identity: 'abc',
    recentFailures: [true, false, true],
    restartedAtMs: [nowMs - 3_600_000],
    scheduledAtMs: [nowMs - 7_200_000],
    restartsInARow: 1,
    gaveUpAtMs: null,
    ...more,
  },
  seen: { counter: 3, of: 'abc', atMs: nowMs - 60_000 },
  others: [{ atMs: nowMs - 60_000, by: 'engine', count: 3 }],
})

const good: State = {
  version: 1,
  bootId: '48e61a0c-e9e2-4245-9e7e-fb57ade43dd1',
  savedAtMs: nowMs - 60_000,
  remembered: { cpu: { totalTicks: 123, idleTicks: 45 } },
  told: [told('host|memory|level|', { item: 'größe' })],
  restarts: { 'electron-cash': restarts(), 123: { memory: freshMemory, seen: null, others: [] } },
}

const fresh = freshState()

describe('from run to run', () => {
  it('what is saved is loaded', () => {
    const path = join(folder(), 'state.json')
    expect(saveState(save, path, good, nowMs)).toEqual({ kind: 'value', value: true })
    expect(loadState(save, path, nowMs)).toEqual({ state: { ...good, savedAtMs: nowMs }, problem: null })
  })

  it('a first run begins fresh, without a problem', () => {
    expect(loadState(save, join(folder(), 'state.json'), nowMs)).toEqual({ state: fresh, problem: null })
  })

  it('names that JavaScript knows are names like any other', () => {
    const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty']
    const all: State['restarts'] = Object.create(null)
    for (const name of names) all[name] = restarts({ identity: name })
    const read = readStateText(stateText({ ...good, restarts: all }))
    expect(typeof read !== 'string' && Object.entries(read.state.restarts)).toEqual(Object.entries(all))
    expect(freshState().restarts.constructor).toBeUndefined()
    expect(({} as { count?: number }).count).toBeUndefined()
  })

  it('property: every state within the bounds survives', () => {
    const text = fc.string({ unit: 'binary', maxLength: 10 })
    const few = { maxKeys: 3, maxLength: 3 }
    const stamp = fc.nat(nowMs)
    const state = fc.record({
      version: fc.constant(1 as const),
      bootId: fc.constantFrom(null, good.bootId),
      savedAtMs: fc.option(stamp),
      remembered: fc.dictionary(text, fc.jsonValue({ maxDepth: 2 }), few),
      told: fc.array(
        fc.record({
          key: text,
          service: fc.option(text),
          check: text,
          code: text,
          item: fc.option(text),
          status: fc.constantFrom('warning' as const, 'critical' as const, 'unknown' as const),
          sinceMs: stamp,
          toldAtMs: stamp,
          isNamed: fc.boolean(),
        }),
        few,
      ),
      restarts: fc.dictionary(
        text,
        fc.record({
          memory: fc.record({
            identity: fc.option(text),
            recentFailures: fc.array(fc.boolean(), { maxLength: 100 }),
            restartedAtMs: fc.array(stamp, few),
            scheduledAtMs: fc.array(stamp, few),
            restartsInARow: fc.nat(),
            gaveUpAtMs: fc.option(stamp),
          }),
          seen: fc.option(fc.record({ counter: fc.nat(), of: fc.option(text), atMs: stamp })),
          others: fc.array(
            fc.record({
              atMs: stamp,
              by: fc.constantFrom('engine' as const, 'systemd' as const),
              count: fc.nat(),
            }),
            few,
          ),
        }),
        few,
      ),
    })
    fc.assert(
      fc.property(state, (one) => {
        const read = readStateText(stateText(one))
        expect(read).toMatchObject({ dropped: [] })
        // Through JSON: -0 is 0 there.
        expect(typeof read !== 'string' && JSON.parse(JSON.stringify(read.state))).toEqual(
          JSON.parse(JSON.stringify(one)),
        )
      }),
    )
  })
})

describe('a broken file', () => {
  const text = stateText(good)
  const bytes = Buffer.from(text, 'utf8')

  /** Loads the bytes; true when the state is as good as before, false when it is gone and that is said. */
  const survives = (broken: Buffer): boolean => {
    const at = folder()
    const path = join(at, 'state.json')
    writeFileSync(path, broken)
    const { state, problem } = loadState(save, path, nowMs)
    if (problem === null) {
      expect(state).toEqual(good)
      expect(readdirSync(at)).toEqual(['state.json'])
      return true
    }
    expect(state).toEqual(fresh)
    expect(problem).toMatchObject({ kind: 'broken', setAsideTo: `${path}.broken-20260131_030000` })
    expect(readFileSync(problem.setAsideTo ?? '').equals(broken)).toBe(true)
    expect(readdirSync(at)).toEqual(['state.json.broken-20260131_030000'])
    return false
  }

  it('cut off after any byte is noticed; only its last line break can be spared', () => {
    const survivors = Array.from(bytes.keys()).filter((length) => survives(bytes.subarray(0, length)))
    expect(survivors).toEqual([bytes.length - 1])
  })

  it.each([
    ['a flipped bit', (byte: number) => byte ^ 1],
    ['another digit or letter', (byte: number) => (byte === 0x31 ? 0x32 : 0x31)],
    ['a NUL byte', () => 0],
    ['a byte that is not UTF-8', () => 0xff],
    ['a quote', () => 0x22],
  ])('with %s in any place it is noticed or as good as before', (_, change) => {
    const tail = text.lastIndexOf(',"sum"')
    const tailBytes = Buffer.byteLength(text.slice(0, tail))
    for (const [at, byte] of bytes.entries()) {
      const broken = Buffer.from(bytes)
      broken[at] = change(byte)
      // In the state itself nothing goes unnoticed; a change in the checksum's own name or digits may.
      if (survives(broken) && !broken.equals(bytes)) expect(at).toBeGreaterThanOrEqual(tailBytes)
    }
  })

  it.each([
    ['nothing', '', 'it is empty'],
    ['NUL bytes, after a power cut', '\0'.repeat(4096), 'it is not JSON, or cut off'],
    ['null', 'null', 'it is not JSON, or cut off'],
    ['a list', '[]', 'it is not JSON, or cut off'],
    ['a number', '7', 'it is not JSON, or cut off'],
    ['no version', '{}', 'it is of another version'],
    ['a later version', '{"version":2}', 'it is of another version'],
    ['a version in words', '{"version":"1"}', 'it is of another version'],
    ['a million brackets', '['.repeat(1_000_000), 'it is not JSON, or cut off'],
  ])('%s', (_, content, detail) => {
    const path = join(folder(), 'state.json')
    writeFileSync(path, content)
    expect(loadState(save, path, nowMs)).toMatchObject({ state: fresh, problem: { kind: 'broken', detail } })
    expect(existsSync(path)).toBe(false)
  })

  it('what is right in it is used, and what is wrong is named', () => {
    const path = join(folder(), 'state.json')
    const { version, told: problems, restarts: whole } = good
    const odd = {
      version,
      bootId: 7,
      savedAtMs: -1,
      remembered: 'x',
      told: [...problems, null, { ...problems[0], status: 'ok' }, { ...problems[0], sinceMs: '1' }],
      restarts: {
        ...whole,
        a: null,
        b: { ...restarts(), others: [{ atMs: 1, by: 'somebody', count: 1 }] },
        c: { ...restarts({ restartsInARow: 1.5 }) },
        d: { ...restarts(), seen: undefined },
        e: { ...restarts({ recentFailures: ['yes'] as never }) },
        f: { ...restarts({ restartedAtMs: [-1] }) },
      },
    }
    writeFileSync(path, JSON.stringify(odd))
    const { state, problem } = loadState(save, path, nowMs)
    expect(state).toEqual({ ...fresh, told: problems, restarts: whole })
    expect(problem).toMatchObject({
      kind: 'broken',
      detail: 'wrong in it: bootId, savedAtMs, told: 3 entries, remembered, restarts: 6 entries',
      setAsideTo: `${path}.broken-20260131_030000`,
    })
  })

  it('a FIFO, a symlink or a folder in its place is moved aside, and the run can save', () => {
    const make: ((path: string) => void)[] = [
      (path) => spawnSync('mkfifo', [path]),
      (path) => symlinkSync('/etc/passwd', path),
      (path) => mkdirSync(path),
    ]
    for (const place of make) {
      const path = join(folder(), 'state.json')
      place(path)
      expect(loadState(save, path, nowMs)).toMatchObject({ state: fresh, problem: { kind: 'broken' } })
      expect(saveState(save, path, good, nowMs).kind).toBe('value')
      expect(loadState(save, path, nowMs).problem).toBeNull()
    }
  })

  it.skipIf(!canMount)('that cannot be moved is said to stay (skipped where mounting is not allowed)', () => {
    const at = folder()
    withTinyDisk(at, 'size=64k,mode=750', () => {
      writeFileSync(join(at, 'state.json'), '{')
      spawnSync('mount', ['-o', 'remount,ro', at])
      expect(loadState(save, join(at, 'state.json'), nowMs)).toEqual({
        state: fresh,
        problem: {
          kind: 'broken',
          detail: 'it is not JSON, or cut off; it could not be moved aside: read-only file system (EROFS)',
          setAsideTo: null,
        },
      })
      expect(saveState(save, join(at, 'state.json'), good, nowMs)).toMatchObject({
        kind: 'failed',
        cause: 'io',
      })
    })
  })
})

describe('what is kept is bounded', () => {
  it('whatever a run wants to save', () => {
    const many = (n: number) => Array.from({ length: n }, (_, i) => i)
    const circle: { self?: unknown } = {}
    circle.self = circle
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)
    const text = stateText({
      ...good,
      told: many(maxTold + 50).map((i) => told(`k${i}`)),
      restarts: Object.fromEntries(
        many(1000).map((i) => [
          `s${i}`,
          {
            ...restarts({ restartedAtMs: many(600).map((j) => nowMs - j) }),
            others: many(300).map((j): OtherRestarts => ({ atMs: j, by: 'systemd', count: 1 })),
          },
        ]),
      ),
      remembered: {
        circle,
        deep,
        nothing: undefined,
        number: 1n,
        big: 'x'.repeat(stateBounds.rememberedBytesEach),
        ...Object.fromEntries(many(8).map((i) => [`part${i}`, 'y'.repeat(200_000)])),
        small: 1,
      },
    })
    const read = readStateText(text)
    if (typeof read === 'string') throw new Error(read)
    expect(read.dropped).toEqual([])
    expect(read.state.told).toHaveLength(maxTold)
    expect(Object.keys(read.state.restarts)).toHaveLength(restartBounds.services)
    expect(read.state.restarts.s0?.others.at(-1)?.atMs).toBe(299)
    expect(Object.keys(read.state.remembered)).toEqual(['part0', 'part1', 'part2', 'part3', 'part4', 'small'])
    expect(Buffer.byteLength(text)).toBeLessThan(6 * 1024 * 1024)
  })

  it('a file that holds more than that is too large to be ours', () => {
    const path = join(folder(), 'state.json')
    writeFileSync(path, `{"version":1,"x":"${'x'.repeat(9 * 1024 * 1024)}"}`)
    expect(loadState(save, path, nowMs)).toMatchObject({ state: fresh, problem: { kind: 'broken' } })
  })
})

describe('a clock that was set back', () => {
  const hourMs = 3_600_000

  it('is told once, and no stamp waits for a time that was wrong', () => {
    const path = join(folder(), 'state.json')
    const future = nowMs + 26 * hourMs
    saveState(
      save,
      path,
      {
        ...good,
        told: [told('a', { sinceMs: nowMs - hourMs, toldAtMs: future })],
        restarts: {
          s: {
            ...restarts({ restartedAtMs: [nowMs - hourMs, future], gaveUpAtMs: future }),
            seen: { counter: 1, of: null, atMs: future },
            others: [{ atMs: future, by: 'engine', count: 1 }],
          },
        },
      },
      future,
    )
    const loaded = loadState(save, path, nowMs)
    expect(loaded.problem).toEqual({
      kind: 'clock-went-back',
      detail: 'the last run was 1d 2h in the future',
      setAsideTo: null,
    })
    expect(loaded.state).toMatchObject({
      savedAtMs: nowMs,
      told: [{ sinceMs: nowMs - hourMs, toldAtMs: nowMs }],
      restarts: {
        s: {
          memory: { restartedAtMs: [nowMs - hourMs, nowMs], gaveUpAtMs: nowMs },
          seen: { atMs: nowMs },
          others: [{ atMs: nowMs }],
        },
      },
    })
    saveState(save, path, loaded.state, nowMs)
    expect(loadState(save, path, nowMs).problem).toBeNull()
  })

  it('by less than a minute is not worth a word', () => {
    const path = join(folder(), 'state.json')
    saveState(save, path, good, nowMs + 59_000)
    expect(loadState(save, path, nowMs)).toMatchObject({ problem: null, state: { savedAtMs: nowMs } })
  })

  it('leaves a state of the past as it is', () => {
    expect(withoutFuture(good, nowMs)).toEqual({ state: good, aheadMs: 0 })
  })
})

it('a state that may not be read is said to be so and kept', () => {
  const path = join(folder(), 'state.json')
  saveState(save, path, good, nowMs)
  // Root is denied nothing, so the denial is handed in.
  const denied = {
    kind: 'failed',
    cause: 'denied',
    what: path,
    detail: 'permission denied (EACCES)',
  } as const
  const loaded = loadState({ ...save, readText: () => denied }, path, nowMs)
  expect(loaded).toMatchObject({ state: fresh, problem: { kind: 'unreadable', detail: denied.detail } })
  expect(existsSync(loaded.problem?.setAsideTo ?? '')).toBe(true)
})
