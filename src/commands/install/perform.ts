import type { Action } from '../../core/action.ts'
import type { Host } from '../../host/host.ts'
import type { ScheduleStep } from '../../plan/schedule-steps.ts'
import type { InstallChange, InstallChangeKind } from '../../report/install-text.ts'
import { runningCommand } from './running-command.ts'

export type Step =
  | ScheduleStep
  | { kind: 'config'; path: string; after: string }
  | { kind: 'folder'; path: string; withContent: boolean; around?: readonly string[] }

/**
 * One after the other up to the first that fails: each leaves what the next run goes on from. What is to be ended is given
 * time before: a check that is stopped in the middle of a restart leaves the service down.
 *
 * @param stateDir null: nothing is done, so nothing is waited for
 */
export const perform = async (
  host: Host,
  steps: readonly Step[],
  scope: 'system' | 'user',
  reason: string,
  stateDir: string | null,
): Promise<InstallChange[]> => {
  const changes: InstallChange[] = []
  for (const step of steps) {
    if (step.kind === 'timers' && step.to === 'ended' && stateDir !== null)
      await runningCommand(host, stateDir, step.timers.map(commandOf))
    const { outcome, detail } = await host.apply(actionOf(step, scope, reason))
    changes.push({ change: changeOf(step), path: 'path' in step ? step.path : null, outcome, detail })
    if (outcome === 'failed') break
  }
  return changes
}

const commandOf = (timer: string): string => timer.replace(/^oratio-health-|\.timer$/g, '')

const changeOf = (step: Step): InstallChangeKind => {
  if (step.kind === 'timers') return step.timers.length === 0 ? 'units-read' : `timers-${step.to}`
  if (step.kind === 'link') return 'removal'
  return step.kind === 'file' && step.after === null ? 'removal' : step.kind
}

const actionOf = (step: Step, scope: 'system' | 'user', reason: string): Action => {
  switch (step.kind) {
    case 'config':
      return {
        kind: 'write-file',
        path: step.path,
        content: step.after,
        mode: 0o640,
        onlyIfMissing: true,
        reason,
      }
    case 'file':
      return step.after === null
        ? { kind: 'remove-file', path: step.path, reason }
        : {
            kind: 'write-file',
            path: step.path,
            content: step.after,
            // As cron and systemd have their own: nothing secret, and cron ignores what others may write.
            mode: 0o644,
            folderMode: 0o755,
            onlyIfMissing: false,
            reason,
          }
    case 'link':
      return { kind: 'remove-file', path: step.path, isLink: true, reason }
    case 'crontab':
      return { kind: 'write-crontab', before: step.before, content: step.after, reason }
    case 'timers':
      return { kind: 'switch-timers', to: step.to, timers: step.timers, scope, reason }
    case 'folder':
      return {
        kind: 'remove-folder',
        path: step.path,
        withContent: step.withContent,
        around: step.around ?? [],
        reason,
      }
  }
}
