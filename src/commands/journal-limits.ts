import { exitCode, HealthError } from '../core/errors.ts'
import type { Host } from '../host/host.ts'
import type { Command, CommandResult, RunContext } from './command.ts'
import { applyLimits } from './journal/apply.ts'
import { removeLimits } from './journal/remove.ts'
import { statusOfLimits } from './journal/status.ts'

/** Bounds of journald: installed as a drop-in of our own, taken up, verified; and taken away again. */
export const command: Command = {
  arguments: '[action]',
  firstWords: ['apply', 'status', 'remove'],
  config: 'load',
  lock: true,
  looksOnly: ([action]) => action === 'status',
  // `status` looks at another root; the other two refuse it themselves.
  observesOnly: true,
  logStem: 'journal',
  timeoutSeconds: 300,
  run: async (context) => {
    const action = actionOf(context.args[0] ?? 'apply')
    return isSystemdHost(context.host) ? action(context) : withoutSystemd()
  },
}

type Action = (context: RunContext) => Promise<CommandResult>

const changes =
  (name: string, action: Action): Action =>
  async (context) => {
    if (context.host.live) return action(context)
    throw new HealthError(
      exitCode.usage,
      `journal-limits ${name} changes the host, so it does not take --root`,
    )
  }

const actions: Record<string, Action> = {
  apply: changes('apply', applyLimits),
  remove: changes('remove', removeLimits),
  status: statusOfLimits,
}

const actionOf = (name: string): Action => {
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined
  if (action) return action
  throw new HealthError(
    exitCode.usage,
    `journal-limits has no action ${name}`,
    'journal-limits [apply] | journal-limits status | journal-limits remove',
  )
}

/** sd_booted(3) of a live host; a mounted image has the program. */
const isSystemdHost = ({ live, files }: Host): boolean =>
  (live
    ? ['/run/systemd/system']
    : ['/usr/lib/systemd/systemd-journald', '/lib/systemd/systemd-journald', '/etc/systemd/journald.conf']
  ).some((path) => files.info(path).kind === 'value')

const withoutSystemd = (): CommandResult => {
  const words = 'systemd does not run here, so there is no journal to limit'
  return {
    status: 'unknown',
    document: {
      schema: 'journal-limits@1',
      body: { keys: [], storage: 'unknown', diskUsageBytes: null, runtimeUsageBytes: null, message: words },
    },
    text: () => `${words}\n`,
    textWhen: 'interactive',
    problems: [words],
  }
}
