import { loadConfig } from '../../config/load.ts'
import { endStatus } from '../../core/errors.ts'
import type { EndSignal, Host } from '../../host/host.ts'
import { errorText } from '../../report/error-text.ts'
import { command as check } from '../check.ts'
import type { RunContext } from '../command.ts'
import { interruptibleWait } from '../interruptible-wait.ts'
import { recordLog } from '../record.ts'
import { runCommand } from '../run-command.ts'
import { endStarted, startMissing } from './entrypoint.ts'
import { isEntrypoint, zombieWords } from './init-duty.ts'
import { whileOpen } from './while-open.ts'

export interface Watched {
  /** What ended it; null: `--count`. */
  signal: EndSignal | null
  /** Exit status of the last check. */
  code: number
}

/** What a check under way gets before it is left: docker stop waits 10 s for all. The next run takes up what it was at. */
const lastRoundMs = 4000

/**
 * The same check as cron's, with the same lock, in one process: each round looks at the machine anew and nothing is kept
 * from one to the next but the config. SIGHUP reads that anew. A SIGTERM or SIGINT ends it between two rounds, and as a
 * container's entrypoint the services that it started with it.
 */
export const watch = async (
  context: RunContext,
  { intervalMs, count }: { intervalMs: number; count: number },
): Promise<Watched> => {
  const { host } = context
  const bell = makeBell(host)
  const entrypoint = isEntrypoint(host)
  const say = sayOnChange(host)
  let current = context
  let code = 0
  await startMissing(current, say)
  for (let round = 1; bell.ended() === null; round++) {
    const startedAtMs = host.elapsedMs()
    let noteEnd = (_: number): void => {}
    const checking = runRound(current, say, (end) => {
      noteEnd = end
    })
    const ended = await bell.finish(checking)
    if (ended === null) {
      noteEnd(endStatus[bell.ended() ?? 'SIGTERM'])
      break
    }
    code = ended
    if (bell.ended() !== null || round >= count) break
    await bell.wait(Math.max(0, startedAtMs + intervalMs - host.elapsedMs()))
    if (bell.takeReload()) current = await reloaded(current, say)
  }
  if (entrypoint && bell.ended() !== null) await endStarted(current, say)
  host.save.releaseAllLocks()
  return { signal: bell.ended(), code }
}

type Say = ReturnType<typeof sayOnChange>

/** The exit status of one check. */
const runRound = async (
  context: RunContext,
  say: Say,
  onBegun: (end: (code: number) => void) => void,
): Promise<number> => {
  const fresh = context.host.again()
  const lines: string[] = []
  let isOver = false
  const open = whileOpen(fresh, () => isOver)
  const host: Host = {
    ...open,
    out: { ...fresh.out, stderrIsTerminal: false, stderr: (text) => void lines.push(text) },
  }
  let code: number
  try {
    code = await runCommand(check, host, {
      name: 'check',
      version: context.version,
      args: context.args,
      options: { act: context.options.act },
      global: context.global,
      timeoutSeconds: check.timeoutSeconds,
      onBegun,
      ...(context.loaded === null ? {} : { loaded: context.loaded }),
    })
  } catch (error) {
    const told = errorText(error)
    lines.push(told.text)
    code = told.code
  } finally {
    isOver = true
  }
  say('check', lines.join(''))
  say('zombies', zombieWords(fresh))
  return code
}

/** Nobody wants the same lines every 30 seconds: what is said of a thing is said when it is another than before. */
const sayOnChange = (host: Host) => {
  const last = new Map<string, string>()
  return (about: string, text: string): void => {
    if (last.get(about) !== text && text !== '') host.out.stderr(text)
    last.set(about, text)
  }
}

/** A config that has become wrong changes nothing: the one before stays. */
const reloaded = async (context: RunContext, say: Say): Promise<RunContext> => {
  const host = context.host.again()
  try {
    const loaded = await loadConfig(host, context.global.config)
    recordLog(context, 'health', [{ level: 'INFO', text: 'SIGHUP: the config was read anew' }])
    const next = { ...context, host, loaded }
    say('reload', '')
    await startMissing(next, say)
    return next
  } catch (error) {
    const { text, message } = errorText(error)
    const stays = 'the config was not read anew, the one before stays'
    recordLog(context, 'health', [{ level: 'ERROR', text: `SIGHUP: ${stays}: ${message}` }])
    say('reload', '')
    say('reload', `${text}  ${stays}\n`)
    return context
  }
}

const makeBell = (host: Host) => {
  let signal: EndSignal | null = null
  let reload = false
  const { wait, onRing } = interruptibleWait(host, (given) => {
    if (given === 'SIGHUP') reload = true
    else signal ??= given
  })
  return {
    ended: (): EndSignal | null => signal,
    /** Did a SIGHUP come since the last question? */
    takeReload: (): boolean => {
      const was = reload
      reload = false
      return was
    },
    /** So long, or until a signal comes. */
    wait: (ms: number): Promise<void> => (signal !== null || reload ? Promise.resolve() : wait(ms)),
    /** Its result; null when it was not over some time after the signal to end. */
    finish: (running: Promise<number>): Promise<number | null> =>
      new Promise((resolve) => {
        const giveUpSoon = (): void => {
          if (signal !== null) host.timer(lastRoundMs).done.then(() => resolve(null))
        }
        onRing(giveUpSoon)
        giveUpSoon()
        running.then(resolve)
      }),
  }
}
