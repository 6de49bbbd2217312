import type { HostSave } from '../host/host.ts'
import { sealJson, unsealJson } from './sealed-json.ts'

/** What a command has done in all its runs: the counters of `metrics`. */
export type Totals = Readonly<Record<string, number>>

export const totalsPath = (stateDir: string, command: string): string => `${stateDir}/${command}.totals`

/** Null: nothing was counted yet, or it cannot be read; a counter that begins anew is one that Prometheus knows. */
export const readTotals = (save: HostSave, stateDir: string, command: string): Totals | null => {
  const text = save.readText(totalsPath(stateDir, command))
  const document = text.kind === 'value' ? unsealJson(text.value) : 'none'
  if (typeof document === 'string') return null
  return Object.fromEntries(
    Object.entries(document).filter(
      (entry): entry is [string, number] => entry[0] !== 'version' && isCount(entry[1]),
    ),
  )
}

const isCount = (raw: unknown): raw is number => Number.isSafeInteger(raw) && (raw as number) >= 0

/** Under the lock of the command. A run that did nothing writes only where nothing was counted before. */
export const addTotals = (save: HostSave, stateDir: string, command: string, done: Totals): void => {
  const before = readTotals(save, stateDir, command)
  if (before !== null && Object.values(done).every((count) => count === 0)) return
  const sums = Object.entries(done).map(([name, count]) => [name, (before?.[name] ?? 0) + count])
  save.replace(
    totalsPath(stateDir, command),
    sealJson({ version: 1, ...before, ...Object.fromEntries(sums) }),
  )
}
