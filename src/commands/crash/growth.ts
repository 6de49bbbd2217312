import type { Composition } from '../../core/composition.ts'
import type { CrashEvent } from '../../core/crash-event.ts'
import type { Growth } from '../../core/crash-story.ts'
import { attribute, baseOf } from '../../leak/attribution.ts'
import { culpritWords } from '../../report/attribution-text.ts'
import { loadCompositions } from '../../store/compositions.ts'
import { historyPath, readHistory } from '../../store/history-file.ts'
import { verdictOf } from '../../store/history-verdict.ts'
import type { RunContext } from '../command.ts'
import type { NamedService } from './suspect-name.ts'

/** Of a service that is killed every minute. */
const most = 5

/**
 * Which services of the config grew before a kill for memory, by what `check` has recorded until then; without a kill,
 * until now. Under the name that a suspect has: of the unit or the container.
 */
export const growthBefore = (
  { host, global }: Pick<RunContext, 'host' | 'global'>,
  events: readonly CrashEvent[],
  services: readonly NamedService[],
): Growth[] => {
  const kills = events.flatMap(({ kind, atMs }) => (kind === 'oom-kill' && atMs !== null ? [atMs] : []))
  // The newest first: before the first one nothing may have been recorded yet.
  const moments = kills.length === 0 ? [host.now()] : [...new Set(kills)].sort((a, b) => b - a).slice(0, most)
  return services.flatMap(({ service, target, name }) => {
    const reading = readHistory(host.save, historyPath(global.stateDir, service), service, (file) => {
      for (const untilMs of moments) {
        const found = verdictOf(file, untilMs, null)
        if (found.verdict === 'leak' || found.verdict === 'growing') return { ...found, untilMs }
      }
      return null
    })
    if (reading.kind !== 'value' || reading.value === null) return []
    const { slopeBytesPerMinute, onsetAtMs, untilMs } = reading.value
    if (slopeBytesPerMinute === null) return []
    const seconds = onsetAtMs === null ? 0 : Math.max(0, (untilMs - onsetAtMs) / 1000)
    const recorded = loadCompositions(host.save, global.stateDir, service)
    return [
      {
        ...(target.type === 'process' || target.type === 'pidfile'
          ? { programs: programsOf(recorded), pids: pidsOf(recorded) }
          : { programs: [], pids: [] }),
        ...{ name, service },
        bytesPerMinute: slopeBytesPerMinute,
        seconds,
        culprit: culpritBefore(recorded, untilMs, onsetAtMs),
      },
    ]
  })
}

/** The kernel cuts a name to 15 bytes. */
const programsOf = (recorded: readonly Composition[]): string[] => [
  ...new Set(
    recorded.flatMap(({ names }) => names.map(({ name }) => (name.split(' ', 1)[0] ?? name).slice(0, 15))),
  ),
]

const pidsOf = (recorded: readonly Composition[]): number[] => [
  ...new Set(recorded.flatMap(({ largest }) => largest.map(({ pid }) => pid))),
]

/** By the last look at its parts before the kill, which may be older than the last sample. */
const culpritBefore = (
  recorded: readonly Composition[],
  untilMs: number,
  onsetAtMs: number | null,
): string | null => {
  const last = recorded.findLast(({ atMs }) => atMs <= untilMs)
  const base = last === undefined ? null : baseOf(recorded, last, onsetAtMs)
  return last === undefined || base === null ? null : culpritWords(attribute(base, last))
}
