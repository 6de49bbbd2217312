import { worstStatus } from '../core/finding.ts'
import { isoStamp } from '../core/stamp.ts'
import type { Message } from '../notify/notifier.ts'
import type { Notice } from '../report/notice.ts'
import { loadUndelivered, saveUndelivered, type Undelivered } from '../store/undelivered.ts'
import type { RunContext } from './command.ts'
import { lastingSave, recordsRun } from './record.ts'
import type { RunFailures } from './run-failures.ts'
import { deliveryTo, type Sending, sendTo, type Target, targetsOf } from './targets.ts'

/** The least that telling has, however little is left of the run, and the most it takes. */
const [leastNewsMs, mostNewsMs] = [3000, 20_000]
const [leastPingMs, mostPingMs] = [2000, 8000]

export interface Teller {
  /** A dead man's switch hears that a run has begun. */
  start(): void
  /**
   * Keeps the news on the disk until it is told, so that neither a kill nor a dead network loses it. Of two calls in a
   * run the second holds.
   */
  keep(notice: Notice | null): void
  /** Tells what was kept, and how the run ended. Returns what is to be said of the telling itself. */
  finish(end: Notice): Promise<string[]>
  /** At once: what is about to be done. */
  now(notice: Notice): Promise<string>
  /** What a dry run would tell. */
  rehearse(notice: Notice | null): string[]
}

/** Tells the targets of the config. Nothing that goes wrong here changes how the run ends. */
export const makeTeller = (
  context: RunContext,
  settings: readonly unknown[],
  failures: RunFailures,
): Teller => {
  const { host, global, remainingMs } = context
  const targets = targetsOf(settings)
  const listeners = targets.filter(({ isSwitch }) => !isSwitch)
  const records = recordsRun(context)
  const said: string[] = []
  const sending: Sending = { context, failures, say: (line) => said.push(line) }
  const started: Promise<unknown>[] = []
  const save = lastingSave(context)
  let kept: Undelivered[] | null = null
  let pending: Undelivered[] = []
  let isKept = false
  const messageOf = (kind: Message['kind'], { status, title, lines }: Notice): Message => ({
    kind,
    hostname: host.hostname,
    status,
    title,
    lines,
    at: isoStamp(host.now()),
  })
  const within = (mostMs: number): (() => number) => {
    const endMs = host.elapsedMs() + mostMs
    return () => Math.max(0, endMs - host.elapsedMs())
  }
  const tellPending = async (): Promise<void> => {
    const newsMs = Math.max(leastNewsMs, Math.min(mostNewsMs, (remainingMs() * 2) / 3))
    const told = await sendTo(
      sending,
      listeners,
      ({ id }) => {
        const due = pending.find(({ target }) => target === id)
        return due === undefined ? null : messageOf('news', due)
      },
      within(newsMs),
    )
    const left = pending.filter(({ target }) => !told.has(target))
    // Also what was meant for a target that is no more.
    if (told.size > 0 || (kept?.length ?? 0) > pending.length) saveUndelivered(save, global.stateDir, left)
  }

  return {
    start() {
      if (!records) return
      const message = messageOf('start', { status: 'ok', title: '', lines: [] })
      // What comes of it is said by sendTo; a defect in telling must not end the check.
      started.push(sendTo(sending, targets, () => message, within(mostPingMs)).catch(() => {}))
    },
    keep(notice) {
      if (!records) return
      kept ??= loadUndelivered(save, global.stateDir)
      pending = withNotice(kept, listeners, notice)
      if (!isKept && (notice === null || pending.length === 0)) return
      saveUndelivered(save, global.stateDir, pending)
      isKept = true
    },
    async finish(end) {
      if (!records) return []
      // All of the run is on the disk; a target that hangs must not make a run that was fine one that was not.
      context.holdTimeout()
      await tellPending()
      // A switch must not hear of an end before it hears of the beginning.
      await Promise.all(started)
      const pingMs = Math.max(leastPingMs, Math.min(mostPingMs, remainingMs()))
      await sendTo(sending, targets, () => messageOf('end', end), within(pingMs))
      return said
    },
    async now(notice) {
      if (!records) return ''
      const newsMs = Math.max(leastNewsMs, Math.min(mostNewsMs, remainingMs() / 3))
      const told = await sendTo(sending, listeners, () => messageOf('news', notice), within(newsMs))
      return `told ${told.size} of ${listeners.length} targets`
    },
    rehearse: (notice) =>
      notice === null
        ? []
        : listeners
            .filter((target) => deliveryTo(target, messageOf('news', notice)) !== null)
            .map(({ label }) => `would tell ${label}: ${notice.title}`),
  }
}

/** What is told late comes first, and does not go by the title of what is new. */
const withNotice = (
  kept: readonly Undelivered[],
  targets: readonly Target[],
  notice: Notice | null,
): Undelivered[] =>
  targets.flatMap(({ id }) => {
    const late = kept.find(({ target }) => target === id)
    if (late === undefined) return notice === null ? [] : [{ target: id, ...notice }]
    if (notice === null) return [late]
    return [
      {
        target: id,
        status: worstStatus([late.status, notice.status]),
        title: `${notice.title}, and what could not be told before`,
        lines: [...late.lines, ...notice.lines],
      },
    ]
  })
