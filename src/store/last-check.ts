import { type Finding, worstStatus } from '../core/finding.ts'
import type { LastCheck, SeenService } from '../core/seen.ts'
import type { CheckResult, ServiceResult } from '../core/service.ts'
import { sealJson } from './sealed-json.ts'

export const lastCheckPath = (stateDir: string): string => `${stateDir}/last.json`

/** The services of a run, and the characters that what varies in length may have, all together. */
export const lastCheckBounds = { services: 500, characters: 512 * 1024, text: 200, name: 400 } as const

/**
 * The record of a run, bounded in size. `before`: for a run of some services only, whose record keeps the others as
 * they were seen before.
 */
export const lastCheckText = (result: CheckResult, before: LastCheck | null): string => {
  const room = { left: lastCheckBounds.characters as number }
  const atMs = result.startedAtMs
  const host = [...result.findings, ...result.ownFindings]
  const seen = result.services.map((service) => seenService(service, atMs, room))
  const names = new Set(seen.map(({ facts }) => facts.name))
  const kept = before?.services.filter(({ facts }) => !names.has(facts.name)) ?? []
  return sealJson({
    version: 1,
    host: { atMs, status: worstStatus(host.map(({ status }) => status)), findings: bounded(host, room) },
    services: [...seen, ...kept].slice(0, lastCheckBounds.services),
  })
}

interface Room {
  left: number
}

const seenService = (service: ServiceResult, atMs: number, room: Room): SeenService => {
  // Who grows is told anew from what is recorded of it; the rest is only for the run itself.
  const {
    attribution: _,
    containerId: __,
    restartSettings: ___,
    restartCounts: ____,
    ...facts
  } = service.facts
  return {
    ...service,
    atMs,
    facts: { ...facts, stateDetail: short(facts.stateDetail), pids: [] },
    findings: bounded(service.findings, room),
    action: service.action && { ...service.action, reason: short(service.action.reason) },
  }
}

const bounded = (findings: readonly Finding[], room: Room): Finding[] =>
  findings.flatMap((finding) => {
    if (finding.status === 'ok') return []
    const small = { ...finding, ...(finding.args === undefined ? {} : { args: shortArgs(finding.args) }) }
    room.left -= lengthOf(small)
    return room.left < 0 ? [] : [small]
  })

const shortArgs = (args: NonNullable<Finding['args']>): NonNullable<Finding['args']> => {
  const kept: NonNullable<Finding['args']> = {}
  for (const [name, arg] of Object.entries(args)) kept[name] = typeof arg === 'string' ? short(arg) : arg
  return kept
}

const short = (text: string): string => text.slice(0, lastCheckBounds.text)

const fixedLength = 200

const lengthOf = ({ item, args }: Finding): number =>
  Object.values(args ?? {}).reduce<number>(
    (sum, arg) => sum + (typeof arg === 'string' ? arg.length : 20),
    fixedLength + (item?.length ?? 0),
  )
