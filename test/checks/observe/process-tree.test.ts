import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  familyOf,
  isDead,
  oldestOf,
  processTree,
  withDescendants,
} from '../../../src/checks/observe/process-tree.ts'
import type { ProcessStat } from '../../../src/core/facts.ts'

const stat = (pid: number, ppid: number, more: Partial<ProcessStat> = {}): ProcessStat => ({
  pid,
  ppid,
  session: 1,
  comm: 'x',
  state: 'S',
  cpuTicks: 0,
  threads: 1,
  startTicks: pid,
  rssBytes: 0,
  isKernelThread: false,
  ...more,
})

// init → cron → sh → this tool (40) → systemctl; and a neighbour.
const tree = processTree([stat(1, 0), stat(20, 1), stat(30, 20), stat(40, 30), stat(50, 40), stat(60, 1)])

describe('the tree of processes', () => {
  it('finds all below a process', () => {
    expect(withDescendants(tree, 20)).toEqual([20, 30, 40, 50])
    expect(withDescendants(tree, 60)).toEqual([60])
    expect(withDescendants(tree, 999)).toEqual([999])
  })

  it('finds what started a process and what it started, and no neighbour', () => {
    expect([...familyOf(tree, 40)].sort((a, b) => a - b)).toEqual([1, 20, 30, 40, 50])
  })

  it('a process that is not in the scan is still itself', () => {
    expect([...familyOf(tree, 999)]).toEqual([999])
  })

  it('ends on any input, rings included', () => {
    const pid = fc.integer({ min: 0, max: 12 })
    fc.assert(
      fc.property(fc.array(fc.tuple(pid, pid)), pid, (pairs, of) => {
        const any = processTree(pairs.map(([one, parent]) => stat(one, parent)))
        expect(withDescendants(any, of)).toContain(of)
        expect(familyOf(any, of)).toContain(of)
      }),
    )
  })

  it('knows the oldest, by the pid where two started in one tick', () => {
    expect(oldestOf([])).toBeNull()
    expect(oldestOf([stat(9, 1, { startTicks: 5 }), stat(3, 1, { startTicks: 4 })])?.pid).toBe(3)
    expect(oldestOf([stat(9, 1, { startTicks: 4 }), stat(3, 1, { startTicks: 4 })])?.pid).toBe(3)
  })

  it.each([
    ['Z', true],
    ['X', true],
    ['x', true],
    ['S', false],
    ['D', false],
    ['T', false],
  ])('state %s: ended is %s', (state, dead) => {
    expect(isDead(stat(1, 0, { state }))).toBe(dead)
  })
})
