import { expect, it } from 'vitest'
import { frozenFindings, thawLeft } from '../../src/commands/thaw-left.ts'
import type { ActionResult } from '../../src/core/action.ts'
import { absent, failed, type Reading, value } from '../../src/core/reading.ts'
import type { Host } from '../../src/host/host.ts'
import { capturedHost } from '../support/captured-host.ts'
import { contextOf } from './temp-host.ts'

/** What is found where a note of a killed run is there, or is not, and thawing comes to this. */
const found = async (noted: Reading<unknown>, result: ActionResult) => {
  const host: Host = {
    ...capturedHost(),
    live: true,
    save: { info: () => noted } as unknown as Host['save'],
    apply: async () => result,
  }
  return frozenFindings(await thawLeft(contextOf(host)))
}

it('what a killed run has frozen and cannot be thawed is critical; what goes on again is none', async () => {
  const still: ActionResult = { outcome: 'failed', detail: 'still frozen: /sys/fs/cgroup/x' }
  expect(await found(value({}), still)).toMatchObject([
    { check: 'orphans', code: 'frozen', status: 'critical', args: { detail: still.detail } },
  ])
  expect(await found(value({}), { outcome: 'done', detail: '/sys/fs/cgroup/x' })).toEqual([])
  expect(await found(absent('frozen.json'), still)).toEqual([])
  // Nobody knows of one, and nobody could take it away.
  expect(await found(failed('denied', 'frozen.json', 'permission denied (EACCES)'), still)).toEqual([])
})
