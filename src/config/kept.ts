import type { Host } from '../host/host.ts'
import type { Config } from './config.ts'
import { distrustOf } from './trust.ts'

/** Where a run keeps what its config came to, for the next one. */
export interface Keeping {
  /** In the state folder. */
  path: string
  /** Of this program: another one may read the same text otherwise. */
  build: string
  /** False: looks only. */
  writes: boolean
}

/**
 * What this very text came to at a run before, without the YAML package and all that checks its tree: half of a run
 * would be reading its config otherwise. It can name commands, so it is trusted as the config itself is; whatever is
 * wrong with it, the text is read anew.
 */
export const readKept = (host: Host, { path, build }: Keeping, text: string): Config | null => {
  if (!canBeKept(text)) return null
  const kept = host.save.readText(path)
  if (kept.kind !== 'value' || distrustOf(host, path) !== null) return null
  try {
    const document = JSON.parse(kept.value) as Kept
    return document.build === build && document.text === text ? document.config : null
  } catch {
    return null
  }
}

/**
 * Keeps it, where nothing is lost by that. That it cannot be written is no fault: the state cannot be either, and that
 * is said.
 */
export const keep = (host: Host, { path, build, writes }: Keeping, text: string, config: Config): void => {
  if (!writes || !canBeKept(text) || !isPlain(config)) return
  host.save.replace(path, JSON.stringify({ build, text, config } satisfies Kept), ownersOnly)
}

/** The config may have been closed to its group. */
const ownersOnly = 0o600

interface Kept {
  build: string
  text: string
  config: Config
}

/** A variable may have another value at the next run. */
const canBeKept = (text: string): boolean => !text.includes('${')

/** True when JSON gives back the same. */
const isPlain = (value: unknown): boolean => {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null)
    return value === null || typeof value === 'string' || typeof value === 'boolean'
  if (Array.isArray(value)) return value.every(isPlain)
  return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isPlain)
}
