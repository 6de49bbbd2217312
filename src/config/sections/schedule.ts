import { duration, record, threshold } from '../../core/field.ts'

const period = (help: string, seconds: number | null) =>
  threshold(duration(help, seconds as number, { min: 10, max: 604_800 }))

/** Of `check` it is said to install alone: `--every`. */
export const schedule = record('How often `install` has each job started; off: never', {
  'cleanup-tmp': period('With `cleanup:` in the config', 600),
  'kill-orphans': period('With `orphans:` in the config', 600),
  limits: period('`limits apply`, so that a container that was made anew gets its `limit:` back', null),
  'journal-limits': period('With `journal:` in the config', 86_400),
  'crash-report': period('What crashed in the last seven days', 604_800),
  report: period('The page `week.html` in the log folder, a chart of each service', null),
})
