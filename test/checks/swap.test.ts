import { describe, expect, it } from 'vitest'
import { swap } from '../../src/checks/swap.ts'
import { capturedHost, meminfo } from '../support/captured-host.ts'

const limits = swap.limits.default
const read = (files: Record<string, string>) => swap.read(capturedHost({ files }), limits, null)

describe('swap', () => {
  it('adds up what is in use', () => {
    expect(read({ '/proc/meminfo': meminfo({ MemTotal: 9, SwapTotal: 100, SwapFree: 5 }) })).toEqual({
      kind: 'value',
      value: { usedBytes: 95 * 1024, totalBytes: 100 * 1024 },
    })
  })

  it('a host without swap has none, which is no fault', () => {
    expect(read({ '/proc/meminfo': meminfo({ MemTotal: 9, SwapTotal: 0, SwapFree: 0 }) })).toMatchObject({
      kind: 'absent',
    })
  })

  it('a host without meminfo could not be measured', () => {
    expect(read({})).toMatchObject({ kind: 'failed', cause: 'io' })
  })

  it.each([
    [499, 'ok'],
    [500, 'warning'],
    [899, 'warning'],
    [900, 'critical'],
  ] as const)('%i of 1000 is %s', (usedBytes, status) => {
    expect(swap.judge({ usedBytes, totalBytes: 1000 }, limits)[0]).toMatchObject({ status, code: 'level' })
  })
})
