import { mapBounded } from '../core/bounded.ts'
import { checksum } from '../core/checksum.ts'
import { growing } from '../core/failure-memory.ts'
import type { Delivery, Message } from '../notify/notifier.ts'
import { notifiers } from '../notify/registry.ts'
import type { RunContext } from './command.ts'
import { deliver } from './deliver.ts'
import type { RunFailures } from './run-failures.ts'
import { logOf } from './run-hook.ts'

/** Incident O4. */
const atOnce = 20

export interface Target {
  settings: Record<string, unknown>
  id: string
  /** Named by its kind and place in the config: an address is a secret. */
  label: string
  /** A dead man's switch has no news, is asked at every run, and never left out: its silence is the alarm. */
  isSwitch: boolean
}

export const targetsOf = (settings: readonly unknown[]): Target[] =>
  settings.map((one, i) => {
    const target = one as Record<string, unknown>
    const kind = kindOf(target) ?? 'target'
    return {
      settings: target,
      id: checksum(JSON.stringify(target)),
      label: `${kind} of notify.targets[${i}]`,
      isSwitch: kind === 'ping',
    }
  })

/** Null: this kind of message is none of its business. */
export const deliveryTo = ({ settings }: Target, message: Message): Delivery | null =>
  notifiers.find(({ key }) => key === kindOf(settings))?.describe(settings, message) ?? null

const kindOf = (target: Record<string, unknown>): string | undefined =>
  notifiers.find(({ key }) => target[key] !== undefined && target[key] !== null)?.key

export interface Sending {
  context: RunContext
  failures: RunFailures
  /** Takes what is to be said of the telling itself: that a target fails, and that it can be told again. */
  say(line: string): void
}

/**
 * Tells each target its message (null: nothing). Returns the ids of those that were told. What lastingly fails is left
 * out after three times, longer each time; what is down for a while is not, or it would miss what is told when it is back.
 */
export const sendTo = async (
  { context, failures, say }: Sending,
  targets: readonly Target[],
  messageFor: (target: Target) => Message | null,
  remainingMs: () => number,
): Promise<Set<string>> => {
  const told = new Set<string>()
  const log = logOf(context)
  await mapBounded(targets, atOnce, async (target) => {
    const message = messageFor(target)
    const delivery = message === null ? null : deliveryTo(target, message)
    if (message === null || delivery === null) return
    const { id, label, isSwitch } = target
    // One that takes `start` and refuses `fail` is not a target that comes and goes.
    const [lasting, passing] = [`notify ${label}`, `notify ${label} ${message.kind}, for now`]
    const leftOut = failures.leftOut(lasting, id, growing)
    if (leftOut !== null) {
      if (leftOut.isReported) log('WARN', `${label} ${leftOut.words}`)
      return
    }
    const undone = await deliver(context.host, delivery, label, remainingMs)
    if (undone === null) {
      told.add(id)
      const before = [failures.went(lasting), failures.went(passing)]
      if (!before.includes(true)) return
      log('INFO', `${label} can be told again`)
      say(`OK ${label}: can be told again`)
      return
    }
    const { cause, isLasting } = undone
    const key = isLasting && !isSwitch ? lasting : passing
    const other = key === lasting ? passing : lasting
    const isNews = failures.failed(key, id, cause) && !failures.hasFailed(other)
    if (!isNews) return
    log('WARN', `${label} could not be told: ${cause}`)
    say(`WARN ${label}: could not be told: ${cause}`)
  })
  return told
}
