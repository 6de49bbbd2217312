import { expect, it } from 'vitest'
import { usedBytesOf } from '../../../src/commands/limits/refusal.ts'
import { absent, failed, value } from '../../../src/core/reading.ts'
import type { ServiceFacts } from '../../../src/core/service.ts'

const memory = { leakBytes: 5, usedBytes: 7, swapBytes: 0, limitBytes: null, limitAt: null }
const used = (facts: Partial<ServiceFacts>): number | null =>
  usedBytesOf({
    memory: absent('a running process'),
    mainPid: null,
    state: 'stopped',
    ...facts,
  } as ServiceFacts)

it('what does not run uses nothing; what could not be asked or measured is not known', () => {
  expect(used({ memory: value(memory), mainPid: 1, state: 'running' })).toBe(7)
  expect(used({ state: 'stopped' })).toBe(0)
  expect(used({ state: 'missing' })).toBe(0)
  expect(used({ state: 'unknown' })).toBeNull()
  expect(used({ mainPid: 1, state: 'running' })).toBeNull()
  const unmeasured = failed('timeout', 'container app', 'no answer within 5s')
  expect(used({ memory: unmeasured, mainPid: 1, state: 'running' })).toBeNull()
  // As the engine has listed it, without a pid: not inspected in time, or on another host.
  expect(used({ memory: unmeasured, state: 'running' })).toBeNull()
})
