import { type Scheduler, schedulerOf } from '../core/scheduler.ts'
import type { HostSave } from '../host/host.ts'
import { isRecord, sealJson, unsealJson } from './sealed-json.ts'

/** What `install` was told and has made, for the next install, and for `uninstall` to leave the host as it was. */
export interface InstallRecord {
  scheduler: Scheduler
  checkSeconds: number
  /** Of a config that install wrote; null: there was one. */
  config: { path: string; sum: string } | null
  /** Folders that were not there before, the outer ones first. */
  folders: string[]
  /** DOCKER_HOST of the jobs; missing in records of before. */
  engine?: string | null
}

const most = 50

export const installRecordPath = (stateDir: string): string => `${stateDir}/install.json`

/** Null without one, and for one that cannot be used: then nothing is known to be ours. */
export const loadInstallRecord = (save: HostSave, stateDir: string): InstallRecord | null => {
  const text = save.readText(installRecordPath(stateDir))
  if (text.kind !== 'value') return null
  const raw = unsealJson(text.value)
  return typeof raw !== 'string' && isInstallRecord(raw) ? raw : null
}

/** Before anything is made, so that a run that is killed leaves nothing that nobody knows of. */
export const saveInstallRecord = (save: HostSave, stateDir: string, record: InstallRecord) =>
  save.replace(
    installRecordPath(stateDir),
    sealJson({ version: 1, ...record, folders: record.folders.slice(0, most) }),
  )

const isInstallRecord = (raw: unknown): raw is InstallRecord =>
  isRecord(raw) &&
  schedulerOf(raw.scheduler) !== null &&
  typeof raw.checkSeconds === 'number' &&
  raw.checkSeconds >= 10 &&
  (raw.config === null ||
    (isRecord(raw.config) && typeof raw.config.path === 'string' && typeof raw.config.sum === 'string')) &&
  (raw.engine === undefined || raw.engine === null || typeof raw.engine === 'string') &&
  Array.isArray(raw.folders) &&
  raw.folders.every((path) => typeof path === 'string' && path.startsWith('/'))
