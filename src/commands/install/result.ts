import { exitCode } from '../../core/errors.ts'
import { escapeControl } from '../../core/escape.ts'
import { cronFilePath, type Place } from '../../plan/schedule-steps.ts'
import { changeWords, type InstallChange, installText } from '../../report/install-text.ts'
import { unifiedDiff } from '../../report/unified-diff.ts'
import type { CommandResult, RunContext } from '../command.ts'
import type { Step } from './perform.ts'

interface FileChange {
  path: string
  before: string | null
  after: string | null
}

interface Ended {
  schema: 'install@1' | 'uninstall@1'
  steps: readonly Step[]
  /** Changed by another than these steps. */
  file: FileChange | null
  changes: readonly InstallChange[]
  notes: readonly string[]
  /** One of the notes is something to mend. */
  hasDoubts: boolean
  jobs: readonly { command: string; everySeconds: number }[]
  jobLines: readonly string[]
  place: Place | null
  next: string | null
}

/** A step that failed is 2 (77 where only root may); what was done and does not work as it should is 1. */
export const installResult = ({ global }: RunContext, ended: Ended): CommandResult => {
  const { changes, notes, steps, place } = ended
  const failed = changes.find(({ outcome }) => outcome === 'failed')
  const files = [...steps.flatMap(fileOf), ...(ended.file === null ? [] : [ended.file])]
  const mend =
    failed === undefined
      ? []
      : [
          /EROFS/.test(failed.detail)
            ? 'remount it writable, then run this again: it goes on from here'
            : 'mend it, then run this again: it goes on from here',
        ]
  const words = {
    files,
    changes,
    jobs: failed === undefined && place !== null ? [`${placeWords[place]}:`, ...ended.jobLines] : [],
    notes: [...notes, ...mend],
    isDry: global.dryRun,
    next: failed === undefined && changes.length > 0 ? ended.next : null,
  }
  return {
    status: failed !== undefined ? 'critical' : ended.hasDoubts ? 'warning' : 'ok',
    ...(failed !== undefined && /\((EACCES|EPERM)\)/.test(failed.detail)
      ? { exitCode: exitCode.noPermission }
      : {}),
    document: {
      schema: ended.schema,
      body: {
        scheduler: place === null ? null : place === 'timers' ? 'systemd' : 'cron',
        jobs: ended.jobs,
        changes,
        diff: global.dryRun
          ? files.flatMap(({ path, before, after }) => unifiedDiff(path, before, after))
          : null,
        notes,
      },
    },
    text: (view) => installText(words, view),
    textWhen: failed === undefined ? 'always' : 'interactive',
    problems: [...changes.map(changeWords), ...words.notes].map(escapeControl),
  }
}

const placeWords: Record<Place, string> = {
  'cron.d': `started by cron (${cronFilePath})`,
  crontab: 'started by cron (crontab -l)',
  timers: 'started by systemd (systemctl list-timers)',
}

const fileOf = (step: Step): FileChange[] => {
  if (step.kind === 'crontab') return [{ path: 'crontab', before: step.before, after: step.after }]
  if (step.kind === 'file') return [step]
  return step.kind === 'config' ? [{ path: step.path, before: null, after: step.after }] : []
}
