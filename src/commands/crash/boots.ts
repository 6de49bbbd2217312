import { crashEvent } from '../../core/crash-event.ts'
import { localStamp } from '../../core/stamp.ts'
import { parseLast, uncleanBoots } from '../../parse/last.ts'
import { addEvents, type CrashSource, outcome } from './source.ts'

/** Boots that no shutdown came before, by wtmp. */
export const bootSource: CrashSource = async (gathering) => {
  const ran = await gathering.host.run(['last', '-x', '-F', '-n', '500', 'reboot', 'shutdown'], {
    timeoutMs: 1500,
  })
  if (ran.kind !== 'value') return
  const records = parseLast(ran.value.stdout)
  const unclean = uncleanBoots(records).map(({ atMs }) =>
    crashEvent('unclean-shutdown', 'wtmp', atMs, `no shutdown before the boot of ${localStamp(atMs)}`),
  )
  addEvents(gathering, unclean)
  if (records.length > 0) outcome(gathering, 'boots (wtmp)', records.length, true)
}

/** Bits of the Raspberry Pi's firmware, since the boot (vcgencmd get_throttled). */
const bits = [
  { bit: 16, kind: 'under-voltage', words: 'the supply fell below 4.63 V since the boot' },
  { bit: 19, kind: 'thermal', words: 'the soft temperature limit was reached since the boot' },
  { bit: 18, kind: 'thermal', words: 'the processor was throttled since the boot' },
] as const

export const raspberrySource: CrashSource = async (gathering) => {
  const text = gathering.host.files.readText('/sys/devices/platform/soc/soc:firmware/get_throttled')
  if (text.kind !== 'value') return
  const flags = Number.parseInt(text.value.trim(), 16)
  if (!Number.isSafeInteger(flags)) return
  const set = bits.filter(({ bit }) => (flags >> bit) & 1)
  addEvents(
    gathering,
    set.map(({ kind, words }) => crashEvent(kind, 'firmware', null, words)),
  )
  outcome(gathering, 'firmware', 1, true)
}
