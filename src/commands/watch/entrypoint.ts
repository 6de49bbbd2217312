import type { ServiceConfig } from '../../config/config.ts'
import { escapeControl } from '../../core/escape.ts'
import type { ServiceFacts } from '../../core/service.ts'
import { dependenciesFirst } from '../../plan/dependents.ts'
import { restartSteps } from '../../plan/restart-steps.ts'
import { chosenServices } from '../chosen-services.ts'
import type { RunContext } from '../command.ts'
import { argvWords } from '../command-words.ts'
import { endScopeOf } from '../end-scope-of.ts'
import { observeConfigured } from '../observe-configured.ts'
import { processFiles } from '../process-files.ts'
import { restartOf, startOf } from '../service-config.ts'

type Say = (about: string, text: string) => void

interface Started {
  facts: ServiceFacts
  config: ServiceConfig
  start: readonly string[]
}

/** Those with `start:`, what they depend on first. */
const startedServices = async ({ host, loaded, args }: RunContext): Promise<Started[]> => {
  if (loaded === null) return []
  const configs = Object.fromEntries(
    Object.entries(chosenServices(loaded.config, args)).filter(([, config]) => startOf(config).length > 0),
  )
  if (Object.keys(configs).length === 0) return []
  const { services } = await observeConfigured(host.again(), configs)
  const order = dependenciesFirst(
    services.map(({ name }) => ({
      name,
      after: (configs[name]?.features.after ?? []) as string[],
      containers: [],
      restartable: true,
    })),
  )
  return order.flatMap((name): Started[] => {
    const facts = services.find((one) => one.name === name)
    const config = configs[name]
    return facts === undefined || config === undefined ? [] : [{ facts, config, start: startOf(config) }]
  })
}

/** Starts what does not run. It is no restart: nothing is counted. What dies later is the check's to restart. */
export const startMissing = async (context: RunContext, say: Say): Promise<void> => {
  if (context.options.act === false) return
  for (const { facts, start } of await startedServices(context)) {
    if (facts.pids.length > 0 || facts.state === 'unknown') continue
    const steps = restartSteps({
      facts,
      reason: 'watch starts what does not run',
      graceSeconds: 0,
      start,
      startWords: argvWords(start),
      scope: { processes: [], newcomers: { sessions: [] }, protectedOnes: [] },
      files: processFiles(facts, context.global),
    })
    if ('impossible' in steps) {
      say(`start ${facts.name}`, `${escapeControl(`CRIT ${facts.name} not started: ${steps.impossible}`)}\n`)
      continue
    }
    for (const { action } of steps) {
      const { outcome, detail } = await context.host.apply(action)
      const words =
        outcome === 'failed'
          ? `CRIT ${facts.name} not started: ${detail}`
          : outcome === 'dry-run'
            ? detail
            : ''
      say(`start ${facts.name}`, words === '' ? '' : `${escapeControl(words)}\n`)
    }
  }
}

/** SIGTERM to all of them and their grace, what depends on another before it. */
export const endStarted = async (context: RunContext, say: Say): Promise<void> => {
  if (context.options.act === false) return
  for (const { facts, config } of (await startedServices(context)).reverse()) {
    const scope = await endScopeOf(context.host.again(), facts)
    if ('impossible' in scope || scope.processes.length === 0) continue
    const { outcome, detail } = await context.host.apply({
      kind: 'end-processes',
      ...scope,
      graceMs: (restartOf(config)?.grace ?? 3) * 1000,
      reason: 'watch is ended, and its services with it',
    })
    if (outcome === 'failed')
      say(`end ${facts.name}`, `${escapeControl(`CRIT ${facts.name} not ended: ${detail}`)}\n`)
  }
}
