import type { UnitFacts } from '../core/facts.ts'

/** What is asked of each unit. `MemoryLimit` is the name of `MemoryMax` on cgroup v1. */
export const unitProperties = [
  'Id',
  'Names',
  'LoadState',
  'ActiveState',
  'SubState',
  'Result',
  'Type',
  'MainPID',
  'ControlGroup',
  'InvocationID',
  'NRestarts',
  'ActiveEnterTimestampMonotonic',
  'Restart',
  'RestartUSec',
  'StartLimitIntervalUSec',
  'StartLimitBurst',
  'MemoryMax',
  'MemoryHigh',
  'MemoryLimit',
] as const

/**
 * Output of `systemctl show PATTERN`: blocks of `Key=value`, an empty line between units. Values may hold `=`; a line
 * without one continues nothing that is asked for here and is left out. A key given twice keeps its last value.
 */
export const parseSystemctlShow = (text: string): ReadonlyMap<string, string>[] =>
  text
    .split(/\n{2,}/)
    .map((block) => new Map(block.split('\n').flatMap(keyAndValue)))
    .filter((block) => block.size > 0)

const keyAndValue = (line: string): [string, string][] => {
  const equals = line.indexOf('=')
  return equals > 0 ? [[line.slice(0, equals), line.slice(equals + 1)]] : []
}

/** One unit; null for a block without a name. What an older systemd does not know has its default. */
export const unitFacts = (block: ReadonlyMap<string, string>): UnitFacts | null => {
  const of = (key: string): string => block.get(key) ?? ''
  const id = of('Id')
  if (id === '') return null
  return {
    id,
    names: of('Names').split(' ').filter(Boolean),
    loadState: of('LoadState'),
    activeState: of('ActiveState'),
    subState: of('SubState'),
    result: of('Result'),
    type: of('Type'),
    mainPid: whole(of('MainPID')) || null,
    controlGroup: of('ControlGroup') || null,
    invocationId: of('InvocationID') || null,
    restarts: whole(of('NRestarts')) ?? 0,
    activeSinceMonotonicUs: whole(of('ActiveEnterTimestampMonotonic')) || null,
    restartSetting: of('Restart'),
    restartDelayUs: timeSpanUs(of('RestartUSec')),
    startLimitIntervalUs: timeSpanUs(of('StartLimitIntervalUSec')),
    startLimitBurst: whole(of('StartLimitBurst')),
    memoryMaxBytes: memoryBytes(of('MemoryMax')) ?? memoryBytes(of('MemoryLimit')),
    memoryHighBytes: memoryBytes(of('MemoryHigh')),
  }
}

const whole = (text: string): number | null => (/^\d{1,15}$/.test(text) ? Number(text) : null)

/** `infinity`, or 2^64 - 1 as systemd before 240 prints it, is no limit. */
const memoryBytes = (text: string): number | null => whole(text)

const microsecondsPer: Readonly<Record<string, number>> = {
  us: 1,
  ms: 1e3,
  s: 1e6,
  min: 6e7,
  h: 3.6e9,
  d: 8.64e10,
  w: 6.048e11,
  // systemd's month and year (systemd.time(7)): 30.44 and 365.25 days.
  month: 2.630016e12,
  y: 3.15576e13,
}

/** `1min 30s`, `100ms`, `0` → microseconds; null for `infinity` and what is no time span. */
export const timeSpanUs = (text: string): number | null => {
  if (text === '0') return 0
  let total = 0
  for (const part of text.split(' ')) {
    const match = /^(\d{1,15}(?:\.\d+)?)([a-z]+)$/.exec(part)
    const factor = microsecondsPer[match?.[2] ?? '']
    if (match === null || factor === undefined) return null
    total += Number(match[1]) * factor
  }
  return Math.round(total)
}
