import type { HookState, ServiceHooks } from '../core/hook-memory.ts'
import type { Reading } from '../core/reading.ts'
import type { HostSave } from '../host/host.ts'
import { isRecord, sealJson, unsealJson } from './sealed-json.ts'

const bounds = { services: 500, hooks: 50, nameLength: 400 } as const

export const hooksPath = (stateDir: string): string => `${stateDir}/hooks.json`

/** By the service's name. A file that cannot be used is moved aside; then every period begins anew. */
export const loadHookStates = (save: HostSave, stateDir: string): Map<string, ServiceHooks> => {
  const text = save.readText(hooksPath(stateDir))
  if (text.kind !== 'value') return new Map()
  const raw = unsealJson(text.value)
  if (typeof raw === 'string' || !Array.isArray(raw.services)) {
    save.setAside(hooksPath(stateDir))
    return new Map()
  }
  return new Map(raw.services.slice(0, bounds.services).flatMap(readService))
}

export const saveHookStates = (
  save: HostSave,
  stateDir: string,
  states: ReadonlyMap<string, ServiceHooks>,
): Reading<true> => {
  const folder = save.ensureFolder(stateDir)
  if (folder.kind !== 'value') return folder
  const services = [...states].slice(-bounds.services).map(([name, { status, hooks }]) => ({
    name: name.slice(0, bounds.nameLength),
    status,
    hooks: Object.entries(hooks).slice(0, bounds.hooks),
  }))
  return save.replace(hooksPath(stateDir), sealJson({ version: 1, services }))
}

const readService = (raw: unknown): [string, ServiceHooks][] => {
  if (!isRecord(raw) || typeof raw.name !== 'string' || !Array.isArray(raw.hooks)) return []
  const hooks = raw.hooks.filter(
    (pair): pair is [string, HookState] =>
      Array.isArray(pair) && /^[0-9a-f]{8}$/.test(String(pair[0])) && isState(pair[1]),
  )
  const status = (['ok', 'warning', 'critical'] as const).find((one) => one === raw.status) ?? null
  return [[raw.name, { status, hooks: Object.fromEntries(hooks) }]]
}

const isState = (raw: unknown): raw is HookState =>
  isRecord(raw) &&
  typeof raw.isAbove === 'boolean' &&
  (raw.isOwed === undefined || raw.isOwed === true) &&
  (raw.lastRunAtMs === null || (Number.isFinite(raw.lastRunAtMs) && (raw.lastRunAtMs as number) >= 0))
