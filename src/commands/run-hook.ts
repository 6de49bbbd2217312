import { cgroupLeakNumber } from '../checks/observe/cgroup-swap.ts'
import type { LogLevel } from '../core/log-line.ts'
import { flatMapReading, valueOrNull } from '../core/reading.ts'
import type { ServiceFacts } from '../core/service.ts'
import type { Host } from '../host/host.ts'
import type { DueHook } from '../plan/hooks.ts'
import { effectWords, hookLabel, hookReason, outputLines } from '../report/hook-words.ts'
import { appendLog } from '../store/log.ts'
import type { RunContext } from './command.ts'
import { recordsRun } from './record.ts'
import type { RunFailures } from './run-failures.ts'

/**
 * Runs one hook, for `mostMs` at most, and logs its words and its effect; one that has failed often enough is left out.
 * Returns what came of it, and whether that is only what a dry run would do.
 */
export const runHook = async (
  context: RunContext,
  failures: RunFailures,
  facts: ServiceFacts,
  { settings, key, why }: DueHook,
  mostMs: number,
): Promise<{ words: string; isRehearsed: boolean }> => {
  const { host } = context
  const label = hookLabel(facts.name, why)
  const log = logOf(context)
  const name = `hook ${facts.name} ${key}`
  const circumstance = facts.identity ?? ''
  const leftOut = failures.leftOut(name, circumstance)
  if (leftOut !== null) {
    if (leftOut.isReported) log('WARN', `${label} ${leftOut.words}`)
    return { words: `${label} left out`, isRehearsed: false }
  }
  const bytesBefore = valueOrNull(facts.memory)?.leakBytes ?? null
  const isShort = mostMs < settings.timeout * 1000
  const { outcome, detail, cause, output } = await host.apply({
    kind: 'run-shell',
    label,
    text: settings.run,
    env: environmentOf(facts),
    input: '',
    timeoutMs: Math.max(100, Math.min(settings.timeout * 1000, mostMs)),
    reason: hookReason(why),
  })
  if (outcome === 'dry-run') return { words: detail, isRehearsed: true }
  const effect = effectWords(bytesBefore, memoryNow(host, facts))
  const isFailed = outcome === 'failed'
  const isCut = isShort && cause === 'did not end in time'
  const share = isFailed && isCut ? ' (its share of the run is shorter than its timeout)' : ''
  const result = isFailed ? `failed: ${detail}${share}` : 'ran'
  log(isFailed ? 'WARN' : 'INFO', `${label} ${result}; ${effect}`, ...outputLines(output ?? ''))
  if (isFailed) failures.failed(name, circumstance, cause ?? detail)
  else failures.went(name)
  return { words: `${label} ${isFailed ? result : effect}`, isRehearsed: false }
}

/** Into the health log, unless this run records nothing. */
export const logOf =
  (context: RunContext) =>
  (level: LogLevel, ...texts: string[]): void => {
    const { host, global } = context
    const lines = texts.map((text) => ({ level, text }))
    if (recordsRun(context)) appendLog(host.save, global.logDir, 'health', host.now(), lines)
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
    const leakBytes = flatMapReading(host.cgroups.memoryPathOf(pid), (path) =>
      flatMapReading(host.cgroups.memory(path), (memory) => cgroupLeakNumber(host, path, memory)),
    )
    if (leakBytes.kind === 'value') return leakBytes.value
  }
  const each = pids.map((one) => valueOrNull(host.processes.memory(one))).filter((one) => one !== null)
  return each.length === 0
    ? null
    : each.reduce((sum, one) => sum + one.anonBytes + one.shmemBytes + one.swapBytes, 0)
}
