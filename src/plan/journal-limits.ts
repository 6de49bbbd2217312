import type { LimitFault, LimitState } from '../core/journal.ts'
import { parseJournaldConf } from '../parse/journald-conf.ts'
import { isSameJournalValue } from './journal-amounts.ts'
import { type ConfFile, effectiveConf, effectiveOf } from './journal-effective.ts'
import { journalKeyOf } from './journal-values.ts'

/** Above the 60 to 80 that packages use, and below what an administrator names to come last. */
export const dropInPath = '/etc/systemd/journald.conf.d/90-oratio-health.conf'

export type WantedLimits = Readonly<Record<string, string>>

const signature = '# Written by oratio-health journal-limits from the section `journal:` of its config.'

export const isOurDropIn = (text: string): boolean => text.startsWith(`${signature}\n`)

export const dropInText = (wanted: WantedLimits): string =>
  [
    signature,
    '# Change it there; `oratio-health journal-limits remove` takes this file away.',
    '[Journal]',
    ...Object.entries(wanted).map(([key, value]) => `${key}=${value}`),
    '',
  ].join('\n')

/** The files as they would be read with our drop-in of this text; null: without it. */
export const withDropIn = (files: readonly ConfFile[], text: string | null): ConfFile[] => {
  const others = files.filter(({ path }) => path !== dropInPath)
  if (text === null) return others
  const own: ConfFile = { path: dropInPath, assignments: parseJournaldConf(text) }
  const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
  // A main file is read before all drop-ins.
  const at = others.findIndex(({ path }) => path.includes('.conf.d/') && nameOf(path) > nameOf(dropInPath))
  return at === -1 ? [...others, own] : [...others.slice(0, at), own, ...others.slice(at)]
}

/** Every key that is set or wanted, the wanted ones first. */
export const limitStates = (files: readonly ConfFile[], wanted: WantedLimits): LimitState[] => {
  const conf = effectiveConf(files)
  const others = [...conf.values.keys()].filter((key) => !Object.hasOwn(wanted, key))
  return [...Object.keys(wanted), ...others].map((key) => {
    const holds = effectiveOf(conf, key)
    const wish = Object.hasOwn(wanted, key) ? (wanted[key] ?? null) : null
    return { key, effective: holds?.value ?? null, source: holds?.source ?? null, wanted: wish }
  })
}

/** Why a wanted limit does not hold although it is installed. @param version of systemd; null: not known */
export const limitFaults = (states: readonly LimitState[], version: number | null): LimitFault[] =>
  states.flatMap(({ key, effective, source, wanted }): LimitFault[] => {
    if (wanted === null) return []
    const since = journalKeyOf(key)?.since ?? 0
    if (version !== null && version < since) return [{ kind: 'too-old', key, since, version }]
    return isSameJournalValue(key, effective ?? '', wanted)
      ? []
      : [{ kind: 'overridden', key, wanted, effective, source }]
  })
