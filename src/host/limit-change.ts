import { existsSync } from 'node:fs'
import type { ActionResult, LimitContainerAction, LimitUnitAction, MemoryLimits } from '../core/action.ts'
import { clip } from '../core/escape.ts'
import { fullUnitName } from '../core/unit-name.ts'
import { formatBytes } from '../core/units.ts'
import { containerId } from '../parse/engine-container.ts'
import type { Change } from './apply.ts'
import type { HostBase } from './base.ts'
import type { EngineCalls, Inspected } from './engine-calls.ts'
import type { Host } from './host.ts'

const callMs = 10_000

const failure = (detail: string): ActionResult => ({ outcome: 'failed', detail })
const done: ActionResult = { outcome: 'done', detail: '' }

const limitWords = ({ memoryBytes, reservationBytes }: MemoryLimits): string =>
  [
    ...(memoryBytes === undefined
      ? []
      : [memoryBytes === null ? 'no memory limit' : `memory limit ${formatBytes(memoryBytes)}`]),
    ...(reservationBytes === undefined
      ? []
      : [reservationBytes === null ? 'no reservation' : `reservation ${formatBytes(reservationBytes)}`]),
  ].join(', ')

/**
 * `POST /containers/ID/update`. The engine wants memory and memory + swap in one call, the second never below the first:
 * what the container had of swap it keeps, and one without a limit gets as much as memory, the engine's own default.
 */
export const limitContainerChange = (
  action: LimitContainerAction,
  calls: EngineCalls,
  cgroups: 'v1' | 'v2',
): Change => ({
  words: `set ${limitWords(action)} on container ${action.name}`,
  obstacle: () => (containerId(action.id) === null ? failure('that is no container id') : null),
  perform: async () => {
    const before = await calls.inspect(action.id)
    if (before.kind === 'absent') return failure('there is no such container any more')
    if (before.kind === 'failed') return failure(`${before.what}: ${before.detail}`)
    const reply = await calls.post(
      `/containers/${action.id}/update`,
      callMs,
      updateOf(action, before.value, cgroups),
    )
    if (reply.kind === 'absent') return failure('the engine gave no answer')
    if (reply.kind === 'failed') return failure(`${reply.what}: ${reply.detail}`)
    return reply.value.status < 400 ? done : failure(`the engine refuses: ${reply.value.why}`)
  },
})

/**
 * For the engine 0 is "as it is", and -1 it refuses (Docker 20.10) or writes as it is; the kernel takes the most it can
 * count for no limit. A reservation is a soft limit to v1, so none is that as well; to v2 it is protection (memory.low),
 * of which the least that the engine takes is as good as none.
 */
const unlimitedBytes = 2 ** 63 - 65_536
const leastBytes = 6 * 1024 ** 2

const updateOf = (
  { memoryBytes, reservationBytes }: MemoryLimits,
  before: Inspected,
  cgroups: 'v1' | 'v2',
) => {
  const limitBytes =
    memoryBytes === undefined
      ? (before.container.memoryLimitBytes ?? unlimitedBytes)
      : (memoryBytes ?? unlimitedBytes)
  return {
    ...(memoryBytes === undefined ? {} : { Memory: limitBytes, MemorySwap: swapWith(limitBytes, before) }),
    ...(reservationBytes === undefined
      ? {}
      : // Never above the limit: the engine refuses that.
        { MemoryReservation: reservationBytes ?? (cgroups === 'v1' ? limitBytes : leastBytes) }),
  }
}

/** The engine passes on no -1 for swap, and the kernel takes no memory above memory + swap. */
const swapWith = (limitBytes: number, { container, memorySwapBytes }: Inspected): number => {
  if (limitBytes === unlimitedBytes || memorySwapBytes === -1) return unlimitedBytes
  const had = container.memoryLimitBytes
  return had !== null && memorySwapBytes > 0
    ? limitBytes + Math.max(0, memorySwapBytes - had)
    : 2 * limitBytes
}

/** systemd.unit(5), without what systemctl would take for a pattern or an option. */
const unitName = /^[\w:.\\@][\w:.\\@-]*\.(?:service|slice|scope)$/

export const limitUnitChange = (action: LimitUnitAction, base: HostBase, run: Host['run']): Change => {
  const unit = fullUnitName(action.unit)
  return {
    words: `set ${limitWords(action)} on unit ${unit}${action.runtime ? ' until the next boot' : ''}`,
    obstacle: () => {
      if (!unitName.test(unit) || unit.length > 255) return failure('that is no name of a unit')
      // sd_booted(3).
      return existsSync(base.at('/run/systemd/system')) ? null : failure('systemd does not run here')
    },
    perform: async () => {
      const ran = await run(
        [
          'systemctl',
          '--no-ask-password',
          'set-property',
          ...(action.runtime ? ['--runtime'] : []),
          '--',
          unit,
          ...properties(action),
        ],
        { timeoutMs: callMs },
      )
      if (ran.kind === 'absent') return failure('systemctl is not here')
      if (ran.kind === 'failed') return failure(`${ran.what}: ${ran.detail}`)
      const { exitCode, stderr } = ran.value
      return exitCode === 0
        ? done
        : failure(clip(stderr.trim().split('\n')[0] ?? `systemctl ended with ${exitCode}`, 200))
    },
  }
}

const properties = ({ memoryBytes, reservationBytes }: MemoryLimits): string[] => [
  ...(memoryBytes === undefined ? [] : [`MemoryMax=${memoryBytes ?? 'infinity'}`]),
  ...(reservationBytes === undefined ? [] : [`MemoryLow=${reservationBytes ?? 0}`]),
]
