import { type Finding, worstStatus } from '../core/finding.ts'
import { value } from '../core/reading.ts'
import type { LastCheck, SeenService } from '../core/seen.ts'
import type { CheckResult, ServiceResult } from '../core/service.ts'
import type { HostSave } from '../host/host.ts'
import { sealJson } from './sealed-json.ts'

/**
 * Two files, written in turn and in place, so that the record of the run before stays whole whatever becomes of this
 * write. No rename: that costs 2 ms where the file system writes the data out before it (ext4), and this costs 0.1.
 */
export const lastCheckPaths = (stateDir: string): readonly [string, string] => [
  `${stateDir}/last.0.json`,
  `${stateDir}/last.1.json`,
]

/** The services of a run, and the characters that what varies in length may have, all together. */
export const lastCheckBounds = { services: 500, characters: 512 * 1024, text: 200, name: 400 } as const

/** Writes the record of a run over the older of the two; see `lastCheckText`. Only by the holder of check's lock. */
export const writeLastCheck = (
  save: HostSave,
  stateDir: string,
  result: CheckResult,
  before: LastCheck | null,
): void => {
  const [first, second] = lastCheckPaths(stateDir)
  const [a, b] = [sequenceIn(save, first), sequenceIn(save, second)]
  const text = lastCheckText(result, before, Math.max(a, b) + 1)
  save.positioned(a <= b ? first : second, 'write', (file) => {
    file.write(0, new TextEncoder().encode(text))
    return value(true)
  })
}

const headBytes = 40

/** 0 where there is none. What is broken further on counts too, and is written over in its turn. */
const sequenceIn = (save: HostSave, path: string): number => {
  const head = save.positioned(path, 'read', (file) =>
    value(new TextDecoder('latin1').decode(file.read(0, headBytes))),
  )
  const found = head.kind === 'value' ? /^\{"version":1,"sequence":(\d{1,15}),/.exec(head.value) : null
  return Number(found?.[1] ?? 0)
}

/**
 * The record of a run on one line, bounded in size. `before`: for a run of some services only, whose record keeps the others as
 * they were seen before.
 */
export const lastCheckText = (result: CheckResult, before: LastCheck | null, sequence = 1): string => {
  const room = { left: lastCheckBounds.characters as number }
  const atMs = result.startedAtMs
  const host = [...result.findings, ...result.ownFindings]
  const seen = result.services.map((service) => seenService(service, atMs, room))
  const names = new Set(seen.map(({ facts }) => facts.name))
  const kept = before?.services.filter(({ facts }) => !names.has(facts.name)) ?? []
  return sealJson({
    version: 1,
    sequence,
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
    cgroup: _____,
    claimedPid: ______,
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
