import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CommandResult } from '../../src/commands/command.ts'
import { command } from '../../src/commands/journal-limits.ts'
import type { Config } from '../../src/config/config.ts'
import type { Action, ActionResult } from '../../src/core/action.ts'
import { exitCode } from '../../src/core/errors.ts'
import type { Host } from '../../src/host/host.ts'
import { dropInPath, dropInText } from '../../src/plan/journal-limits.ts'
import { validateDocument } from '../support/schema.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contextOf, documentOf, type TempHost, tempHost } from './temp-host.ts'

const top = tempFolder('journal-limits')
let count = 0

const id = '0123456789abcdef0123456789abcdef'
const view = { columns: 80, color: false, verbose: false }
const wanted = { SystemMaxUse: '500M' }

interface Scene extends Partial<TempHost> {
  journal?: Record<string, string>
  /** What each action comes to; nothing is ever done to this machine. */
  apply?: (action: Action) => ActionResult
  /** Hands in the folder before the command runs. */
  prepare?: (root: string) => void
}

/** The command on a host of these files; the real changes are shown in test/e2e/journal.test.ts. */
const run = async (
  scene: Scene,
  ...args: string[]
): Promise<{ result: CommandResult; actions: Action[] }> => {
  const root = join(top, `host-${count++}`)
  mkdirSync(root)
  const files = {
    '/run/systemd/system': null,
    '/etc/machine-id': `${id}\n`,
    '/etc/systemd/journald.conf': '[Journal]\n#Storage=auto\n',
    ...scene.files,
  }
  const made = tempHost(root, { ...scene, files })
  scene.prepare?.(root)
  const actions: Action[] = []
  const host: Host = {
    ...made,
    apply: async (action) => {
      actions.push(action)
      return scene.apply?.(action) ?? { outcome: 'done', detail: '' }
    },
    save: {
      info: () => ({ kind: 'absent', what: '' }),
      ensureFolder: () => {},
      replace: () => {},
      remove: () => {},
    } as never,
  }
  const loaded = {
    config: { journal: scene.journal ?? wanted } as unknown as Config,
    path: '/c.yaml',
    warnings: [],
  }
  const result = await command.run({ ...contextOf(host), loaded, args })
  expect(validateDocument(documentOf(result))).toEqual([])
  return { result, actions }
}

const removeMark = (root: string): void => rmSync(join(root, '/run/systemd'), { recursive: true })

const foreign = (root: string): void => {
  mkdirSync(join(root, '/etc/systemd/journald.conf.d'))
  writeFileSync(join(root, dropInPath), '[Journal]\nSystemMaxUse=1G\n')
}

describe('journal-limits', () => {
  it('without systemd says so, and is not fine', async () => {
    const { result } = await run({ prepare: removeMark })
    expect(result.status).toBe('unknown')
    expect(result.problems).toEqual(['systemd does not run here, so there is no journal to limit'])
  })

  it('leaves journald in peace when the drop-in is as wanted', async () => {
    const { result, actions } = await run({ files: { [dropInPath]: dropInText(wanted) } })
    expect(actions).toEqual([])
    expect(result).toMatchObject({ status: 'ok', problems: [] })
    expect(result.text(view)).toBe('nothing to change\n')
  })

  it('writes, has it taken up, and puts back what was there when that fails', async () => {
    const { result, actions } = await run({
      files: { [dropInPath]: dropInText({ SystemMaxUse: '1G' }) },
      apply: ({ kind }) =>
        kind === 'restart-unit' ? { outcome: 'failed', detail: 'refused' } : { outcome: 'done', detail: '' },
    })
    expect(actions).toMatchObject([
      { kind: 'write-file', path: dropInPath, content: dropInText(wanted), mode: 0o644 },
      { kind: 'restart-unit', orReload: true },
      { kind: 'write-file', path: dropInPath, content: dropInText({ SystemMaxUse: '1G' }) },
      { kind: 'restart-unit', orReload: true },
    ])
    expect(result.status).toBe('critical')
    expect(result.problems[0]).toBe('journald did not take it up: refused')
  })

  it('takes a new drop-in away again when journald refuses it', async () => {
    const { actions } = await run({
      apply: ({ kind }) =>
        kind === 'restart-unit' ? { outcome: 'failed', detail: 'refused' } : { outcome: 'done', detail: '' },
    })
    expect(actions.map(({ kind }) => kind)).toEqual([
      'write-file',
      'restart-unit',
      'remove-file',
      'restart-unit',
    ])
  })

  it('names the file that overrides: a warning', async () => {
    const late = '/etc/systemd/journald.conf.d/99-zzz.conf'
    const { result } = await run({
      files: { [dropInPath]: dropInText(wanted), [late]: '[Journal]\nSystemMaxUse=4G\n' },
    })
    expect(result.status).toBe('warning')
    expect(result.problems).toEqual([
      `SystemMaxUse is 4G and not 500M: ${late} is read later; take it out there`,
    ])
  })

  it('brings a journal that is over its cap under it, and only that', async () => {
    const { actions } = await run({
      journal: { SystemMaxUse: '8K' },
      files: {
        [dropInPath]: dropInText({ SystemMaxUse: '8K' }),
        [`/var/log/journal/${id}/system.journal`]: 'x'.repeat(20_000),
        [`/run/log/journal/${id}/system.journal`]: 'x'.repeat(20_000),
      },
    })
    expect(actions).toMatchObject([
      { kind: 'vacuum-journal', folder: `/var/log/journal/${id}`, maxBytes: 8192 },
    ])
  })

  it.each([
    [
      'a folder that is a link',
      (root: string) => symlinkSync('/tmp', join(root, '/etc/systemd/journald.conf.d')),
      /symbolic link/,
    ],
    ['a drop-in of others', foreign, /was not written by oratio-health/],
  ])('%s: nothing is written', async (_, prepare, words) => {
    await expect(run({ prepare })).rejects.toMatchObject({
      code: exitCode.critical,
      message: expect.stringMatching(words),
      mend: expect.any(String),
    })
  })

  it.each([
    ['/etc: permission denied (EACCES)', exitCode.noPermission, 'run it as root'],
    ['/etc: read-only file system (EROFS)', exitCode.critical, 'remount /etc writable'],
  ])('%s: a clear line', async (detail, code, mend) => {
    await expect(run({ apply: () => ({ outcome: 'failed', detail }) })).rejects.toMatchObject({ code, mend })
  })

  it('with nothing in the config, or an action that is none: wrong usage with the mend', async () => {
    await expect(run({ journal: {} })).rejects.toMatchObject({
      code: exitCode.usage,
      mend: expect.stringContaining('journal:'),
    })
    await expect(run({}, 'aply')).rejects.toMatchObject({
      code: exitCode.usage,
      mend: expect.stringContaining('status'),
    })
  })

  it('remove of what is not there changes nothing', async () => {
    const { result, actions } = await run({}, 'remove')
    expect(actions).toEqual([])
    expect(result.status).toBe('ok')
  })
})

describe('journal-limits status on another root', () => {
  const image = {
    live: false,
    files: {
      '/usr/lib/systemd/systemd-journald': '',
      '/usr/lib/systemd/journald.conf.d/20-vendor.conf': '[Journal]\nStorage=volatile\nRuntimeMaxUse=64M\n',
      '/etc/systemd/journald.conf.d/20-vendor.conf': '[Journal]\nRuntimeMaxUse=32M\nBogus=1\n',
      [`/run/log/journal/${id}/system.journal`]: 'x'.repeat(20_000),
    },
  }

  it('tells what holds and where from, and asks no program', async () => {
    const { result } = await run(image, 'status')
    expect(result.document?.body).toMatchObject({
      keys: [
        { key: 'SystemMaxUse', effective: null, source: null, wanted: '500M' },
        { key: 'RuntimeMaxUse', effective: '32M', source: '/etc/systemd/journald.conf.d/20-vendor.conf' },
      ],
      storage: 'volatile',
      diskUsageBytes: null,
      linesPerMinute: null,
      ignored: [{ key: 'Bogus', line: 3 }],
    })
    expect(result.status).toBe('warning')
    const text = result.text(view)
    expect(text).toMatch(/in RAM: 2\d\.\d KiB of 32\.0 MiB \(0\.1%\)/)
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  it('a link to /dev/null hides the file of that name', async () => {
    const path = '/etc/systemd/journald.conf.d/20-vendor.conf'
    const { result } = await run(
      {
        live: false,
        files: {
          '/usr/lib/systemd/systemd-journald': '',
          '/etc/systemd/journald.conf.d': null,
          '/usr/lib/systemd/journald.conf.d/20-vendor.conf': '[Journal]\nSystemMaxUse=1G\n',
        },
        prepare: (root) => symlinkSync('/dev/null', join(root, path)),
      },
      'status',
    )
    expect(result.document?.body.keys).toMatchObject([{ key: 'SystemMaxUse', effective: null }])
  })

  it('apply and remove do not take --root', async () => {
    await expect(run(image, 'apply')).rejects.toMatchObject({ code: exitCode.usage })
    await expect(run(image, 'remove')).rejects.toMatchObject({ code: exitCode.usage })
  })
})
