import { clip } from '../core/escape.ts'
import type { UnitFacts } from '../core/facts.ts'
import { absent, type Failed, type FailureCause, failed, type Reading, value } from '../core/reading.ts'
import { fullUnitName } from '../core/unit-name.ts'
import { parseSystemctlShow, unitFacts, unitProperties } from '../parse/systemctl-show.ts'
import type { HostBase } from './base.ts'
import { readCaptured } from './captured.ts'
import type { CommandRecord, Host, HostSystemd } from './host.ts'
import { systemdRuns } from './systemd-runs.ts'

/** Under heavy swapping, when it matters most, systemctl needs seconds; a healthy one answers in under 0.2 s. */
const defaultTimeoutMs = 20_000
/** 20,000 units. */
const maxOutputBytes = 16 * 1024 * 1024

/**
 * The system's service units by one `systemctl show`; users' own managers are not asked. Captured:
 * `cmd/systemctl-show.txt`.
 */
export const makeSystemd = (
  base: HostBase,
  run: Host['run'],
  timeoutMs: number = defaultTimeoutMs,
): HostSystemd => ({
  async units(alsoNamed = []) {
    if (!base.live) {
      const text = readCaptured(base, 'systemctl-show.txt', maxOutputBytes)
      if (text.kind !== 'value') return text.kind === 'absent' ? absent('systemd') : text
      return unitsIn(text.value, 'cmd/systemctl-show.txt', 'lists no unit')
    }
    if (!systemdRuns(base)) return absent('systemd')
    const answer = await run(showCommand(alsoNamed), { timeoutMs, maxOutputBytes })
    if (answer.kind === 'absent') return absent('systemd')
    return answer.kind === 'value' ? unitsOf(answer.value) : answer
  },
})

/**
 * The pattern finds what systemd has loaded; `--all` adds inactive units, and properties that are empty. A name
 * without pattern characters is loaded for the question; one that no unit can have would fail the whole command, so
 * it is left out.
 */
const showCommand = (alsoNamed: readonly string[]): [string, ...string[]] => [
  'systemctl',
  'show',
  '--all',
  '--no-pager',
  `--property=${unitProperties.join(',')}`,
  '--',
  '*.service',
  ...alsoNamed.map(fullUnitName).filter((name) => possibleName.test(name) && name.length < 256),
]

/** systemd.unit(5); a template (`x@.service`) is no unit. */
const possibleName = /^[\w:.\\-]+(?:@[\w:.\\@-]+)?\.[a-z]+$/

const unitsOf = ({ exitCode, stdout, stderr, truncated }: CommandRecord): Reading<UnitFacts[]> => {
  if (exitCode !== 0) return refusal(stderr)
  if (truncated) return failed('malformed', 'systemctl', 'listed more units than can be')
  return unitsIn(stdout, 'systemctl', firstLine(stderr) ?? 'listed no unit')
}

/** systemd always has services; where systemctl sees a chroot it prints none and ends with 0. */
const unitsIn = (text: string, what: string, ifNone: string): Reading<UnitFacts[]> => {
  const units = new Map<string, UnitFacts>()
  for (const block of parseSystemctlShow(text)) {
    const unit = unitFacts(block)
    if (unit.id !== '') units.set(unit.id, unit)
  }
  return units.size > 0 ? value([...units.values()]) : failed('malformed', what, ifNone)
}

/** What systemctl says on stderr, in the C locale. */
const causes: [RegExp, FailureCause][] = [
  [/permission denied|access denied|operation not permitted/i, 'denied'],
  [/timed out|timeout/i, 'timeout'],
  [
    /failed to connect to bus|connection refused|not been booted|no such file|connection reset|disconnected/i,
    'refused',
  ],
]

const refusal = (stderr: string): Failed => {
  const cause = causes.find(([words]) => words.test(stderr))?.[1] ?? 'io'
  return failed(cause, 'systemctl', firstLine(stderr) ?? 'failed and did not say why')
}

const firstLine = (text: string): string | null => {
  const line = text.split('\n').find((one) => one.trim() !== '')
  return line === undefined ? null : clip(line.trim(), 200)
}
