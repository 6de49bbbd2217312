import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Command, CommandResult } from '../../src/commands/command.ts'
import { runCommand } from '../../src/commands/run-command.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contextOf, tempHost } from './temp-host.ts'

const top = tempFolder('locale')

/** What any command prints in this environment. */
const printed = async (env: Record<string, string>, more: Partial<CommandResult> = {}): Promise<string> => {
  let said = ''
  const say = (text: string): void => {
    said += text
  }
  const command: Command = {
    ...{ config: 'none', lock: false, observesOnly: true, logStem: 'health', timeoutSeconds: null },
    run: async () => ({
      ...{ status: 'warning', document: null, textWhen: 'always', problems: ['WARN db: 9 — more'] },
      text: () => 'disk ██░░ 50% of 2 GiB… ≤ 3\n',
      ...more,
    }),
  }
  const host = { ...tempHost(join(top, 'host'), { files: {}, env }) }
  host.out = { ...host.out, columns: 80, color: false, stdout: say, stderr: say }
  await runCommand(command, host, {
    ...{ name: 'check', version: '0', args: [], options: {}, timeoutSeconds: null },
    global: contextOf(host).global,
  })
  return said
}

it('prints what every command says in the signs that the locale has', async () => {
  expect(await printed({})).toBe('disk ██░░ 50% of 2 GiB… ≤ 3\n')
  for (const name of ['LANG', 'LC_CTYPE', 'LC_ALL'])
    expect(await printed({ [name]: 'C' })).toBe('disk ##.. 50% of 2 GiB~ <=3\n')
  expect(await printed({ LANG: 'C' }, { textWhen: 'interactive' })).toBe('WARN db: 9 - more\n')
})

it('leaves what goes into a file as it is', async () => {
  expect(await printed({ LANG: 'C' }, { isFile: true })).toContain('██░░')
})
