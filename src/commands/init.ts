import { starterConfig } from '../plan/starter-config.ts'
import type { Command, CommandResult } from './command.ts'
import { starterFacts } from './init/starter-facts.ts'
import { notWritten, whereTo } from './init/where-to.ts'

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
  isFile: outcome === 'dry-run',
  textWhen: 'always',
  problems: [],
})
