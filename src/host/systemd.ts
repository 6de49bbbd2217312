import { existsSync } from 'node:fs'
import type { UnitFacts } from '../core/facts.ts'
import { absent, failed, flatMapReading, type Reading, value } from '../core/reading.ts'
import { parseSystemctlShow, unitFacts, unitProperties } from '../parse/systemctl-show.ts'
import type { HostBase } from './base.ts'
import { readCaptured } from './captured.ts'
import type { CommandRecord, Host, HostSystemd } from './host.ts'

// 500 units of 20 properties are 300 kB.
const maxOutputBytes = 8 * 1024 * 1024
const timeoutMs = 10_000

/** Service units of the system's manager, by one `systemctl show` for all of them; users' managers are not asked. */
export const makeSystemd = (base: HostBase, run: Host['run']): HostSystemd => ({
  async units() {
    if (!base.live) return flatMapReading(readCaptured(base, 'systemctl-show.txt', maxOutputBytes), readUnits)
    // sd_booted(3): the folder is there when, and only when, systemd is the init.
    if (!existsSync('/run/systemd/system')) return absent('systemd')
    const properties = `--property=${unitProperties.join(',')}`
    const shown = await run(['systemctl', '--no-pager', 'show', '*.service', properties], {
      timeoutMs,
      maxOutputBytes,
    })
    return flatMapReading(shown, unitsOf)
  },
})

const unitsOf = ({ exitCode, stdout, stderr, truncated }: CommandRecord): Reading<UnitFacts[]> => {
  if (exitCode !== 0) {
    const words = stderr.trim().split('\n')[0] ?? ''
    const cause = /denied|permit/i.test(words) ? 'denied' : /timed out/i.test(words) ? 'timeout' : 'refused'
    return failed(cause, 'systemctl show', words || `ended with ${exitCode}`)
  }
  return truncated ? failed('malformed', 'systemctl show', 'answered more than 8 MiB') : readUnits(stdout)
}

const readUnits = (text: string): Reading<UnitFacts[]> => {
  const units = parseSystemctlShow(text)
    .map(unitFacts)
    .filter((unit): unit is UnitFacts => unit !== null)
  // A running systemd has services; none at all is an answer that was not understood.
  return units.length === 0 ? failed('malformed', 'systemctl show', 'listed no unit') : value(units)
}
