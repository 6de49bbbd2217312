import { expect, it } from 'vitest'
import { frozenFindings, thawLeft } from '../../src/commands/thaw-left.ts'
import type { ActionResult } from '../../src/core/action.ts'
import { absent, value } from '../../src/core/reading.ts'
import type { Host } from '../../src/host/host.ts'
import { capturedHost } from '../support/captured-host.ts'
import { contextOf } from './temp-host.ts'

/** What is found where a note of a killed run is there, or is not, and thawing comes to this. */
const found = async (isNoted: boolean, result: ActionResult) => {
  const host: Host = {
    ...capturedHost(),
    live: true,
    save: { info: (path: string) => (isNoted ? value({}) : absent(path)) } as unknown as Host['save'],
    apply: async () => result,
  }
  return frozenFindings(await thawLeft(contextOf(host)))
}

it('what a killed run has frozen and cannot be thawed is critical; what goes on again is none', async () => {
  const still: ActionResult = { outcome: 'failed', detail: 'still frozen: /sys/fs/cgroup/x' }
  expect(await found(true, still)).toMatchObject([
    { check: 'orphans', code: 'frozen', status: 'critical', args: { detail: still.detail } },
  ])
  expect(await found(true, { outcome: 'done', detail: '/sys/fs/cgroup/x' })).toEqual([])
  expect(await found(false, still)).toEqual([])
})
