/**
 * Everything this toolkit may do to the machine, each with the reason it is logged with. `host.apply` is the only
 * way to have one done; `--dry-run` replaces that one function.
 */
export type Action = WriteFileAction

export interface WriteFileAction {
  kind: 'write-file'
  path: string
  content: string
  /** Permission bits, e.g. 0o640. */
  mode: number
  /** Refuse when the file is there already. */
  onlyIfMissing: boolean
  reason: string
}

export interface ActionResult {
  outcome: 'done' | 'skipped' | 'dry-run' | 'failed'
  /** Why it was skipped or failed, one line; empty when done. */
  detail: string
}
