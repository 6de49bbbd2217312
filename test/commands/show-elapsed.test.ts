import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Command } from '../../src/commands/command.ts'
import { commandRegistry } from '../../src/commands/registry.ts'
import { runCommand } from '../../src/commands/run-command.ts'
import type { Host } from '../../src/host/host.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contextOf, tempHost } from './temp-host.ts'

const top = tempFolder('elapsed')

/** What a run says on stderr that takes as long as the test has seconds pass, and what it has said by its end. */
const run = async (seconds: number, more: { terminal?: boolean; quiet?: boolean; json?: boolean } = {}) => {
  const { terminal = true, ...global } = more
  let said = ''
  let elapsedMs = 0
  let ring = (): void => {}
  const host: Host = {
    ...tempHost(join(top, 'host'), { files: {} }),
    elapsedMs: () => elapsedMs,
    timer: () => ({
      done: new Promise<void>((resolve) => {
        ring = resolve
      }),
      cancel: () => {},
    }),
    out: {
      ...{ stdoutIsTerminal: terminal, stderrIsTerminal: terminal, columns: 80, color: false },
      stdout: () => {},
      stderr: (text) => {
        said += text
      },
    },
  }
  let during = ''
  const command: Command = {
    ...{ config: 'none', lock: false, observesOnly: true, logStem: 'health', timeoutSeconds: null },
    showsElapsed: true,
    run: async () => {
      for (let i = 0; i < seconds; i++) {
        elapsedMs += 1000
        ring()
        await new Promise(setImmediate)
      }
      during = said
      return { status: 'ok', document: null, text: () => '', textWhen: 'always', problems: [] }
    },
  }
  await runCommand(command, host, {
    ...{ name: 'check', version: '0', args: [], options: {}, timeoutSeconds: null },
    global: { ...contextOf(host).global, ...global },
  })
  return { during, said }
}

it('says on a terminal from the first second on how long it takes, and takes that away', async () => {
  expect((await run(0)).said).toBe('')
  const { during, said } = await run(2)
  expect(during).toBe('\rcheck: 1 s \u001b[K\r\rcheck: 2 s \u001b[K\r')
  expect(said).toBe(`${during}\r\u001b[K`)
})

it('says nothing elsewhere, nor when it is to be quiet', async () => {
  expect((await run(2, { terminal: false })).said).toBe('')
  expect((await run(2, { quiet: true })).said).toBe('')
  expect((await run(2, { json: true })).said).toBe('')
})

it('is shown by what may take long and says nothing else meanwhile', async () => {
  const shown: string[] = []
  for (const { name, load } of commandRegistry) if ((await load()).command.showsElapsed) shown.push(name)
  expect(shown.sort()).toEqual(['check', 'crash-report', 'doctor', 'report'])
})
