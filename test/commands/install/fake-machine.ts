import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CommandResult } from '../../../src/commands/command.ts'
import { command as installCommand } from '../../../src/commands/install.ts'
import { command as uninstallCommand } from '../../../src/commands/uninstall.ts'
import type { Action } from '../../../src/core/action.ts'
import { HealthError } from '../../../src/core/errors.ts'
import { value } from '../../../src/core/reading.ts'
import { makeApply } from '../../../src/host/apply.ts'
import type { CommandRecord, Host, HostSave } from '../../../src/host/host.ts'
import { makeHttp } from '../../../src/host/http.ts'
import { makeSave } from '../../../src/host/save.ts'
import { appendLog } from '../../../src/store/log.ts'
import { liveBase } from '../../support/bases.ts'
import { contextOf, statLine, tempHost } from '../temp-host.ts'

export interface MachineSettings {
  uid?: number
  files?: Record<string, string | null>
  hasCron?: boolean
  hasSystemd?: boolean
  /** What systemctl(1) ends with 1 for. */
  managerRefusal?: string
  /** What crontab(1) says to whoever cron.allow leaves out. */
  crontabRefusal?: string
  /** `crontab -e` gives nothing, so a CR is not told from `\\r`. */
  hasNoEditor?: boolean
  /** What an action of this kind or path ends with. */
  failures?: Record<string, string>
  program?: string[]
  env?: Record<string, string>
  /** So often the lock of `check` is found held before it is free; what systemd is asked is in `asked`. */
  checkRunsFor?: number
}

export class Death extends Error {}

export interface Machine {
  root: string
  /** Every file and folder with its content, the crontab, and what systemd has loaded. */
  picture(): Record<string, string>
  crontab(): string | null
  setCrontab(text: string | null): void
  write(path: string, text: string): void
  text(path: string): string
  timers: Map<string, 'on'>
  /** Of systemctl what changes something, and `check ended` when its lock came free. */
  asked: string[]
  /** Ends by Death before the n-th effect, counted from 1; null: to the end. Gives the effects that were reached. */
  run(verb: 'install' | 'uninstall', given?: Given): Promise<Ran>
}

export interface Given {
  options?: Record<string, unknown>
  dryRun?: boolean
  dieAt?: number
  /** As by --state-dir and --log-dir. */
  folders?: { stateDir: string; logDir: string }
}

export interface Ran {
  result: CommandResult | null
  error: HealthError | null
  text: string
  effects: number
  died: boolean
}

/**
 * A machine below a folder: real files by the real actions, moved below it; crontab(1) and systemctl(1) are played, the
 * real ones are in test/e2e/install.test.ts.
 */
export const makeMachine = (root: string, settings: MachineSettings = {}): Machine => {
  const { uid = 0, hasCron = true, hasSystemd = false } = settings
  const home = uid === 0 ? '/root' : '/home/me'
  const cronParts = uid === 0 ? { '/usr/sbin/cron': '', '/etc/cron.d': null } : {}
  const base: Record<string, string | null> = {
    '/proc/1/stat': statLine(1, 'systemd'),
    '/proc/30/stat': statLine(30, hasCron ? 'cron' : 'other'),
    '/etc/passwd': 'root:x:0:0::/root:/bin/sh\n',
    '/etc/machine-id': '0123456789abcdef0123456789abcdef\n',
    '/usr/bin/node': '',
    '/usr/local/bin/oratio-health': '',
    '/etc/systemd/system': null,
    [home]: null,
    '/var/lib': null,
    '/var/log': null,
    ...(hasCron ? cronParts : {}),
    ...(hasSystemd ? { '/run/systemd/system': null } : {}),
    ...settings.files,
  }
  tempHost(root, { files: base })
  const timers = new Map<string, 'on'>()
  const spool = join(root, 'spool')
  const crontab = (): string | null => (existsSync(spool) ? readFileSync(spool, 'utf8') : null)
  const setCrontab = (text: string | null): void => {
    if (text === null) rmSync(spool, { force: true })
    else writeFileSync(spool, text)
  }
  const asked: string[] = []
  const play = makePlayer(settings, timers, crontab, setCrontab)
  let heldFor = settings.checkRunsFor ?? 0
  const takeLock: HostSave['takeLock'] = (path) => {
    if (!path.endsWith('/check.lock') || heldFor === 0) return value({ held: true })
    if (--heldFor === 0) asked.push('check ended')
    return value({ held: false, holderPid: 1, sinceMs: null })
  }
  const runVerb = async (verb: 'install' | 'uninstall', given: Given = {}): Promise<Ran> => {
    const effects = counter(given.dieAt ?? null)
    const below = saveBelow(root, () => {})
    const run: Host['run'] = async (argv, options) => {
      const verb = argv.find((word) => ['disable', 'stop'].includes(word))
      if (argv[0] === 'systemctl' && verb !== undefined) asked.push(`${verb} ${argv.slice(-1)}`)
      return play(argv, options?.input)
    }
    const apply = makeApply({
      base: liveBase,
      dryRun: given.dryRun ?? false,
      run,
      http: makeHttp(),
      log: (line) => void appendLog(below, foldersOf(uid).logDir, 'health', 0, [line]),
    })
    const made = tempHost(root, { files: {}, uid, env: { HOME: home, ...settings.env } })
    const host: Host = {
      ...made,
      program: settings.program ?? made.program,
      run: async (argv, options) =>
        argv.includes('crontab') || argv[0] === 'systemctl' ? run(argv, options) : made.run(argv, options),
      apply: async (action) => {
        const failure = settings.failures?.['path' in action ? action.path : action.kind]
        if (failure !== undefined) return { outcome: 'failed', detail: failure }
        effects.step()
        return apply(movedBelow(root, action))
      },
      save: { ...saveBelow(root, effects.step), takeLock },
      timer: () => ({ done: Promise.resolve(), cancel: () => {} }),
    }
    const context = {
      ...contextOf(host, { dryRun: given.dryRun ?? false, ...(given.folders ?? foldersOf(uid)) }),
      options: given.options ?? {},
    }
    const ran: Ran = { result: null, error: null, text: '', effects: 0, died: false }
    try {
      const command = verb === 'install' ? installCommand : uninstallCommand
      ran.result = await command.run(context)
      ran.text = ran.result.text({ columns: 100, color: false, verbose: false })
    } catch (error) {
      if (error instanceof Death) ran.died = true
      else if (error instanceof HealthError) ran.error = error
      else throw error
    }
    ran.effects = effects.count()
    return ran
  }
  return {
    root,
    crontab,
    setCrontab,
    timers,
    asked,
    write: (path, text) => {
      mkdirSync(join(root, path, '..'), { recursive: true })
      writeFileSync(join(root, path), text)
    },
    text: (path) => readFileSync(join(root, path), 'utf8'),
    picture: () => pictureOf(root, crontab(), timers),
    run: runVerb,
  }
}

const movedBelow = (root: string, action: Action): Action => {
  const at = (path: string): string => join(root, path)
  if (action.kind === 'remove-folder')
    return { ...action, path: at(action.path), around: (action.around ?? []).map(at) }
  return 'path' in action ? { ...action, path: at(action.path) } : action
}

const foldersOf = (uid: number) =>
  uid === 0
    ? { stateDir: '/var/lib/oratio-health', logDir: '/var/log/oratio-health' }
    : {
        stateDir: '/home/me/.local/state/oratio-health',
        logDir: '/home/me/.local/state/oratio-health/logs',
      }

const counter = (dieAt: number | null) => {
  let passed = 0
  return {
    count: () => passed,
    step: (): void => {
      if (++passed === dieAt) throw new Death()
    },
  }
}

const saveBelow = (root: string, step: () => void): HostSave => {
  const save = makeSave({ uid: process.getuid?.() ?? 0, pid: process.pid }, () => 1_800_000_000_000)
  const at = (path: string): string => join(root, path)
  return {
    ...save,
    append: (path, text) => save.append(at(path), text),
    ensureFolder: (path) => {
      if (!existsSync(at(path))) step()
      return save.ensureFolder(at(path))
    },
    replace: (path, text, mode) => {
      step()
      return save.replace(at(path), text, mode)
    },
    remove: (path) => save.remove(at(path)),
    readText: (path) => save.readText(at(path)),
    list: (path) => save.list(at(path)),
    info: (path) => save.info(at(path)),
    // Held by a run that has died it frees itself; here all runs are of one process.
    takeLock: () => value({ held: true }),
    releaseLock: () => {},
  }
}

const makePlayer = (
  settings: MachineSettings,
  timers: Map<string, 'on'>,
  crontab: () => string | null,
  setCrontab: (text: string | null) => void,
) => {
  const { hasCron = true, hasSystemd = false } = settings
  const missing = (what: string) =>
    ({ kind: 'failed', cause: 'tool-missing', what, detail: 'is not installed' }) as const
  const ended = (record: Partial<CommandRecord>) =>
    value({ exitCode: 0, signal: null, stdout: '', stderr: '', truncated: false, ...record })
  return (argv: readonly string[], input: string | undefined) => {
    // As Debian's: -l shows a CR as two characters, an editor gets the CR.
    if (argv.join(' ') === 'env VISUAL=cat EDITOR=cat crontab -e')
      return ended({ stdout: settings.hasNoEditor ? '' : (crontab() ?? '') })
    if (argv[0] === 'crontab') {
      if (!hasCron) return missing('crontab')
      if (settings.crontabRefusal !== undefined)
        return ended({ exitCode: 1, stderr: `${settings.crontabRefusal}\n` })
      if (argv[1] === '-l') {
        const text = crontab()
        return text === null
          ? ended({ exitCode: 1, stderr: 'no crontab for me\n' })
          : ended({ stdout: text.replaceAll('\r', '\\r') })
      }
      setCrontab(argv[1] === '-r' ? null : (input ?? ''))
      return ended({})
    }
    if (!hasSystemd) return missing('systemctl')
    if (settings.managerRefusal !== undefined)
      return ended({ exitCode: 1, stderr: `${settings.managerRefusal}\n` })
    const verb = argv.find((word) =>
      ['show', 'enable', 'disable', 'daemon-reload', 'is-active'].includes(word),
    )
    const names = argv.filter((word) => word.endsWith('.timer'))
    if (verb === 'enable') for (const name of names) timers.set(name, 'on')
    if (verb === 'disable') for (const name of names) timers.delete(name)
    if (verb === 'is-active') return ended({ exitCode: names.every((name) => timers.has(name)) ? 0 : 3 })
    if (verb !== 'show') return ended({})
    const blocks = names.map((name) => {
      const isOn = timers.has(name)
      return `Id=${name}\nUnitFileState=${isOn ? 'enabled' : ''}\nActiveState=${isOn ? 'active' : 'inactive'}\nNeedDaemonReload=no\n`
    })
    return ended({ stdout: blocks.join('\n') })
  }
}

const pictureOf = (root: string, crontab: string | null, timers: ReadonlyMap<string, 'on'>) => {
  const picture: Record<string, string> = {
    crontab: crontab ?? 'none',
    timers: [...timers.keys()].sort().join(' '),
  }
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (path === join(root, 'spool')) continue
    picture[path.slice(root.length)] = lstatSync(path).isFile() ? readFileSync(path, 'utf8') : '/'
  }
  return picture
}
