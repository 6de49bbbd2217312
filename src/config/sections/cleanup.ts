import {
  choice,
  count,
  duration,
  flag,
  list,
  type Parsed,
  path,
  record,
  required,
  size,
  text,
} from '../../core/field.ts'
import { ageStamps } from '../../core/sweep.ts'
import { userName } from '../../core/text-forms.ts'

export const cleanupRule = record('Stale files below a folder, removed by `cleanup-tmp`', {
  path: required(path('Folder', null)),
  match: list('Globs of the names to remove', text('Glob', ''), {
    orOne: true,
    notEmpty: true,
    default: ['*'],
  }),
  exclude: list('Globs of the names to keep', text('Glob', ''), { orOne: true }),
  older_than: duration('Only what is strictly older', 86_400),
  age_by: choice('The stamp that tells the age', ageStamps, 'newest'),
  min_size: size('Only files of at least this size', null),
  keep_newest: count('Keep this many of the newest', 0),
  max_total: size('Remove the oldest until what is left is no more than this', null),
  users: list('Only what belongs to these users', text('User', '', userName), {
    orOne: true,
    notEmpty: true,
  }),
  recurse: flag('Also in the folders below', true),
  empty_dirs: flag('Remove folders that became empty, too', false),
  keep_open: flag('Keep what a process has open, mapped or locked', true),
  one_file_system: flag('Stay on the file system of the folder', true),
})

export const cleanup = list('Temporary files', cleanupRule)

export type CleanupRule = Parsed<typeof cleanupRule>
