import type { UnitFacts } from '../core/facts.ts'
import { parseTimeSpan } from './time-span.ts'

/**
 * What `systemctl show UNIT…` prints: `Key=value` lines, an empty line between units, in systemd's own order. A line
 * that is no property belongs to the value before it (ExecStart= and Environment= may hold line breaks). Such a value
 * could also feign properties and units, so ask for properties without free text only.
 */
export const parseSystemctlShow = (text: string): Record<string, string>[] => {
  const blocks: Map<string, string>[] = []
  let key: string | null = null
  let emptyLines = ''
  for (const line of text.split('\n')) {
    const [, name, first] = /^([A-Z][A-Za-z0-9]*)=(.*)$/s.exec(line) ?? []
    const block = blocks.at(-1)
    if (name !== undefined && first !== undefined) {
      if (block === undefined || emptyLines !== '') blocks.push(new Map([[name, first]]))
      else block.set(name, first)
      key = name
      emptyLines = ''
    } else if (line === '') {
      emptyLines += '\n'
    } else if (block !== undefined && key !== null) {
      block.set(key, `${block.get(key)}${emptyLines}\n${line}`)
      emptyLines = ''
    }
  }
  return blocks.map((properties) => Object.fromEntries(properties))
}

/** The properties `unitFacts` reads; none of them holds text a unit's author can shape beyond the unit's name. */
export const unitProperties = [
  'Id',
  'Names',
  'LoadState',
  'ActiveState',
  'SubState',
  'Result',
  'Type',
  'MainPID',
  'ControlPID',
  'ControlGroup',
  'InvocationID',
  'NRestarts',
  'ActiveEnterTimestampMonotonic',
  'InactiveEnterTimestampMonotonic',
  'Restart',
  'RestartUSec',
  'RestartSteps',
  'RestartMaxDelayUSec',
  'StartLimitIntervalUSec',
  'StartLimitBurst',
  'MemoryMax',
  'MemoryLimit',
  'MemoryHigh',
  'MemoryLow',
] as const

/**
 * One unit of systemd 241 to 260; properties it does not have read as "none". Their meaning:
 * org.freedesktop.systemd1(5).
 */
export const unitFacts = (block: Readonly<Record<string, string>>): UnitFacts => {
  const of = (name: (typeof unitProperties)[number]): string => block[name] ?? ''
  const id = of('Id')
  return {
    id,
    names: unquoted(of('Names'), id),
    loadState: of('LoadState'),
    activeState: of('ActiveState'),
    subState: of('SubState'),
    result: of('Result'),
    type: of('Type'),
    mainPid: positive(of('MainPID')),
    controlPid: positive(of('ControlPID')),
    controlGroup: of('ControlGroup') || null,
    invocationId: of('InvocationID') || null,
    restarts: positive(of('NRestarts')) ?? 0,
    activeSinceMonotonicUs: positive(of('ActiveEnterTimestampMonotonic')),
    inactiveSinceMonotonicUs: positive(of('InactiveEnterTimestampMonotonic')),
    restartSetting: of('Restart'),
    restartDelayUs: parseTimeSpan(of('RestartUSec')),
    restartSteps: whole(of('RestartSteps')) ?? 0,
    restartMaxDelayUs: parseTimeSpan(of('RestartMaxDelayUSec')),
    startLimitIntervalUs: parseTimeSpan(of('StartLimitIntervalUSec')),
    startLimitBurst: whole(of('StartLimitBurst')),
    // MemoryLimit is the same on cgroup v1, until systemd 257; where both are set MemoryMax counts.
    memoryMaxBytes: positive(of('MemoryMax')) ?? positive(of('MemoryLimit')),
    memoryHighBytes: positive(of('MemoryHigh')),
    memoryLowBytes: positive(of('MemoryLow')),
  }
}

/** Null for `infinity`, `[not set]`, and 2^64 - 1, as systemd before 236 printed "no limit". */
const whole = (text: string): number | null => {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(number) ? number : null
}

const positive = (text: string): number | null => whole(text) || null

/** `a.service "b\\x2dc.service"`: names apart by a space, those with a backslash in quotes and it doubled. */
const unquoted = (text: string, id: string): string[] => {
  const names = [...text.matchAll(/"((?:\\.|[^"\\])*)"|(\S+)/g)].map(
    ([, quoted, plain]) => quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '',
  )
  return [...new Set(id === '' ? names : [id, ...names])]
}
