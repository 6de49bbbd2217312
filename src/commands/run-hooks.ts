import type { JudgedService } from '../checks/judge.ts'
import type { Config } from '../config/config.ts'
import { attempt, type FailureMemory, noteFailure, noteSuccess } from '../core/failure-memory.ts'
import { worstStatus } from '../core/finding.ts'
import { freshHooks, type ServiceHooks } from '../core/hook-memory.ts'
import type { LogLevel } from '../core/log-line.ts'
import { valueOrNull } from '../core/reading.ts'
import type { ServiceFacts } from '../core/service.ts'
import type { Host } from '../host/host.ts'
import { type DueHook, decideHooks, restartHooks } from '../plan/hooks.ts'
import { effectWords, hookLabel, hookReason, outputLines } from '../report/hook-words.ts'
import { loadFailures, saveFailures } from '../store/failures.ts'
import { loadHookStates, saveHookStates } from '../store/hook-states.ts'
import { appendLog } from '../store/log.ts'
import type { RunContext } from './command.ts'
import { recordsRun } from './record.ts'
import { hooksOf, inMaintenance } from './service-config.ts'

/**
 * Runs what is due by mark, schedule or state, one after the other, within the run's time. With --no-act and in a
 * maintenance window a hook waits: the crossing is still one when the window is over.
 */
export const runHooks = async (
  context: RunContext,
  config: Config,
  services: readonly JudgedService[],
): Promise<void> => {
  const { host, global } = context
  if (!host.live || context.options.act === false) return
  const states = loadHookStates(host.save, global.stateDir)
  const next = new Map<string, ServiceHooks>(states)
  for (const { facts, findings } of services) {
    const settings = config.services[facts.name] ?? null
    const hooks = hooksOf(settings)
    if (hooks.length === 0 || inMaintenance(settings, host.now())) continue
    const memory = valueOrNull(facts.memory)
    const { due, after } = decideHooks(hooks, states.get(facts.name) ?? freshHooks, {
      nowMs: host.now(),
      memoryBytes: memory?.leakBytes ?? null,
      limitBytes: memory?.limitBytes ?? null,
      status: worstStatus(findings.map(({ status }) => status)),
    })
    next.set(facts.name, after)
    // Remembered first: a hook that ends this program, or the host, does not run again for the same crossing.
    if (due.length > 0 && recordsRun(context)) saveHookStates(host.save, global.stateDir, next)
    for (const hook of due) await runHook(context, facts, hook)
  }
  if (recordsRun(context) && !isSame(states, next)) saveHookStates(host.save, global.stateDir, next)
}

/** The last rung before a restart; its words go into the restart's own history. */
export const runRestartHooks = async (
  context: RunContext,
  config: Config,
  facts: ServiceFacts,
): Promise<string> => {
  const hooks = restartHooks(hooksOf(config.services[facts.name] ?? null))
  const words: string[] = []
  for (const hook of hooks) words.push(await runHook(context, facts, hook))
  return words.join('; ')
}

const runHook = async (
  context: RunContext,
  facts: ServiceFacts,
  { settings, key, why }: DueHook,
): Promise<string> => {
  const { host, global } = context
  const label = hookLabel(facts.name, why)
  const log = (level: LogLevel, ...texts: string[]): void => {
    if (recordsRun(context))
      appendLog(
        host.save,
        global.logDir,
        'health',
        host.now(),
        texts.map((text) => ({ level, text })),
      )
  }
  const before = loadFailures(host.save, global.stateDir)
  const keep = (memory: FailureMemory): void => {
    if (recordsRun(context)) saveFailures(host.save, global.stateDir, before, memory, host.now())
  }
  const name = `hook ${facts.name} ${key}`
  const tried = attempt(before, name, facts.identity ?? '', host.now())
  if (!tried.goOn) {
    keep(tried.memory)
    if (tried.isReported)
      log('WARN', `${label} left out, ${tried.skipped} times so far: it failed 3 times (${tried.cause})`)
    return `${label} left out`
  }
  const bytesBefore = valueOrNull(facts.memory)?.leakBytes ?? null
  const {
    outcome,
    detail,
    output = '',
  } = await host.apply({
    kind: 'run-shell',
    label,
    text: settings.run,
    env: environmentOf(facts),
    input: '',
    timeoutMs: Math.max(100, Math.min(settings.timeout * 1000, context.remainingMs())),
    reason: hookReason(why),
  })
  if (outcome === 'dry-run') return detail
  const effect = effectWords(bytesBefore, memoryNow(host, facts))
  log(
    outcome === 'failed' ? 'WARN' : 'INFO',
    `${label} ${outcome === 'failed' ? `failed: ${detail}` : 'ran'}; ${effect}`,
    ...outputLines(output),
  )
  keep(
    outcome === 'failed'
      ? noteFailure(before, { key: name, circumstance: facts.identity ?? '', cause: detail }, host.now())
      : noteSuccess(before, name),
  )
  return `${label} ${outcome === 'failed' ? `failed: ${detail}` : effect}`
}

/** Nothing secret, and numbers that may be missing are empty. */
const environmentOf = ({
  name,
  mainPid,
  pids,
  containerId,
  memory,
}: ServiceFacts): Record<string, string> => ({
  SERVICE: name,
  PID: `${mainPid ?? pids[0] ?? ''}`,
  CONTAINER_ID: containerId ?? '',
  MEMORY_BYTES: `${valueOrNull(memory)?.leakBytes ?? ''}`,
})

/** The leak number, measured again: of its cgroup where it has one of its own, else of its processes added up. */
const memoryNow = (host: Host, { mainPid, pids, kind }: ServiceFacts): number | null => {
  const pid = mainPid ?? pids[0]
  if (pid === undefined) return null
  if (kind !== 'process') {
    const path = host.cgroups.memoryPathOf(pid)
    const memory = path.kind === 'value' ? valueOrNull(host.cgroups.memory(path.value)) : null
    if (memory !== null) return memory.anonBytes + memory.shmemBytes + memory.swapBytes
  }
  const each = pids.map((one) => valueOrNull(host.processes.memory(one))).filter((one) => one !== null)
  return each.length === 0
    ? null
    : each.reduce((sum, one) => sum + one.anonBytes + one.shmemBytes + one.swapBytes, 0)
}

const isSame = (a: ReadonlyMap<string, ServiceHooks>, b: ReadonlyMap<string, ServiceHooks>): boolean =>
  JSON.stringify([...a]) === JSON.stringify([...b])
