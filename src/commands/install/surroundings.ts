import type { LoadedConfig } from '../../config/config.ts'
import { valueOrNull } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'
import type { Starter } from '../../plan/cron-lines.ts'
import type { Surroundings } from '../../plan/unit-limits.ts'
import { resolvePaths } from '../../store/paths.ts'
import type { GlobalOptions } from '../command.ts'

/** What the units have to let through, by the config as it is now. */
export const surroundingsOf = (
  host: Host,
  { config }: Pick<LoadedConfig, 'config'>,
  global: GlobalOptions,
): Surroundings => {
  const features = Object.values(config.services).map((service) => service.features)
  const targets = config.notify.targets as readonly Record<string, unknown>[]
  const hasAny = (key: string): boolean =>
    features.some((one) => (Array.isArray(one[key]) ? one[key].length > 0 : one[key] != null))
  const probesRun = features.some(
    ({ probes }) =>
      Array.isArray(probes) &&
      probes.some((probe) => typeof probe === 'object' && probe !== null && 'exec' in probe),
  )
  return {
    scope: host.uid === 0 ? 'system' : 'user',
    stateDir: absolute(host, global.stateDir),
    logDir: absolute(host, global.logDir),
    runsPrograms:
      hasAny('hooks') || probesRun || targets.some((target) => 'run' in target || 'email' in target),
    startsServices: hasAny('start'),
    cleanupPaths: (config.cleanup as readonly { path?: unknown }[]).map(({ path }) => String(path ?? '/')),
    mountPoints: (valueOrNull(host.files.mounts()) ?? []).map(({ mountPoint }) => mountPoint),
  }
}

/**
 * What every job is started with: only what a job would not find by itself, since cron and systemd give it HOME at most.
 *
 * @param config the file this run goes by; null: none
 * @param remembered DOCKER_HOST of the install before; one that is set and empty forgets it
 */
export const starterOf = (
  host: Host,
  config: string | null,
  global: GlobalOptions,
  remembered: string | null,
): Starter => {
  const { HOME } = host.env
  const bare = resolvePaths({ uid: host.uid, env: { HOME: HOME ?? '/' }, flags: {} })
  const isUsual = config === null || bare.defaultConfigs.includes(config)
  return {
    program: host.program,
    engine: (host.env.DOCKER_HOST ?? remembered) || null,
    options: [
      ...(isUsual ? [] : ['--config', absolute(host, config)]),
      ...(global.stateDir === bare.stateDir ? [] : ['--state-dir', absolute(host, global.stateDir)]),
      ...(global.logDir === bare.logDir ? [] : ['--log-dir', absolute(host, global.logDir)]),
    ],
  }
}

/** Jobs start in another folder than this run did. Links stay: what they lead to may change. */
export const absolute = (host: Host, path: string): string => {
  if (path.startsWith('/')) return path
  const resolved = host.files.resolve(path)
  return resolved.kind === 'value' ? resolved.value.path : path
}
