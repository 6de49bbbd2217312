import type { JournalPlace, JournalStorage } from '../../core/journal.ts'
import type { Host } from '../../host/host.ts'
import { journalBytes } from '../../plan/journal-amounts.ts'
import { type ConfFile, effectiveConf, effectiveOf } from '../../plan/journal-effective.ts'
import { machineIdOf } from './machine-id.ts'

// journald's own bound is 100 files (SystemMaxFiles); a folder of another machine's is not looked into.
const bounds = { maxEntries: 20_000, maxMs: 2000 }

export const journalStorage = (host: Host, files: readonly ConfFile[]): JournalStorage => {
  const id = machineIdOf(host)
  if (id === null) return { kind: 'unknown', places: [] }
  const conf = effectiveConf(files)
  const place = (at: JournalPlace['at'], top: string, capKey: string): JournalPlace => {
    const folder = `${top}/${id}`
    const size = host.files.folderSize(folder, bounds)
    const cap = effectiveOf(conf, capKey)
    return {
      at,
      folder,
      usage: size.kind === 'value' ? { kind: 'value', value: size.value.bytes } : size,
      capBytes: cap === null ? null : journalBytes(cap.value),
    }
  }
  const places = [
    place('disk', '/var/log/journal', 'SystemMaxUse'),
    place('memory', '/run/log/journal', 'RuntimeMaxUse'),
  ]
  return { kind: storageKind(places, effectiveOf(conf, 'Storage')?.value ?? 'auto'), places }
}

/** A setting is no proof: `persistent` on a read-only disk is volatile all the same, so the files tell. */
const storageKind = ([disk, memory]: readonly JournalPlace[], setting: string): JournalStorage['kind'] => {
  if (setting === 'none') return 'none'
  if (disk?.usage.kind === 'value' && setting !== 'volatile') return 'persistent'
  if (memory?.usage.kind === 'value') return 'volatile'
  return 'unknown'
}
