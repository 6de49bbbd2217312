import type { Action, ActionResult } from '../core/action.ts'
import { escapeControl } from '../core/escape.ts'
import type { LogLine } from '../core/log-line.ts'
import type { Host } from './host.ts'
import type { Writer } from './own-folder.ts'
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
  live: boolean
  dryRun: boolean
  writer: Writer
  log(line: LogLine): void
}

/** `host.apply`: each change is logged with its reason before it is done, and again when it failed. Never throws. */
export const makeApply =
  ({ live, dryRun, writer, log }: ApplyOptions): Host['apply'] =>
  async (action) => {
    if (!live) return { outcome: 'failed', detail: 'a captured host cannot be changed' }
    const change = changeOf(action, writer)
    const words = escapeControl(change.words)
    const obstacle = change.obstacle()
    if (obstacle !== null) return logged(obstacle, words, log)
    if (dryRun) return { outcome: 'dry-run', detail: `would ${words}` }
    log({ level: 'INFO', text: `${words}: ${escapeControl(action.reason)}` })
    return logged(await change.perform(), words, log)
  }

/** A new kind of action is a case here, which the compiler demands. */
const changeOf = (action: Action, writer: Writer): Change => {
  switch (action.kind) {
    case 'write-file':
      return writeFileChange(action, writer)
  }
}

const logged = (result: ActionResult, words: string, log: ApplyOptions['log']): ActionResult => {
  if (result.outcome === 'failed') log({ level: 'ERROR', text: `${words} failed: ${result.detail}` })
  return result
}
