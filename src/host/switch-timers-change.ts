import type { ActionResult, SwitchTimersAction } from '../core/action.ts'
import { clip } from '../core/escape.ts'
import type { Change } from './apply.ts'
import type { Host } from './host.ts'

const timeoutMs = 60_000
const timerName = /^oratio-health-[a-z-]+\.timer$/

/**
 * Only timers of this toolkit. Each step does no harm when it was done before. Off: what they have started is stopped, too; a
 * report that goes on would make the log folder anew that is taken away next.
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
    words: timers.length === 0 ? 'have systemd read its units again' : `switch ${to} ${timers.join(', ')}`,
    obstacle: () =>
      timers.every((name) => timerName.test(name)) ? null : failure('that is no timer of ours'),
    perform: async () =>
      (await systemctl('daemon-reload')) ??
      (timers.length === 0
        ? null
        : to === 'on'
          ? await systemctl('enable', '--now', '--', ...timers)
          : ((await systemctl('disable', '--now', '--', ...timers)) ??
            (await systemctl('stop', '--', ...timers.map(serviceOf))))) ?? { outcome: 'done', detail: '' },
  }
}

const serviceOf = (timer: string): string => timer.replace(/\.timer$/, '.service')

const failure = (detail: string): ActionResult => ({ outcome: 'failed', detail })
