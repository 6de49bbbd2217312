import { loadConfig, readConfig } from '../config/load.ts'
import { exitCode, HealthError } from '../core/errors.ts'
import type { Command, CommandResult, RunContext } from './command.ts'
import { schemaResult, showResult, validResult } from './config/results.ts'

/** Checks a config, prints the one that stands, or describes what one may hold. */
export const command: Command = {
  arguments: '[action] [file]',
  firstWords: ['validate', 'show', 'schema'],
  config: 'none',
  lock: false,
  observesOnly: true,
  logStem: 'health',
  timeoutSeconds: null,
  run: (context) => actionOf(context.args[0])(context),
}

const validate = async ({ host, global, args }: RunContext): Promise<CommandResult> =>
  validResult(await readConfig(host, args[1] ?? global.config))

const show = async ({ host, global, args }: RunContext): Promise<CommandResult> =>
  showResult(await loadConfig(host, args[1] ?? global.config))

const actions: Record<string, (context: RunContext) => Promise<CommandResult>> = {
  validate,
  show,
  schema: schemaResult,
}

const actionOf = (name: string | undefined): ((context: RunContext) => Promise<CommandResult>) => {
  const action = name !== undefined && Object.hasOwn(actions, name) ? actions[name] : undefined
  if (action) return action
  throw new HealthError(
    exitCode.usage,
    name === undefined ? 'config does one of three things' : `config has no action ${name}`,
    'config validate [FILE] | config show [FILE] | config schema',
  )
}
