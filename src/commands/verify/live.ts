import { readMemoryInfo } from '../../checks/memory.ts'
import { observeServices } from '../../checks/observe/services.ts'
import type { ServiceConfig } from '../../config/config.ts'
import type { AcceptanceFacts, AcceptanceSample } from '../../core/acceptance.ts'
import { valueOrNull } from '../../core/reading.ts'
import type { ServiceFacts } from '../../core/service.ts'
import type { EndSignal, Host } from '../../host/host.ts'
import { requireFound } from '../chosen-services.ts'
import { processesOf, serviceSample } from '../history-sample.ts'
import { interruptibleWait } from '../interruptible-wait.ts'
import { observeConfigured } from '../observe-configured.ts'

export interface Watched {
  facts: Map<string, AcceptanceFacts>
  /** What ended it before its time. */
  signal: EndSignal | null
}

export interface Plan {
  names: readonly string[]
  /** Empty: the names are of what is found. */
  configured: Readonly<Record<string, ServiceConfig>>
  /** Seconds from the start, the last is the end. */
  times: readonly number[]
  /** Called after each look. */
  progress(looks: number): void
}

/**
 * Looks at the services again and again. Time is counted by the monotonic clock from the start on, so that a clock that
 * is set meanwhile moves no sample. A service that is not there, or cannot be measured, has no sample of that look.
 *
 * @throws HealthError 64 when a service is not found at the first look
 */
export const watchServices = async (host: Host, plan: Plan): Promise<Watched> => {
  const startedAtMs = host.now()
  const startedMs = host.elapsedMs()
  const samples = new Map(plan.names.map((name) => [name, [] as AcceptanceSample[]]))
  const uptimes = new Map<string, number | null>()
  let signal: EndSignal | null = null
  const { wait } = interruptibleWait(host, (given) => {
    signal ??= given
  })
  for (const [i, seconds] of plan.times.entries()) {
    const waitMs = startedMs + seconds * 1000 - host.elapsedMs()
    if (waitMs > 0 && signal === null) await wait(waitMs)
    if (signal !== null) break
    const fresh = host.again()
    const seen = await lookAt(fresh, plan, i === 0)
    const atMs = startedAtMs + host.elapsedMs() - startedMs
    const processes = processesOf(fresh)
    for (const facts of seen) {
      const sample = serviceSample(fresh, facts, processes)
      uptimes.set(facts.name, valueOrNull(facts.uptimeSeconds))
      if (sample === null) continue
      samples.get(facts.name)?.push({
        atMs,
        memoryBytes: sample.leakBytes,
        floorBytes: sample.leakBytes,
        swapBytes: sample.swapBytes,
        cpuSeconds: sample.cpuSeconds,
        cpuFell: false,
        processes: sample.processes,
        identity: facts.identity,
      })
    }
    plan.progress(i + 1)
  }
  const toMs = startedAtMs + host.elapsedMs() - startedMs
  const stepMs = ((plan.times.at(-1) ?? 0) - (plan.times.at(-2) ?? 0) || 1) * 1000
  const window = { fromMs: startedAtMs, toMs, stepMs, expected: plan.times.length }
  return {
    facts: new Map(
      [...samples].map(([name, own]) => [
        name,
        { samples: own, window, uptimeSeconds: uptimes.get(name) ?? null },
      ]),
    ),
    signal,
  }
}

const lookAt = async (host: Host, { names, configured }: Plan, isFirst: boolean): Promise<ServiceFacts[]> => {
  if (Object.keys(configured).length > 0) return (await observeConfigured(host, configured)).services
  const { services } = await observeServices(host, {}, valueOrNull(readMemoryInfo(host))?.shmemBytes ?? null)
  // One that is found at first and not later is a gap, which fails it.
  if (isFirst)
    requireFound(
      names,
      services.map(({ name }) => name),
    )
  return services
}
