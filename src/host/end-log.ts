import type { EndProcessesAction } from '../core/action.ts'
import { escapeControl } from '../core/escape.ts'
import type { LogLine } from '../core/log-line.ts'
import { formatBytes, formatDuration } from '../core/units.ts'
import type { Member, Roster } from './roster.ts'

/** A fork storm may have more, and the log is for people. */
const mostLines = 1000

/** Who is to end, one by one, for before anything is sent: what somebody asks for who misses a process the day after. */
export const toEndLines = ({ processes, figures }: EndProcessesAction): LogLine[] =>
  bounded(
    processes.map(({ pid, words }) => {
      const { ageSeconds = null, memoryBytes = null } = figures?.get(pid) ?? {}
      const told = [
        ...(ageSeconds === null ? [] : [`age ${formatDuration(ageSeconds)}`]),
        ...(memoryBytes === null ? [] : [formatBytes(memoryBytes)]),
      ]
      const inBrackets = told.length === 0 ? '' : ` (${told.join(', ')})`
      return { level: 'INFO', text: `to end: ${pid}${inBrackets} ${escapeControl(words)}` }
    }),
  )

/** What became of each, newcomers too; first who has not ended, so that none of these is beyond the bound. */
export const endedLines = ({ members }: Roster): LogLine[] => {
  const all = [...members.values()]
  const isLeft = ({ end }: Member): boolean => outcomes[end ?? 'untouched'].level === 'WARN'
  return bounded(
    [...all.filter(isLeft), ...all.filter((one) => !isLeft(one))].map((member) => {
      const { level, text } = outcomes[member.end ?? 'untouched']
      return { level, text: `${text}: ${member.pid}${stateOf(member)} ${escapeControl(member.words)}` }
    }),
  )
}

/** A process in the cgroup-v1 freezer is shown as D too. */
const stateOf = ({ end, state }: Member): string => (end === 'survived' ? ` (state ${state})` : '')

const outcomes: Record<NonNullable<Member['end']> | 'untouched', LogLine> = {
  exited: { level: 'INFO', text: 'ended by SIGTERM' },
  killed: { level: 'INFO', text: 'ended by SIGKILL' },
  gone: { level: 'INFO', text: 'had ended by itself' },
  changed: { level: 'INFO', text: 'left alone, its pid is another process by now' },
  survived: { level: 'WARN', text: 'still there after SIGKILL' },
  denied: { level: 'WARN', text: 'may not be signalled' },
  protected: { level: 'WARN', text: 'never to be signalled' },
  untouched: { level: 'WARN', text: 'nothing was sent' },
}

const bounded = (lines: LogLine[]): LogLine[] => {
  const more = lines.length - mostLines
  return more <= 0 ? lines : [...lines.slice(0, mostLines), { level: 'INFO', text: `and ${more} more` }]
}
