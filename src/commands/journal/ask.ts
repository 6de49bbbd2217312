import type { JournalTraffic } from '../../core/journal.ts'
import { failed, flatMapReading, type Reading, value } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'
import {
  type AnnouncedCap,
  announcedCaps,
  countJournal,
  countSuppressed,
} from '../../parse/journal-counts.ts'
import { oldestEntryMs } from '../../parse/journal-header.ts'

const windowMinutes = 10
const maxEntries = 20_000
const maxOutputBytes = 16 * 1024 * 1024

/** Over the last ten minutes; fewer where more than 20,000 lines were written since. */
export const askTraffic = async (host: Host): Promise<Reading<JournalTraffic>> => {
  const [recent, dropped, header] = await Promise.all([
    journalctl(host, [
      `--since=-${windowMinutes}min`,
      `--lines=${maxEntries}`,
      '--output-fields=_SYSTEMD_UNIT,SYSLOG_IDENTIFIER,_TRANSPORT',
    ]),
    // SD_MESSAGE_JOURNAL_DROPPED of sd-messages.h.
    journalctl(host, ['--since=-24h', '--lines=5000', 'MESSAGE_ID=a596d6fe7bfa4994828e72309e95d61e']),
    journalctl(host, ['--header'], []),
  ])
  return flatMapReading(recent, (text) => {
    const { units, lines, firstAtMs, lastAtMs } = countJournal(text)
    const minutes =
      lines < maxEntries ? windowMinutes : Math.max(1 / 60, ((lastAtMs ?? 0) - (firstAtMs ?? 0)) / 60_000)
    return value({
      linesPerMinute: lines / minutes,
      loudest: units.slice(0, 5).map(({ unit, lines: count }) => ({ unit, linesPerMinute: count / minutes })),
      suppressed: dropped.kind === 'value' ? countSuppressed(dropped.value) : [],
      oldestAtMs: header.kind === 'value' ? oldestEntryMs(header.value) : null,
    })
  })
}

/** What journald has announced since then as its bounds; none where it announces nothing on a reload. */
export const askCaps = async (host: Host, sinceMs: number): Promise<AnnouncedCap[]> => {
  // SD_MESSAGE_JOURNAL_USAGE.
  const usage = 'MESSAGE_ID=ec387f577b844b8fa948f33cad9a75e6'
  const said = await journalctl(host, [`--since=@${Math.floor(sinceMs / 1000)}`, '--lines=20', usage])
  return said.kind === 'value' ? announcedCaps(said.value, sinceMs) : []
}

/** The version of systemd; null where it cannot be told. */
export const systemdVersion = async (host: Host): Promise<number | null> => {
  const answer = await host.run(['journalctl', '--version'])
  const [, version] = (answer.kind === 'value' && /^systemd (\d{1,4})\b/.exec(answer.value.stdout)) || []
  return version === undefined ? null : Number(version)
}

const journalctl = async (
  host: Host,
  args: readonly string[],
  output: readonly string[] = ['--output=json'],
): Promise<Reading<string>> => {
  const argv: [string, ...string[]] = ['journalctl', '--quiet', '--no-pager', ...output, ...args]
  const answer = await host.run(argv, { timeoutMs: 20_000, maxOutputBytes })
  if (answer.kind !== 'value') return answer
  const { exitCode, stdout, stderr } = answer.value
  if (exitCode === 0 || stdout !== '') return value(stdout)
  // Without a match it ends with 1 and is silent.
  if (stderr.trim() === '') return value('')
  const isDenied = /permission/i.test(stderr)
  return failed(isDenied ? 'denied' : 'io', 'journalctl', stderr.trim().split('\n')[0] ?? '')
}
