import { localStamp } from '../../core/stamp.ts'
import { formatDuration } from '../../core/units.ts'
import type { Host } from '../../host/host.ts'
import type { Verdict } from '../../report/doctor-text.ts'
import { critical, type Examination, fine, unknown, warning } from './examination.ts'
import { isInContainer, isThere } from './found.ts'

/** 2025-01-01T00:00:00Z: this program is younger. A board without a battery wakes up in 1970. */
const oldestPossibleMs = 1_735_689_600_000

/** Stamps of file servers and of two CPUs differ by a little. */
const toleranceMs = 60_000

export const clock: Examination = {
  name: 'clock',
  async examine({ host, global }) {
    const nowMs = host.now()
    if (nowMs < oldestPossibleMs)
      return [
        critical(
          `says ${localStamp(nowMs)}, which is before this program was made: growth and ages come out wrong`,
          'set it (timedatectl set-ntp true, or date -s)',
        ),
      ]
    const future = stampsInFuture(host, [global.stateDir, global.logDir], nowMs)
    return host.live ? [...future, await synchronised(host)] : future
  },
}

/** Our own files are newer than now: the clock was set back, or was ahead before. */
const stampsInFuture = (host: Host, folders: readonly string[], nowMs: number): Verdict[] => {
  let newestMs = 0
  for (const folder of folders) {
    const names = host.files.list(folder)
    for (const name of names.kind === 'value' ? names.value.slice(0, 1000) : []) {
      const info = host.files.info(`${folder}/${name}`)
      if (info.kind === 'value') newestMs = Math.max(newestMs, info.value.modifiedAtMs)
    }
  }
  if (newestMs <= nowMs + toleranceMs) return []
  const ahead = formatDuration((newestMs - nowMs) / 1000)
  return [
    warning(
      `state or logs were written ${ahead} in the future: the clock has been set back`,
      'if it is right now, go on: rates are measured anew from here',
    ),
  ]
}

const synchronised = async (host: Host): Promise<Verdict> => {
  if (isInContainer(host)) return fine("is the host's, as this is a container")
  // timedatectl asks the kernel (adjtimex), so it tells of chrony and ntpd too.
  const answer = await host.run(['timedatectl', 'show', '--property=NTPSynchronized', '--value'], {
    timeoutMs: 5000,
  })
  if (answer.kind === 'value' && answer.value.exitCode === 0)
    return answer.value.stdout.trim() === 'yes' ? fine('is synchronised by NTP') : adrift
  if (isThere(host, '/run/systemd/timesync/synchronized')) return fine('is synchronised by systemd-timesyncd')
  const chrony = await host.run(['chronyc', '-n', 'tracking'], { timeoutMs: 5000 })
  if (chrony.kind === 'value' && chrony.value.exitCode === 0)
    return /^Leap status\s*: Not synchronised/m.test(chrony.value.stdout)
      ? adrift
      : fine('is synchronised by chrony')
  if (answer.kind === 'failed' && answer.cause === 'timeout')
    return unknown('timedatectl does not answer', 'see systemctl status systemd-timedated')
  return fine('no tool here tells whether it is synchronised')
}

const adrift: Verdict = warning(
  'is not synchronised: stamps drift away from those of other hosts',
  'timedatectl set-ntp true, or install chrony',
)
