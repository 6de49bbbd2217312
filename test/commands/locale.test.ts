import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Command, CommandResult } from '../../src/commands/command.ts'
import { runCommand } from '../../src/commands/run-command.ts'
import { inAscii } from '../../src/report/ascii.ts'
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

it.each([
  [
    'WARN folder /srv/Artist – A — Song’s ≤ 3 ×.mp3: 3 GiB of 2 GiB — make room',
    'WARN folder /srv/Artist – A — Song’s ≤ 3 ×.mp3: 3 GiB of 2 GiB - make room',
  ],
  ['WARN disk /: 91%, grows 3 GiB/h — make room', 'WARN disk /: 91%, grows 3 GiB/h - make room'],
  ['removed "/tmp/a — b… d.txt"', 'removed "/tmp/a — b… d.txt"'],
  ['  a–b’c ≤ y.txt  1920×1080.png  A – B.mp3', '  a–b’c ≤ y.txt  1920×1080.png  A – B.mp3'],
  ['disk /srv/x – y  ██░░  50%', 'disk /srv/x – y  ##..  50%'],
  [
    'db  \u001b[2m–\u001b[22m    –  ≤ 2 GiB  0 → 5  3×, 1 GiB ← culprit\n… and 2 more',
    'db  \u001b[2m-\u001b[22m    -  <=2 GiB  0 > 5  3x, 1 GiB < culprit\n~ and 2 more',
  ],
])('turns our own signs into ASCII, and no sign in a name of others: %j', (text, plain) => {
  expect(inAscii(text)).toBe(plain)
})
