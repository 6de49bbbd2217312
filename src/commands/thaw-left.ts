import type { ActionResult } from '../core/action.ts'
import type { Finding } from '../core/finding.ts'
import { frozenPath } from '../store/paths.ts'
import type { RunContext } from './command.ts'
import { ownFinding } from './record.ts'

/**
 * A run that was killed while it had a cgroup frozen: what is in there goes on now. Null: there was none, or nobody can
 * tell; who may not look into the folder is told of it elsewhere.
 */
export const thawLeft = async ({
  host,
  global,
}: Pick<RunContext, 'host' | 'global'>): Promise<ActionResult | null> => {
  const note = frozenPath(global.stateDir)
  if (!host.live || host.save.info(note).kind !== 'value') return null
  return host.apply({ kind: 'thaw', note, reason: 'a run before this one was killed while they were frozen' })
}

/** Nothing in there runs, and who looks from outside sees only that it does not answer. */
export const frozenFindings = (thawed: ActionResult | null): Finding[] =>
  thawed?.outcome === 'failed' ? [ownFinding('orphans', 'frozen', 'critical', { detail: thawed.detail })] : []
