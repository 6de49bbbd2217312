import type { Composition } from '../../core/composition.ts'
import type { CrashEvent } from '../../core/crash-event.ts'
import type { Growth } from '../../core/crash-story.ts'
import { attribute, baseOf } from '../../leak/attribution.ts'
import { culpritWords } from '../../report/attribution-text.ts'
import { loadCompositions } from '../../store/compositions.ts'
import { historyPath, readHistory } from '../../store/history-file.ts'
import { verdictOf } from '../../store/history-verdict.ts'
import type { RunContext } from '../command.ts'
import { suspectName } from './suspect-name.ts'

/**
 * Which services of the config grew before the first kill for memory, by what `check` has recorded until then; without a
 * kill, until now. Under the name that a suspect has: of the unit or the container.
 */
export const growthBefore = (
  { host, loaded, global }: RunContext,
  events: readonly CrashEvent[],
  containerNames: ReadonlyMap<string, string>,
): Growth[] => {
  const killedAtMs = events.find(({ kind, atMs }) => kind === 'oom-kill' && atMs !== null)?.atMs
  const untilMs = killedAtMs ?? host.now()
  return Object.entries(loaded?.config.services ?? {}).flatMap(([name, { target }]) => {
    const reading = readHistory(host.save, historyPath(global.stateDir, name), name, (file) =>
      verdictOf(file, untilMs, null),
    )
    if (reading.kind !== 'value') return []
    const { verdict, slopeBytesPerMinute, onsetAtMs } = reading.value
    if ((verdict !== 'leak' && verdict !== 'growing') || slopeBytesPerMinute === null) return []
    const seconds = onsetAtMs === null ? 0 : Math.max(0, (untilMs - onsetAtMs) / 1000)
    const recorded = loadCompositions(host.save, global.stateDir, name)
    return [
      {
        programs: target.type === 'process' || target.type === 'pidfile' ? programsOf(recorded) : [],
        name: suspectName(name, target, containerNames),
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
