import type { ActionResult, SwitchTimersAction } from '../core/action.ts'
import { clip } from '../core/escape.ts'
import type { Change } from './apply.ts'
import type { Host } from './host.ts'

const timeoutMs = 60_000
const timerName = /^oratio-health-[a-z-]+\.timer$/

/**
 * Only timers of this toolkit. Each step does no harm when it was done before. Off, they start nothing more, and what they
 * have started goes on; it is ended by a step of its own, since a report that goes on would make the log folder anew that
 * is taken away next, and a check in the middle of a restart is to be given time before.
 */
export const switchTimersChange = ({ to, timers, scope }: SwitchTimersAction, run: Host['run']): Change => {
  const systemctl = async (...args: string[]): Promise<ActionResult | null> => {
    const manager = scope === 'user' ? ['--user'] : []
    const ran = await run(['systemctl', '--no-ask-password', ...manager, ...args], { timeoutMs })
    if (ran.kind !== 'value') return failure(ran.kind === 'absent' ? 'systemctl is not here' : ran.detail)
    const { exitCode, stderr } = ran.value
    return exitCode === 0
      ? null
      : failure(
          clip(stderr.trim().split('\n')[0] ?? '', 200) ||
            `systemctl ${args[0]} ended with status ${exitCode}`,
        )
  }
  return {
    words: wordsOf(to, timers),
    obstacle: () =>
      timers.every((name) => timerName.test(name)) ? null : failure('that is no timer of ours'),
    perform: async () => {
      const failed =
        to === 'ended'
          ? await systemctl('stop', '--', ...timers.map(serviceOf))
          : ((await systemctl('daemon-reload')) ??
            (timers.length === 0
              ? null
              : await systemctl(to === 'on' ? 'enable' : 'disable', '--now', '--', ...timers)))
      return failed ?? { outcome: 'done', detail: '' }
    },
  }
}

const wordsOf = (to: SwitchTimersAction['to'], timers: readonly string[]): string => {
  if (timers.length === 0) return 'have systemd read its units again'
  return to === 'ended'
    ? `wait a minute at most for what they have started, then stop ${timers.map(serviceOf).join(', ')}`
    : `switch ${to} ${timers.join(', ')}`
}

const serviceOf = (timer: string): string => timer.replace(/\.timer$/, '.service')

const failure = (detail: string): ActionResult => ({ outcome: 'failed', detail })
