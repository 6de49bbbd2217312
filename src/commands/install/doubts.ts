import type { LoadedConfig } from '../../config/config.ts'
import { distrustOf } from '../../config/trust.ts'
import type { Host } from '../../host/host.ts'
import type { Place } from '../../plan/schedule-steps.ts'
import type { Verdict } from '../../report/doctor-text.ts'
import type { RunContext } from '../command.ts'
import { cron } from '../doctor/cron.ts'
import { isThere } from '../doctor/found.ts'
import { timersTellNobody } from '../doctor/mail.ts'
import { readSchedule } from '../doctor/read-schedule.ts'
import { schedule } from '../doctor/schedule.ts'

/** What will end the schedule one day, or hand root to others. */
export const programNotes = (host: Host, program: readonly string[]): string[] =>
  program.flatMap((path) => {
    if (/\/_npx\//.test(path))
      return [`${path} is in npx's cache, which is emptied some day: npm install -g oratio-health`]
    if (/^\/(tmp|var\/tmp|dev\/shm)\//.test(path))
      return [`${path} is in a temporary folder: install the program elsewhere`]
    const distrust = host.uid === 0 ? distrustOf(host, path) : null
    return distrust === null ? [] : [`${distrust.message}; ${distrust.mend}`]
  })

/** What doctor says of the installed schedule, and what keeps a user's timers from running; and what is only worth a word. */
export const afterwards = async (
  { host, global }: RunContext,
  loaded: LoadedConfig,
  place: Place,
): Promise<{ doubts: string[]; words: string[] }> => {
  const subject = {
    host,
    global,
    config: { kind: 'loaded' as const, loaded },
    schedule: await readSchedule(host),
  }
  const examinations = place === 'timers' ? [schedule] : [cron, schedule]
  const verdicts = (await Promise.all(examinations.map((one) => one.examine(subject)))).flat()
  return {
    doubts: [...told(verdicts), ...(await lingerNotes(host, place))],
    // Whom to tell is asked for once it runs: the schedule is none the worse.
    words: place === 'timers' ? told(timersTellNobody(subject)) : [],
  }
}

const told = (verdicts: readonly Verdict[]): string[] =>
  verdicts
    .filter(({ status }) => status !== 'ok')
    .map(({ message, mend }) => (mend === null ? message : `${message}; ${mend}`))

/** logind ends a user's systemd, and its timers, with the last session. */
const lingerNotes = async (host: Host, place: Place): Promise<string[]> => {
  if (place !== 'timers' || host.uid === 0) return []
  const answer = await host.run(['id', '-un'], { timeoutMs: 5000 })
  const name = answer.kind === 'value' && answer.value.exitCode === 0 ? answer.value.stdout.trim() : null
  return name === null || isThere(host, `/var/lib/systemd/linger/${name}`)
    ? []
    : [`these timers run only while ${name} is logged in; for always: loginctl enable-linger ${name}`]
}
