import { describe, expect, it } from 'vitest'
import { linesOf, matchAll } from '../../../src/checks/observe/match-lines.ts'
import type { ProcessStat } from '../../../src/core/facts.ts'
import { withinMs } from '../../../src/host/within.ts'

const within = async <T>(ms: number, work: () => T) => withinMs(ms, work)
const processes = (...pids: number[]) => pids.map((pid) => ({ pid }) as ProcessStat)
const lines = (texts: Record<number, string>) =>
  linesOf(processes(...Object.keys(texts).map(Number)), (pid) => texts[pid] ?? '')
const pidsOf = (found: (ProcessStat[] | null)[]) => found.map((one) => one?.map(({ pid }) => pid) ?? null)

describe('expressions on command lines', () => {
  const some = lines({ 3: 'python3 worker', 4: 'node app', 5: 'python3 worker', 6: 'aa-aa' })

  it('find whom they fit, all that have one command line', async () => {
    const asked = ['python', '^node', 'nothing'].map((match) => ({ match, lines: some }))
    expect(pidsOf(await matchAll({ within }, asked))).toEqual([[3, 5], [4], []])
  })

  it('with groups by number or name do not mix with each other', async () => {
    const asked = ['(x)?(a)a-\\2', '(n)ode', '(?<same>a)a-\\k<same>', '(?<same>wor)ker'].map((match) => ({
      match,
      lines: some,
    }))
    expect(pidsOf(await matchAll({ within }, asked))).toEqual([[6], [4], [6], [3, 5]])
  })

  it('that take for ever are given up, and the others are answered', async () => {
    // Incident-like: `.*a.*b.*c` is what people write; on this line it takes longer than anybody would wait.
    const hostile = lines({ 7: 'foobar'.repeat(680), 8: 'innocent' })
    const startedMs = performance.now()
    const asked = ['.*foo.*bar.*baz', 'innocent'].map((match) => ({ match, lines: hostile }))
    expect(pidsOf(await matchAll({ within }, asked))).toEqual([null, [8]])
    expect(performance.now() - startedMs).toBeLessThan(60_000)
  })

  it('see the first 4,096 characters', async () => {
    const long = lines({ 9: `${'x'.repeat(4095)}yz` })
    const asked = ['xy$', 'z'].map((match) => ({ match, lines: long }))
    expect(pidsOf(await matchAll({ within }, asked))).toEqual([[9], []])
  })
})
