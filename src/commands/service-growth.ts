import type { JudgedService } from '../checks/judge.ts'
import { readMemoryInfo } from '../checks/memory.ts'
import { ceilingOf, judgeGrowth } from '../checks/service-growth.ts'
import type { ServiceConfig } from '../config/config.ts'
import { worstStatus } from '../core/finding.ts'
import { type Reading, valueOrNull } from '../core/reading.ts'
import type { LeakVerdict } from '../leak/series.ts'
import { historyPath, readHistory } from '../store/history-file.ts'
import { verdictOf } from '../store/history-verdict.ts'
import type { RunContext } from './command.ts'
import { configOf, growthLimitsOf } from './service-config.ts'

/** The services with what their history says of growth, where it is due. */
export const withGrowth = (
  { host, global }: RunContext,
  configs: Readonly<Record<string, ServiceConfig>>,
  services: readonly JudgedService[],
  due: ReadonlySet<JudgedService>,
): JudgedService[] => {
  const availableBytes = valueOrNull(readMemoryInfo(host))?.availableBytes ?? null
  return services.map((service) => {
    const { facts } = service
    const memory = valueOrNull(facts.memory)
    const config = facts.configured ? configOf(configs, facts.name) : null
    // One that does not run, or cannot be measured, has a finding that says so.
    if (memory === null || !due.has(service)) return service
    const ceiling = ceilingOf(memory, availableBytes)
    const verdict = readHistory(
      host.save,
      historyPath(global.stateDir, facts.name),
      facts.name,
      (file): LeakVerdict => verdictOf(file, host.now(), ceiling),
    )
    const findings = [...service.findings, ...judgeGrowth(growthLimitsOf(config), verdict, ceiling)]
    return {
      facts: { ...facts, ...growthOf(verdict) },
      findings,
      status: worstStatus(findings.map(({ status }) => status)),
    }
  })
}

const growthOf = (verdict: Reading<LeakVerdict>): Partial<JudgedService['facts']> =>
  verdict.kind !== 'value' || verdict.value.verdict === 'insufficient'
    ? {}
    : {
        growth: {
          verdict: verdict.value.verdict,
          bytesPerMinute: verdict.value.slopeBytesPerMinute,
          secondsToLimit: verdict.value.secondsToLimit?.best ?? null,
          secondsToLimitLow: verdict.value.secondsToLimit?.low ?? null,
          secondsToLimitHigh: verdict.value.secondsToLimit?.high ?? null,
          onsetAtMs: verdict.value.onsetAtMs,
        },
      }
