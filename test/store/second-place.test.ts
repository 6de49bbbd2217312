import {
  chmodSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { absent, failed } from '../../src/core/reading.ts'
import type { HostSave } from '../../src/host/host.ts'
import { makeSave } from '../../src/host/save.ts'
import { type SecondPlace, secondPlaceOf, withSecondPlace } from '../../src/store/second-place.ts'
import { isRoot } from '../support/needs.ts'
import { tempFolder } from '../support/temp-folder.ts'

const top = tempFolder('second-place')
const uid = process.getuid?.() ?? 0
const real = makeSave({ uid, pid: process.pid }, Date.now)
let count = 0

/** A state folder that can be closed, and a folder in memory beside it. */
const arrange = (mark = '01234567') => {
  const at = join(top, String(count++))
  const [stateDir, run] = [join(at, 'state'), join(at, 'run')]
  for (const folder of [stateDir, run]) mkdirSync(folder, { recursive: true, mode: 0o700 })
  const clock = { nowMs: Date.now() + 600_000 }
  const place: SecondPlace = { folder: join(run, 'oratio-health'), uid, mark, nowMs: () => clock.nowMs }
  const isClosed = { now: false }
  const inState = (path: string): boolean => path.startsWith(`${stateDir}/`)
  // Root writes through any mode, so the read-only file system is played.
  const closed: HostSave = {
    ...real,
    replace: (path, ...more) =>
      isClosed.now && inState(path) ? failed('io', path, 'EROFS') : real.replace(path, ...more),
    remove: (path) => (isClosed.now && inState(path) ? failed('io', path, 'EROFS') : real.remove(path)),
  }
  return {
    stateDir,
    run,
    place,
    clock,
    isClosed,
    save: withSecondPlace(closed, place),
    file: `${stateDir}/state.json`,
  }
}

const words = (save: HostSave, path: string) => {
  const text = save.readText(path)
  return text.kind === 'value' ? text.value : text.kind
}

describe('the second place', () => {
  it('holds what cannot be written in its own, and is empty again when that can be', () => {
    const { save, file, isClosed, place, run } = arrange()
    save.replace(file, 'one')
    expect(readdirSync(run)).toEqual([])
    isClosed.now = true
    expect(save.replace(file, 'two').kind).toBe('value')
    expect(words(save, file)).toBe('two')
    expect(statSync(place.folder).mode & 0o777).toBe(0o700)
    isClosed.now = false
    save.replace(file, 'three')
    expect([words(save, file), readdirSync(place.folder)]).toEqual(['three', []])
  })

  it('knows of a file that it is no more', () => {
    const { save, file, isClosed } = arrange()
    save.replace(file, 'one')
    isClosed.now = true
    expect(save.remove(file).kind).toBe('value')
    expect(save.readText(file)).toEqual(absent(file))
  })

  it('is passed over when the file itself is newer, but not when that is of the future', () => {
    const { save, file, isClosed, clock } = arrange()
    save.replace(file, 'one')
    isClosed.now = true
    save.replace(file, 'two')
    clock.nowMs += 60_000
    const at = (ms: number): void => utimesSync(file, ms / 1000, ms / 1000)
    at(clock.nowMs - 1000)
    expect(words(save, file)).toBe('one')
    at(clock.nowMs + 86_400_000)
    expect(words(save, file)).toBe('two')
  })

  it.each<[string, (scene: ReturnType<typeof arrange>) => void]>([
    ['a folder that others may read', ({ place }) => chmodSync(place.folder, 0o750)],
    [
      'a folder that is a link',
      ({ place, run }) => {
        mkdirSync(join(run, 'elsewhere'), { mode: 0o700 })
        rmSync(place.folder, { recursive: true })
        symlinkSync(join(run, 'elsewhere'), place.folder)
      },
    ],
    [
      'a file that others may write',
      ({ place }) => chmodSync(join(place.folder, '01234567-state.json'), 0o666),
    ],
    [
      'a file that is damaged',
      ({ place }) =>
        writeFileSync(join(place.folder, '01234567-state.json'), '{"version":1,"savedAtMs":9e15,'),
    ],
    [
      'a file that is a link',
      ({ place, run }) => {
        const path = join(place.folder, '01234567-state.json')
        const other = join(run, 'other')
        const whole = real.readText(path)
        writeFileSync(other, whole.kind === 'value' ? whole.value : '')
        rmSync(path)
        symlinkSync(other, path)
      },
    ],
  ])('is not believed with %s', (_, spoil) => {
    const scene = arrange()
    const { save, file, isClosed } = scene
    save.replace(file, 'one')
    isClosed.now = true
    save.replace(file, 'two')
    expect(words(save, file)).toBe('two')
    spoil(scene)
    expect(words(save, file)).toBe('one')
  })

  it.skipIf(!isRoot)('is not believed when it is of another user (needs root)', () => {
    const { save, file, isClosed, place, stateDir } = arrange()
    save.replace(file, 'one')
    isClosed.now = true
    save.replace(file, 'two')
    expect(words(withSecondPlace(real, { ...place, uid: 4711 }), file)).toBe('one')
    expect(stateDir).not.toBe('')
  })

  it('is not made in a folder that others may write', () => {
    const { save, file, isClosed, run } = arrange()
    chmodSync(run, 0o1777)
    isClosed.now = true
    expect(save.replace(file, 'two').kind).toBe('failed')
    expect(readdirSync(run)).toEqual([])
  })

  it('is of one state folder, and below /run or the session’s folder', () => {
    const of = (who: number, env: Record<string, string>, stateDir = '/var/lib/oratio-health') =>
      secondPlaceOf({ uid: who, env, now: () => 0 }, stateDir)
    expect(of(0, { XDG_RUNTIME_DIR: '/tmp/x' })?.folder).toBe('/run/oratio-health')
    expect(of(1000, { XDG_RUNTIME_DIR: '/run/user/1000' })?.folder).toBe('/run/user/1000/oratio-health')
    expect([of(1000, {}), of(1000, { XDG_RUNTIME_DIR: 'run' }), of(0, {}, 'state')]).toEqual([
      null,
      null,
      null,
    ])
    expect(of(0, {}, '/srv/state')?.mark).not.toBe(of(0, {})?.mark)
    expect(of(0, {}, '/srv/state/')?.mark).toBe(of(0, {}, '/srv/state')?.mark)
  })
})
