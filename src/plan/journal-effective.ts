import type { IgnoredAssignment } from '../core/journal.ts'
import type { Assignment } from '../parse/journald-conf.ts'
import { isJournalValue, journalKeyOf } from './journal-values.ts'

/** A journald.conf or drop-in as it is read, in the order in which systemd reads them. */
export interface ConfFile {
  path: string
  assignments: readonly Assignment[]
}

export interface EffectiveValue {
  value: string
  /** The file that sets it. */
  source: string
}

export interface EffectiveConf {
  /** By key; one that nobody sets, or whose last assignment is empty, is not there: its default holds. */
  values: ReadonlyMap<string, EffectiveValue>
  /** What journald skips with a line in its own log. */
  ignored: IgnoredAssignment[]
}

/**
 * Folders of systemd's configuration, the strongest first (systemd's CONF_PATHS). A file of a name in one hides those
 * of the same name in the later ones. /lib is read before version 255 where it is no link to /usr/lib (split-usr).
 */
export const confFolders = [
  '/etc/systemd',
  '/run/systemd',
  '/usr/local/lib/systemd',
  '/usr/lib/systemd',
  '/lib/systemd',
] as const

/**
 * The drop-ins that count, in the order in which they are read: by name, whatever the folder, so that the last name
 * wins. `listed` holds the names in the folders of `confFolders`, in that order.
 */
export const dropInOrder = (listed: readonly { folder: string; names: readonly string[] }[]): string[] => {
  const paths = new Map<string, string>()
  for (const { folder, names } of listed)
    for (const name of names)
      if (name.endsWith('.conf') && !paths.has(name)) paths.set(name, `${folder}/${name}`)
  return [...paths].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path)
}

/** What holds after all files are read, each assignment over those before it. */
export const effectiveConf = (files: readonly ConfFile[]): EffectiveConf => {
  const values = new Map<string, EffectiveValue>()
  const ignored: IgnoredAssignment[] = []
  for (const { path, assignments } of files)
    for (const assignment of assignments) {
      const { key, value } = assignment
      if (!isJournalValue(key, value))
        ignored.push({ ...assignment, path, why: journalKeyOf(key) === null ? 'unknown-key' : 'bad-value' })
      else if (value === '') values.delete(canonical(key))
      else values.set(canonical(key), { value, source: path })
    }
  return { values, ignored }
}

export const effectiveOf = ({ values }: EffectiveConf, key: string): EffectiveValue | null =>
  values.get(canonical(key)) ?? null

/** The old name is still read, into the same variable. */
const canonical = (key: string): string => (key === 'RateLimitInterval' ? 'RateLimitIntervalSec' : key)
