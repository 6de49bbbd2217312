import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeSave } from '../../src/host/save.ts'
import { beginRun, endRun, jobRunsPath, readRuns } from '../../src/store/job-runs.ts'
import { liveBase } from '../support/bases.ts'
import { memoryFolder } from '../support/temp-folder.ts'

const top = memoryFolder('job-runs')
const save = makeSave(liveBase, () => 0)
let count = 0
const freshPath = (): string => join(top, `${count++}.runs`)

const run = (path: string, atMs: number, code = 0): void => {
  const begun = beginRun(save, path, atMs)
  if (begun !== null) endRun(save, path, begun, atMs + 10, code)
}

const runsOf = (path: string) => {
  const runs = readRuns(save, path)
  return runs.kind === 'value' ? runs.value : runs.kind
}

describe('the last runs of a command', () => {
  it('are kept with begin, end and status', () => {
    const path = freshPath()
    run(path, 1000)
    run(path, 2000, 78)
    expect(runsOf(path)).toEqual([
      { begunAtMs: 1000, endedAtMs: 1010, exitCode: 0 },
      { begunAtMs: 2000, endedAtMs: 2010, exitCode: 78 },
    ])
  })

  it('tell of one that was killed, and of the next after it', () => {
    const path = freshPath()
    run(path, 1000)
    beginRun(save, path, 2000)
    expect(runsOf(path)).toContainEqual({ begunAtMs: 2000, endedAtMs: null, exitCode: null })
    run(path, 3000)
    expect(runsOf(path)).toHaveLength(3)
  })

  it('are sixteen at most, in one kibibyte, by the order they were written in whatever the clock said', () => {
    const path = freshPath()
    for (let i = 0; i < 40; i++) run(path, 1_800_000_000_000 - i * 1000, i)
    expect(readFileSync(path)).toHaveLength(1024)
    const codes = runsOf(path) as { exitCode: number }[]
    expect(codes.map(({ exitCode }) => exitCode)).toEqual(Array.from({ length: 16 }, (_, i) => 24 + i))
  })

  it('are absent where there is no file', () => {
    expect(runsOf(freshPath())).toBe('absent')
    expect(jobRunsPath('/var/lib/oratio-health', 'check')).toBe('/var/lib/oratio-health/check.runs')
  })

  it('survive a write that was torn at any byte, and any other text', () => {
    const path = freshPath()
    for (let i = 1; i <= 3; i++) run(path, i * 1000)
    const whole = readFileSync(path)
    for (let at = 0; at < whole.length; at++) {
      writeFileSync(path, whole.subarray(0, at))
      expect((runsOf(path) as unknown[]).length).toBeGreaterThanOrEqual(Math.floor(at / 64))
      const flipped = Uint8Array.from(whole)
      flipped[at] = (flipped[at] ?? 0) ^ 1
      writeFileSync(path, flipped)
      expect((runsOf(path) as unknown[]).length).toBeGreaterThanOrEqual(2)
      for (const { begunAtMs } of runsOf(path) as { begunAtMs: number }[])
        expect([1000, 2000, 3000]).toContain(begunAtMs)
      run(path, 9000)
      expect(runsOf(path)).toContainEqual({ begunAtMs: 9000, endedAtMs: 9010, exitCode: 0 })
    }
    for (const garbage of ['', '\0'.repeat(2000), 'x\n'.repeat(5000), '漢字'.repeat(300)]) {
      writeFileSync(path, garbage)
      expect(runsOf(path)).toEqual([])
      run(path, 5000)
      expect(runsOf(path)).toEqual([{ begunAtMs: 5000, endedAtMs: 5010, exitCode: 0 }])
    }
  })
})
