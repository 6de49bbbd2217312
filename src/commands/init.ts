import { exitCode, HealthError } from '../core/errors.ts'
import { defaultConfigs } from '../core/own-folders.ts'
import type { Host } from '../host/host.ts'
import { starterConfig } from '../plan/starter-config.ts'
import type { Command, CommandResult } from './command.ts'
import { starterFacts } from './init/starter-facts.ts'

/** A starter config from what runs on this host, written only where there is none. */
export const command: Command = {
  config: 'none',
  lock: false,
  observesOnly: false,
  logStem: 'health',
  timeoutSeconds: 60,
  async run({ host, global }) {
    const { path, existing } = whereTo(host, global.config)
    if (existing !== null) return alreadyThere(existing)
    const facts = await starterFacts(host)
    const content = starterConfig(facts)
    const result = await host.apply({
      kind: 'write-file',
      path,
      content,
      mode: 0o640,
      onlyIfMissing: true,
      reason: 'asked for by init',
    })
    if (result.outcome === 'failed') throw notWritten(host, path, result.detail)
    if (result.outcome === 'skipped') return alreadyThere(path)
    return written(path, content, facts.services.length, result.outcome)
  },
}

/** The config that is named, or the first usual place; `existing` is one that is there, wherever it is looked for. */
const whereTo = (host: Host, named: string | null): { path: string; existing: string | null } => {
  const places = named === null ? defaultConfigs(host.uid, host.env) : [named]
  const [path] = places
  if (path === undefined)
    throw new HealthError(
      exitCode.usage,
      'HOME is not set, so there is no usual place',
      'name one: --config FILE',
    )
  return { path, existing: places.find((place) => isConfigThere(host, place)) ?? null }
}

const isConfigThere = (host: Host, path: string): boolean => {
  const info = host.files.info(path)
  if (info.kind === 'absent') return false
  if (info.kind === 'failed') throw notWritten(host, path, info.detail)
  if (info.value.kind === 'file') return true
  if (info.value.kind !== 'symlink')
    throw new HealthError(
      exitCode.critical,
      `${path} is no file`,
      'move it away, or name another: --config FILE',
    )
  // A link may lead to what is not there; making that would be doing more than was asked for.
  const target = host.files.resolve(path)
  if (target.kind === 'value' && host.files.info(target.value.path).kind === 'value') return true
  throw new HealthError(
    exitCode.critical,
    `${path} is a symbolic link to what is not there`,
    'make its target, or remove the link',
  )
}

const notWritten = (host: Host, path: string, detail: string): HealthError => {
  const isDenied = /\((EACCES|EPERM)\)/.test(detail)
  return new HealthError(
    isDenied ? exitCode.noPermission : exitCode.critical,
    `${path} was not written: ${detail}`,
    isDenied && host.uid !== 0
      ? 'run it as root, or name a file of your own: --config FILE'
      : 'name another place: --config FILE; or see what it would be: oratio-health init --dry-run',
  )
}

const alreadyThere = (path: string): CommandResult => ({
  status: 'ok',
  document: { schema: 'init@1', body: { path, outcome: 'exists', services: null, content: null } },
  text: () => `${path} is there already; nothing was changed (oratio-health config validate checks it)\n`,
  textWhen: 'always',
  problems: [],
})

const written = (
  path: string,
  content: string,
  services: number,
  outcome: 'done' | 'dry-run',
): CommandResult => ({
  status: 'ok',
  document: {
    schema: 'init@1',
    body: { path, outcome: outcome === 'done' ? 'written' : outcome, services, content },
  },
  text: () =>
    outcome === 'dry-run'
      ? content
      : `wrote ${path} with ${services} ${services === 1 ? 'service' : 'services'}; look it over, then: oratio-health check -v\n`,
  textWhen: 'always',
  problems: [],
})
