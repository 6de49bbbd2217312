import type { Finding } from '../../core/finding.ts'
import { type Absent, type Failed, failed } from '../../core/reading.ts'
import type { ServiceFacts } from '../../core/service.ts'
import type { Host } from '../../host/host.ts'

interface Patience {
  /** Seconds, of each try. */
  timeout: number
  retries: number
}

export interface Login {
  user: string | null
  password: string | null
  password_file: string | null
}

export interface JsonRpcProbe extends Patience, Login {
  type: 'jsonrpc'
  jsonrpc: string
  method: string
}

export interface HttpProbe extends Patience, Login {
  type: 'http'
  http: string
  expect: { status: number | null; body: string | null }
}

export interface TcpProbe extends Patience {
  type: 'tcp'
  tcp: string
}

export interface ExecProbe extends Patience {
  type: 'exec'
  exec: string[]
}

export interface LogProbe extends Patience {
  type: 'log'
  log: string
  file: string | null
  /** Seconds. */
  within: number
  warn: number | null
  crit: number | null
}

/** As the config has it parsed (config/sections/probes.ts, which lies above and cannot be imported here). */
export type Probe = JsonRpcProbe | HttpProbe | TcpProbe | ExecProbe | LogProbe

export interface Question {
  host: Host
  service: ServiceFacts
  /** For this try. */
  timeoutMs: number
  /** What this probe remembered in the run before, of any shape; null when it did not. */
  previous: unknown
  /** How finely it may remember. */
  maxBuckets: number
}

/** What a probe came to: all of its finding but whose it is. */
export interface Outcome extends Omit<Finding, 'check' | 'item'> {
  code: 'ok' | 'failed' | 'log-count' | 'unreadable' | 'defect'
  /** For the next run; must survive JSON. */
  remember?: unknown
}

/** A kind of probe. `ask` never rejects but for a defect of ours. */
export interface ProbeKind<P extends Probe> {
  /** What it asks, safe to show and the same in every run: no credentials, no query. */
  item(probe: P): string
  ask(question: Question, probe: P): Promise<Outcome>
}

const withoutValue = { value: null, unit: null, warn: null, crit: null }

export const answeredWell = (args: Finding['args'] = {}): Outcome => ({
  ...withoutValue,
  code: 'ok',
  status: 'ok',
  args,
})

/** Answered wrongly, or not at all: this counts. `reason` is what report/sentence-probe.ts has the words for. */
export const wrong = (reason: string, args: Finding['args'] = {}): Outcome => ({
  ...withoutValue,
  code: 'failed',
  status: 'critical',
  args: { reason, ...args },
})

/** It could not be tried: neither a failure nor a success of the service. */
export const notTried = (reading: Absent | Failed): Outcome => {
  const { cause, what, detail } =
    reading.kind === 'failed' ? reading : failed('io', reading.what, 'is not there')
  return { ...withoutValue, code: 'unreadable', status: 'unknown', args: { cause, what, detail } }
}

/**
 * What lies with this host or this program and not with the service: names that are not resolved, no descriptors,
 * memory or ports left, no such kind of address here (getaddrinfo(3), connect(2)).
 */
const ownTrouble = /\b(?:ENOTFOUND|EAI_\w+|EMFILE|ENFILE|ENOMEM|ENOBUFS|EADDRNOTAVAIL|EAFNOSUPPORT)\b/

/** A connection that came to nothing. Denied: a rule of this host's own (EPERM of its firewall), not the service. */
export const unanswered = (reading: Absent | Failed): Outcome => {
  if (reading.kind === 'absent' || reading.cause === 'denied' || ownTrouble.test(reading.detail))
    return notTried(reading)
  const { cause, what, detail } = reading
  return wrong('unanswered', { cause, what, detail })
}
