import { mapBounded } from '../../core/bounded.ts'
import type { Finding } from '../../core/finding.ts'
import { failed } from '../../core/reading.ts'
import type { ServiceFacts } from '../../core/service.ts'
import type { Host } from '../../host/host.ts'
import { bucketsFor, keepMemories, memoriesOf } from './memories.ts'
import { notTried, type Outcome, type Probe } from './probe.ts'
import { probeKindOf } from './registry.ts'

/** Incident O4: whatever the config holds. */
const atOnce = 20
const retryPauseMs = 500

export interface ServiceProbes {
  facts: ServiceFacts
  probes: readonly Probe[]
}

export interface ProbesRun {
  /** By the service's name, in the order of its probes; a service that was not asked is not in it. */
  findings: Map<string, Finding[]>
  /** For the next run; survives JSON, and has at most 240 kB of it. */
  remember: unknown
}

interface Asked {
  facts: ServiceFacts
  probe: Probe
  /** The same in every run; in one service only once. */
  item: string
  key: string
}

/**
 * Asks every probe of every service that runs, 20 at once at most; of one that does not, its state already tells. One
 * finding a probe, of the check `probes`: `ok`, `failed` (critical: it counts), `log-count`, `unreadable` (unknown: it
 * could not be tried), or `defect`. Never rejects.
 *
 * @param remembered what `remember` was in the run before, of any shape
 * @param remainingMs what is left for this run; a probe that this cuts short was not tried
 */
export const runProbes = async (
  host: Host,
  services: readonly ServiceProbes[],
  remembered: unknown,
  remainingMs: () => number = () => Number.POSITIVE_INFINITY,
): Promise<ProbesRun> => {
  const asked = services.filter(({ facts }) => facts.state === 'running').flatMap(askedOf)
  const memories = memoriesOf(remembered)
  const maxBuckets = bucketsFor(asked.filter(({ probe }) => probe.type === 'log').length)
  const outcomes = await mapBounded(asked, atOnce, async ({ facts, probe, key }) =>
    askWithRetries(host, probe, remainingMs, (timeoutMs) =>
      probeKindOf(probe).ask(
        { host, service: facts, timeoutMs, previous: memories.get(key) ?? null, maxBuckets },
        probe,
      ),
    ),
  )
  const findings = new Map<string, Finding[]>()
  const fresh = new Map<string, unknown>()
  for (const [i, { facts, item, key }] of asked.entries()) {
    const { remember, ...rest } = outcomes[i] as Outcome
    if (remember !== undefined && remember !== null) fresh.set(key, remember)
    findings.set(facts.name, [...(findings.get(facts.name) ?? []), { check: 'probes', item, ...rest }])
  }
  return { findings, remember: keepMemories(fresh, memories, host.now()) }
}

/** Two probes of one service that ask the same get `#2`: the item is part of what tells findings apart. */
const askedOf = ({ facts, probes }: ServiceProbes): Asked[] => {
  const times = new Map<string, number>()
  return probes.map((probe) => {
    const asks = probeKindOf(probe).item(probe)
    const time = (times.get(asks) ?? 0) + 1
    times.set(asks, time)
    const item = time === 1 ? asks : `${asks} #${time}`
    return { facts, probe, item, key: `${facts.name}\n${item}` }
  })
}

type Try = (timeoutMs: number) => Promise<Outcome>

/** What could not be tried is not tried again: a program that is missing will not be there in a second. */
const askWithRetries = async (
  host: Host,
  probe: Probe,
  remainingMs: () => number,
  ask: Try,
): Promise<Outcome> => {
  for (let tries = 1; ; tries++) {
    const outcome = await askInTime(probe.timeout * 1000, remainingMs(), ask)
    if (outcome.code !== 'failed') return outcome
    if (tries > probe.retries) return tries === 1 ? outcome : { ...outcome, args: { ...outcome.args, tries } }
    await host.timer(retryPauseMs).done
  }
}

/** A time-out of this run's own making says nothing of the service. */
const askInTime = async (wantedMs: number, leftMs: number, ask: Try): Promise<Outcome> => {
  if (leftMs <= 0) return notTried(failed('timeout', '', 'this run had no time left for it'))
  const outcome = await ask(Math.min(wantedMs, leftMs)).catch(defectOf)
  return leftMs < wantedMs && outcome.code === 'failed' && outcome.args?.cause === 'timeout'
    ? notTried(failed('timeout', '', 'this run had no time left to wait for an answer'))
    : outcome
}

const defectOf = (error: unknown): Outcome => ({
  code: 'defect',
  status: 'unknown',
  value: null,
  unit: null,
  warn: null,
  crit: null,
  args: { message: error instanceof Error ? error.message : String(error) },
})
