import type { Action, ActionResult } from '../core/action.ts'
import { escapeControl } from '../core/escape.ts'
import type { LogLine } from '../core/log-line.ts'
import type { HostBase } from './base.ts'
import { memoryVersionOf } from './cgroups.ts'
import { startContainerChange, stopContainerChange } from './container-change.ts'
import { endProcessesChange } from './end-processes.ts'
import { makeEngineCalls } from './engine-calls.ts'
import type { Host } from './host.ts'
import type { HttpRequest } from './http.ts'
import { limitContainerChange, limitUnitChange } from './limit-change.ts'
import { lookFrozenChange } from './look-frozen-change.ts'
import { removeEntriesChange } from './remove-entries-change.ts'
import { removeFileChange } from './remove-file-change.ts'
import { removeFolderChange } from './remove-folder-change.ts'
import { runShellChange } from './run-shell-change.ts'
import { startProcessChange } from './start-process.ts'
import { sweepChange } from './sweep-change.ts'
import { switchTimersChange } from './switch-timers-change.ts'
import { thawChange } from './thaw-change.ts'
import { restartUnitChange } from './unit-change.ts'
import { vacuumJournalChange } from './vacuum-journal.ts'
import { writeCrontabChange } from './write-crontab-change.ts'
import { writeFileChange } from './write-file-change.ts'

/** One kind of action, ready to be looked at and done. */
export interface Change {
  /** What it does, as an order, unescaped: `write /etc/x (812 bytes)`. */
  words: string
  /** Why it will not be done as things are; null when nothing is in the way. Changes nothing. */
  obstacle(): ActionResult | null
  perform(): Promise<ActionResult>
}

export interface ApplyOptions {
  /** A captured host is never changed. */
  base: HostBase
  dryRun: boolean
  run: Host['run']
  http: HttpRequest
  log(...lines: LogLine[]): void
}

/** `host.apply`: each change is logged with its reason before it is done, and again when it failed. Never throws. */
export const makeApply =
  (options: ApplyOptions): Host['apply'] =>
  async (action) => {
    const { base, dryRun, log } = options
    if (!base.live) return { outcome: 'failed', detail: 'a captured host cannot be changed' }
    const change = changeOf(action, options)
    const words = escapeControl(change.words)
    const obstacle = change.obstacle()
    if (obstacle !== null) return logged(obstacle, words, log)
    if (dryRun) return { outcome: 'dry-run', detail: `would ${words}` }
    log({ level: 'INFO', text: `${words}: ${escapeControl(action.reason)}` })
    return logged(await change.perform(), words, log)
  }

/** A new kind of action is a case here, which the compiler demands. */
const changeOf = (action: Action, { base, run, http, log }: ApplyOptions): Change => {
  switch (action.kind) {
    case 'write-file':
      return writeFileChange(action, base)
    case 'remove-file':
      return removeFileChange(action)
    case 'remove-entries':
      return removeEntriesChange(action)
    case 'sweep':
      return sweepChange(action, { base, log })
    case 'end-processes':
      return endProcessesChange(action, base, log)
    case 'look-frozen':
      return lookFrozenChange(action, base)
    case 'thaw':
      return thawChange(action, base)
    case 'stop-container':
      return stopContainerChange(action, makeEngineCalls(base, http))
    case 'start-container':
      return startContainerChange(action, makeEngineCalls(base, http))
    case 'restart-unit':
      return restartUnitChange(action, base, run)
    case 'start-process':
      return startProcessChange(action, base)
    case 'run-shell':
      return runShellChange(action, base)
    case 'limit-container':
      return limitContainerChange(action, makeEngineCalls(base, http), memoryVersionOf(base))
    case 'limit-unit':
      return limitUnitChange(action, base, run)
    case 'vacuum-journal':
      return vacuumJournalChange(action, run)
    case 'write-crontab':
      return writeCrontabChange(action, run)
    case 'switch-timers':
      return switchTimersChange(action, run)
    case 'remove-folder':
      return removeFolderChange(action)
  }
}

const logged = (result: ActionResult, words: string, log: ApplyOptions['log']): ActionResult => {
  if (result.outcome === 'failed') log({ level: 'ERROR', text: `${words} failed: ${result.detail}` })
  return result
}
