import { exitCode, HealthError } from '../core/errors.ts'
import type { Command, CommandResult, RunContext } from './command.ts'

/** Memory limits of containers and units: what is set, what the config wants, what a compose file would set. */
export const command: Command = {
  arguments: '[action] [service...]',
  firstWords: ['status', 'apply', 'remove'],
  options: [
    { flags: '--compose <file...>', help: 'with status: audit these compose files, merged in their order' },
    { flags: '--force', help: 'with apply and remove: also a limit below what is in use now' },
    { flags: '--runtime', help: 'with apply: units until the next boot only' },
  ],
  config: 'load',
  lock: true,
  looksOnly: ([action = 'status']) => action === 'status',
  observesOnly: true,
  logStem: 'limits',
  timeoutSeconds: 120,
  run: async (context) => {
    const [name = 'status', ...services] = context.args
    const inner = { ...context, args: services }
    if (!context.host.live && name !== 'status')
      throw new HealthError(exitCode.usage, `limits ${name} changes the host, so it does not take --root`)
    return actionOf(name)(inner)
  },
}

type Action = (context: RunContext) => Promise<CommandResult>

const actions: Record<string, Action> = {
  status: async (context) =>
    Array.isArray(context.options.compose)
      ? (await import('./limits/compose.ts')).composeStatus(context, context.options.compose as string[])
      : (await import('./limits/status.ts')).limitStatus(context),
  apply: async (context) => (await import('./limits/apply.ts')).applyLimits(context),
  remove: async (context) => (await import('./limits/remove.ts')).removeLimits(context),
}

const actionOf = (name: string): Action => {
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined
  if (action) return action
  throw new HealthError(
    exitCode.usage,
    `limits has no action ${name}`,
    'limits [status] [--compose FILE…] [SERVICE…] | limits apply [SERVICE…] | limits remove [SERVICE…]',
  )
}
