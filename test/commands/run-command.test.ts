import { describe, expect, it } from 'vitest'
import type { Command } from '../../src/commands/command.ts'
import { runCommand } from '../../src/commands/run-command.ts'
import { absent, type FailureCause, failed, type Reading, value } from '../../src/core/reading.ts'
import type { Host } from '../../src/host/host.ts'
import { capturedHost } from '../support/captured-host.ts'
import { contextOf } from './temp-host.ts'

const fine: Command = {
  config: 'none',
  lock: true,
  observesOnly: true,
  logStem: 'health',
  timeoutSeconds: null,
  run: async () => ({
    status: 'ok',
    isPrinted: true,
    document: null,
    text: () => '',
    textWhen: 'interactive',
    problems: [],
  }),
}

const no = (cause: FailureCause) => failed(cause, '/s', 'permission denied (EACCES)')

/** Its status where the state folder, and the state in it, are like this, and no lock can be made there. */
const statusOn = (folder: Reading<true>, state: Reading<string>, command = fine) => {
  const save = { ensureFolder: () => folder, takeLock: () => no('denied'), readText: () => state }
  const host = { ...capturedHost(), live: true, save: save as unknown as Host['save'] }
  const { global } = contextOf(host, { stateDir: '/s', dryRun: true })
  return runCommand(command, host, {
    name: 'check',
    version: '0.0.0',
    args: [],
    options: {},
    global,
    timeoutSeconds: null,
  })
}

describe('the life of a run', () => {
  it('ends with 77 where this user may not read what the runs before have left', async () => {
    const refusal = { code: 77, message: 'this user may not read /s' }
    await expect(statusOn(value(true), no('denied'))).rejects.toMatchObject(refusal)
    await expect(statusOn(no('denied'), no('denied'))).rejects.toMatchObject(refusal)
    expect(await statusOn(no('denied'), no('denied'), { ...fine, looksOnly: () => true })).toBe(0)
    expect(await statusOn(no('denied'), no('denied'), { ...fine, recordsOptional: true })).toBe(0)
  })

  it('goes on without a lock where the folder can only not be written', async () => {
    expect(await statusOn(value(true), absent('state.json'))).toBe(0)
    expect(await statusOn(no('denied'), value('{}'))).toBe(0)
    expect(await statusOn(no('io'), no('io'))).toBe(0)
  })

  describe('with a bound of its time', () => {
    const neverRings = () => ({ done: new Promise<void>(() => {}), cancel: () => {} })
    /** Its status after so many milliseconds of start. */
    const statusIn = (timeoutSeconds: number, elapsedMs: number, more: Partial<Command> = {}) => {
      const host = { ...capturedHost(), elapsedMs: () => elapsedMs, timer: neverRings }
      return runCommand({ ...fine, ...more }, host, {
        ...{ name: 'check', version: '0.0.0', args: [], options: {} },
        ...{ global: contextOf(host).global, timeoutSeconds },
      })
    }

    it('that is over when it begins does nothing and says so, by 3', async () => {
      const run = () => expect.unreachable('nothing is begun')
      await expect(statusIn(0.001, 30, { run })).rejects.toMatchObject({
        code: 3,
        message: 'check did not end within 1ms',
      })
      await expect(statusIn(50, 60_000, { run })).rejects.toMatchObject({
        message: 'check did not end within 50s',
      })
      expect(await statusIn(0.001, 30, { endsInTime: true })).toBe(0)
      expect(await statusIn(50, 30)).toBe(0)
    })

    it('of nothing is wrong usage', async () => {
      await expect(statusIn(0, 30)).rejects.toMatchObject({ code: 64 })
    })
  })
})
