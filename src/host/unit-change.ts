import { existsSync } from 'node:fs'
import type { ActionResult, RestartUnitAction } from '../core/action.ts'
import { clip } from '../core/escape.ts'
import type { Reading } from '../core/reading.ts'
import { fullUnitName } from '../core/unit-name.ts'
import { parseSystemctlShow } from '../parse/systemctl-show.ts'
import type { Change } from './apply.ts'
import type { HostBase } from './base.ts'
import type { CommandRecord, Host } from './host.ts'
import { readKernelText } from './kernel-file.ts'

/** systemd's DefaultTimeoutStopSec. */
const usualTimeoutMs = 90_000
const showTimeoutMs = 10_000
/** A Type=simple unit counts as started before its program has done anything. */
const settleMs = 500

/**
 * `systemctl restart UNIT`, waited for: with `--no-block` a refusal or a failed start would be nobody's. When the time
 * is up the job goes on in systemd, and its state then is what is told. Done only when the unit is active afterwards,
 * or rests after a run that ended well (Type=oneshot).
 */
export const restartUnitChange = (action: RestartUnitAction, base: HostBase, run: Host['run']): Change => {
  const unit = fullUnitName(action.unit)
  return {
    words: `${verbOf(action)} unit ${unit}`,
    obstacle: () => {
      const why = refusalOf(unit, base)
      return why === null ? null : failure(why)
    },
    perform: () => restart({ ...action, unit }, run),
  }
}

const verbOf = ({ orReload }: RestartUnitAction): string =>
  orReload === true ? 'reload-or-restart' : 'restart'

const failure = (detail: string): ActionResult => ({ outcome: 'failed', detail })

/** systemd.unit(5). Without `*?[`, which systemctl would take for a pattern of many units. */
const serviceName = /^[\w:.\\][\w:.\\-]*(?:@[\w:.\\-]+)?\.service$/

/**
 * What takes the host or its users' sessions down when it is (re)started: never, whatever the config says. That only
 * services are taken keeps `reboot.target` and its like out.
 */
const neverRestarted =
  /^(?:systemd-(?:reboot|poweroff|halt|kexec|soft-reboot|suspend|hibernate|hybrid-sleep|suspend-then-hibernate|logind)|emergency|rescue|initrd-.*|dbus|dbus-broker|user@.*|user-runtime-dir@.*)\.service$/

const refusalOf = (unit: string, base: HostBase): string | null => {
  if (!serviceName.test(unit) || unit.length > 255) return 'that is no name of a service unit'
  if (neverRestarted.test(unit))
    return 'a restart of it would end the sessions of this host, or the host itself'
  // sd_booted(3).
  if (!existsSync(base.at('/run/systemd/system'))) return 'systemd does not run here'
  const own = readKernelText(base, '/proc/self/cgroup')
  const isOurs = own.kind === 'value' && own.value.split(/[\n/]/).includes(unit)
  return isOurs ? 'this program runs in it and would end with it' : null
}

const restart = async (action: RestartUnitAction, run: Host['run']): Promise<ActionResult> => {
  const { unit, timeoutMs = usualTimeoutMs } = action
  const ran = await run(['systemctl', '--no-ask-password', verbOf(action), '--', unit], { timeoutMs })
  if (ran.kind === 'absent') return failure('systemctl is not here')
  if (ran.kind === 'failed' && ran.cause !== 'timeout') return failure(`${ran.what}: ${ran.detail}`)
  await new Promise((resolve) => setTimeout(resolve, settleMs))
  const state = stateIn(await run(showCommand(unit), { timeoutMs: showTimeoutMs }))
  const why = whyNot(ran, timeoutMs)
  if (state === null) return failure(`${why === '' ? '' : `${why}; `}its state could not be asked`)
  if (why === '' && isWell(state)) return { outcome: 'done', detail: '' }
  const isRefused = ran.kind === 'value' && ran.value.exitCode !== 0
  // Late, and well all the same.
  if (!isRefused && state.ActiveState === 'active') return { outcome: 'done', detail: why }
  return failure(`${why === '' ? '' : `${why}; `}it is ${stateWords(state)}`)
}

const whyNot = (ran: Reading<CommandRecord>, timeoutMs: number): string => {
  if (ran.kind !== 'value') return `systemctl did not end within ${timeoutMs / 1000} s`
  const { exitCode, stderr } = ran.value
  return exitCode === 0 ? '' : (firstLine(stderr) ?? `systemctl ended with status ${exitCode}`)
}

const firstLine = (text: string): string | null => {
  const line = text.split('\n').find((one) => one.trim() !== '')
  return line === undefined ? null : clip(line.trim(), 200)
}

const showCommand = (unit: string): [string, ...string[]] => [
  'systemctl',
  'show',
  '--no-pager',
  '--property=ActiveState,SubState,Result,Type',
  '--',
  unit,
]

type UnitState = Record<'ActiveState' | 'SubState' | 'Result' | 'Type', string>

const stateIn = (shown: Reading<CommandRecord>): UnitState | null => {
  if (shown.kind !== 'value' || shown.value.exitCode !== 0) return null
  const block = parseSystemctlShow(shown.value.stdout)[0]
  const field = (name: string): string => block?.[name] ?? ''
  if (field('ActiveState') === '') return null
  return {
    ActiveState: field('ActiveState'),
    SubState: field('SubState'),
    Result: field('Result'),
    Type: field('Type'),
  }
}

const isWell = ({ ActiveState, Result, Type }: UnitState): boolean =>
  ActiveState === 'active' || (ActiveState === 'inactive' && Type === 'oneshot' && Result === 'success')

const stateWords = ({ ActiveState, SubState, Result }: UnitState): string => {
  const result = Result === '' || Result === 'success' ? '' : `, ${Result}`
  return clip(`${ActiveState} (${SubState}${result})`, 100)
}
