import { mapBounded } from '../core/bounded.ts'
import { checksum } from '../core/checksum.ts'
import { attempt, type FailureMemory, noteFailure, noteSuccess } from '../core/failure-memory.ts'
import { worstStatus } from '../core/finding.ts'
import type { LogLine } from '../core/log-line.ts'
import { isoStamp } from '../core/stamp.ts'
import type { Message } from '../notify/notifier.ts'
import { notifiers } from '../notify/registry.ts'
import type { Notice } from '../report/notice.ts'
import { loadFailures, saveFailures } from '../store/failures.ts'
import { appendLog } from '../store/log.ts'
import { loadUndelivered, saveUndelivered, type Undelivered } from '../store/undelivered.ts'
import type { RunContext } from './command.ts'
import { deliver } from './deliver.ts'
import { recordsRun } from './record.ts'

/** Incident O4. */
const atOnce = 20

export interface Teller {
  /** A dead man's switch hears that a run has begun. */
  start(): void
  /** Keeps the news on the disk until it is told, so that neither a kill nor a dead network loses it. */
  keep(notice: Notice | null): void
  /** Tells what was kept, and how the run ended. */
  finish(end: Notice): Promise<void>
  /** At once: what is about to be done. */
  now(notice: Notice): Promise<string>
  /** What a dry run would tell. */
  rehearse(notice: Notice | null): string[]
}

interface Target {
  settings: Record<string, unknown>
  id: string
  label: string
}

/** Tells the targets of the config. Nothing that goes wrong here changes how the run ends; it is in the log. */
export const makeTeller = (context: RunContext, settings: readonly unknown[]): Teller => {
  const { host, global, remainingMs } = context
  const targets = targetsOf(settings)
  const records = recordsRun(context)
  const started: Promise<unknown>[] = []
  let pending: Undelivered[] = []
  const messageOf = (kind: Message['kind'], { status, title, lines }: Notice): Message => ({
    kind,
    hostname: host.hostname,
    status,
    title,
    lines,
    at: isoStamp(host.now()),
  })
  const send = async (
    to: readonly Target[],
    message: (target: Target) => Message | null,
  ): Promise<Set<string>> => {
    const before = loadFailures(host.save, global.stateDir)
    let memory: FailureMemory = before
    const told = new Set<string>()
    await mapBounded(to, atOnce, async (target) => {
      const words = message(target)
      const delivery = words === null ? null : describe(target, words)
      if (delivery === null) return
      const key = `notify ${target.label}`
      const next = attempt(memory, key, target.id, host.now())
      memory = next.memory
      if (!next.goOn) {
        if (next.isReported)
          log(`${target.label} left out, ${next.skipped} times so far: it failed 3 times (${next.cause})`)
        return
      }
      const cause = await deliver(host, delivery, target.label, remainingMs)
      if (cause === null) {
        told.add(target.id)
        memory = noteSuccess(memory, key)
        return
      }
      memory = noteFailure(memory, { key, circumstance: target.id, cause }, host.now())
      log(`${target.label} could not be told: ${cause}`)
    })
    saveFailures(host.save, global.stateDir, before, memory, host.now())
    return told
  }
  const log = (text: string): void => {
    const line: LogLine = { level: 'WARN', text }
    appendLog(host.save, global.logDir, 'health', host.now(), [line])
  }
  const kept = (): Undelivered[] => loadUndelivered(host.save, global.stateDir)

  return {
    start() {
      if (records)
        started.push(
          send(targets, () => messageOf('start', { status: 'ok', title: '', lines: [] })).catch(() => {}),
        )
    },
    keep(notice) {
      if (!records) return
      pending = withNotice(kept(), targets, notice)
      if (notice !== null) saveUndelivered(host.save, global.stateDir, pending)
    },
    async finish(end) {
      if (!records) return
      await Promise.all(started)
      await send(targets, () => messageOf('end', end))
      if (pending.length === 0) return
      const told = await send(targets, ({ id }) => {
        const due = pending.find(({ target }) => target === id)
        return due === undefined ? null : messageOf('news', { ...end, status: due.status, lines: due.lines })
      })
      saveUndelivered(
        host.save,
        global.stateDir,
        pending.filter(({ target }) => !told.has(target)),
      )
    },
    async now(notice) {
      const told = records ? await send(targets, () => messageOf('news', notice)) : new Set()
      return `told ${told.size} of ${targets.length} targets`
    },
    rehearse: (notice) =>
      notice === null
        ? []
        : targets
            .filter((target) => describe(target, messageOf('news', notice)) !== null)
            .map(({ label }) => `DRY would tell ${label}: ${notice.title}`),
  }
}

const describe = ({ settings }: Target, message: Message) =>
  notifiers
    .find(({ key }) => settings[key] !== undefined && settings[key] !== null)
    ?.describe(settings, message) ?? null

/** Named by its kind and place in the config: an address is a secret. */
const targetsOf = (settings: readonly unknown[]): Target[] =>
  settings.map((one, i) => {
    const target = one as Record<string, unknown>
    const kind =
      notifiers.find(({ key }) => target[key] !== undefined && target[key] !== null)?.key ?? 'target'
    return {
      settings: target,
      id: checksum(JSON.stringify(target)),
      label: `${kind} of notify.targets[${i}]`,
    }
  })

/** What is told late comes first. */
const withNotice = (
  kept: readonly Undelivered[],
  targets: readonly Target[],
  notice: Notice | null,
): Undelivered[] =>
  targets.flatMap(({ id }) => {
    const late = kept.find(({ target }) => target === id)
    if (late === undefined && notice === null) return []
    return [
      {
        target: id,
        status: worstStatus([
          ...(late === undefined ? [] : [late.status]),
          ...(notice === null ? [] : [notice.status]),
        ]),
        lines: [...(late?.lines ?? []), ...(notice?.lines ?? [])],
      },
    ]
  })
