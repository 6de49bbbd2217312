import type { Scheduler } from '../core/scheduler.ts'
import { cronFileText, crontabLines, type Starter } from './cron-lines.ts'
import { withBlock, withoutBlock } from './crontab-block.ts'
import type { PlannedJob } from './schedule.ts'
import { sealOf } from './sealed-text.ts'
import { unitFiles } from './timer-units.ts'
import type { Surroundings } from './unit-limits.ts'

/** Where the lines or units go. */
export type Place = 'cron.d' | 'crontab' | 'timers'

/** Where each has what it starts. */
export const placesOf: Record<Scheduler, readonly Place[]> = {
  cron: ['cron.d', 'crontab'],
  systemd: ['timers'],
}

export const cronFolder = '/etc/cron.d'
export const cronFilePath = `${cronFolder}/oratio-health`

export interface UnitFound {
  name: string
  path: string
  text: string
}

export interface TimerState {
  isEnabled: boolean
  isActive: boolean
  needsReload: boolean
}

/** Why what is in the user's crontab is not known. */
export interface CrontabFault {
  /** The system's own. */
  words: string
  isDenied: boolean
  /** What we have put there, or may have, would stay, and cron would go on with it. */
  isInTheWay: boolean
}

/** What of a schedule is on this host, of root or of the user who runs this. */
export interface ScheduleFound {
  /** Of /etc/cron.d/oratio-health; null: not there, or not this user's business. */
  cronFile: string | null
  /** The user's own crontab; null: there is none, or none could be. */
  crontab: string | null
  /** Null: it is known. */
  crontabFault: CrontabFault | null
  unitFolder: string
  units: readonly UnitFound[]
  /** Of units of ours in `*.wants/`, by which systemd switches them on; what they lead to may be gone. */
  wants: readonly string[]
  /** By the timer's name; null: no systemd answers. */
  timers: ReadonlyMap<string, TimerState> | null
  /** Why one that runs does not answer; null: it does, or none is here. */
  managerFault: { words: string; mend: string } | null
}

export type ScheduleStep =
  /** Null is no file. */
  | { kind: 'file'; path: string; before: string | null; after: string | null }
  /** A symlink that goes. */
  | { kind: 'link'; path: string }
  | { kind: 'crontab'; before: string | null; after: string | null }
  /** `ended`: what they have started and still runs. */
  | { kind: 'timers'; to: 'on' | 'off' | 'ended'; timers: string[] }

export interface SchedulePlan {
  steps: ScheduleStep[]
  /** What a person should know. */
  notes: string[]
}

export interface Refusal {
  refusal: string
  mend: string
  /** For want of a right. */
  isDenied?: boolean
}

export interface ScheduleWish {
  place: Place
  jobs: readonly PlannedJob[]
  starter: Starter
  surroundings: Surroundings
  /** Also over what was changed by hand. */
  force: boolean
}

/** From what is there to what is wished for; what another scheduler has of ours goes last. No steps: nothing to do. */
export const planSchedule = (found: ScheduleFound, wish: ScheduleWish): SchedulePlan | Refusal => {
  const wanted = planOf[wish.place](found, wish)
  if ('refusal' in wanted) return wanted
  const rest = planRemoval(found, [wish.place])
  if ('refusal' in rest) return rest
  return { steps: [...wanted.steps, ...rest.steps], notes: [...wanted.notes, ...rest.notes] }
}

const planOf: Record<Place, (found: ScheduleFound, wish: ScheduleWish) => SchedulePlan | Refusal> = {
  'cron.d': ({ cronFile }, { jobs, starter, force }) => {
    const after = cronFileText(jobs, starter)
    return fileSteps([{ path: cronFilePath, before: cronFile, after }], force)
  },
  crontab: ({ crontab }, { jobs, starter, force }) => {
    const edit = withBlock(crontab, crontabLines(jobs, starter), force)
    if ('refusal' in edit) return edit
    return edit.text === crontab
      ? { steps: [], notes: [] }
      : { steps: [{ kind: 'crontab', before: crontab, after: edit.text }], notes: edit.notes }
  },
  timers: (found, { jobs, starter, surroundings, force }) => {
    const wanted = unitFiles(jobs, starter, surroundings)
    const files = fileSteps(
      wanted.map(({ name, content }) => ({
        path: `${found.unitFolder}/${name}`,
        before: found.units.find((unit) => unit.name === name)?.text ?? null,
        after: content,
      })),
      force,
    )
    if ('refusal' in files) return files
    const timers = wanted.map(({ name }) => name).filter(isTimer)
    const isOn = timers.every((name) => {
      const state = found.timers?.get(name)
      return state?.isEnabled === true && state.isActive && !state.needsReload
    })
    const obsolete = found.units.filter(
      ({ name, text }) => sealOf(text) !== 'foreign' && !wanted.some((unit) => unit.name === name),
    )
    const on: ScheduleStep[] = isOn && files.steps.length === 0 ? [] : [{ kind: 'timers', to: 'on', timers }]
    return { steps: [...files.steps, ...on, ...unitRemoval(obsolete, true)], notes: files.notes }
  },
}

const isTimer = (name: string): boolean => name.endsWith('.timer')

const fileSteps = (
  files: readonly { path: string; before: string | null; after: string }[],
  force: boolean,
): SchedulePlan | Refusal => {
  for (const { path, before } of files) {
    const seal = before === null ? 'intact' : sealOf(before)
    if (seal === 'foreign')
      return {
        refusal: `${path} was not written by oratio-health install, so it stays as it is`,
        mend: 'move it away',
      }
    if (seal === 'edited' && !force)
      return {
        refusal: `${path} was changed by hand`,
        mend: 'have it written anew: --force (--dry-run shows the difference); for units `systemctl edit` is the place for changes',
      }
  }
  return {
    steps: files
      .filter(({ before, after }) => before !== after)
      .map((file): ScheduleStep => ({ kind: 'file', ...file })),
    notes: [],
  }
}

/** All of ours but what is in `keep`. */
export const planRemoval = (found: ScheduleFound, keep: readonly Place[]): SchedulePlan | Refusal => {
  const steps: ScheduleStep[] = []
  const notes: string[] = []
  if (!keep.includes('cron.d') && found.cronFile !== null) {
    const seal = sealOf(found.cronFile)
    if (seal === 'foreign')
      notes.push(`${cronFilePath} was not written by oratio-health install, so it stays`)
    else steps.push({ kind: 'file', path: cronFilePath, before: found.cronFile, after: null })
    if (seal === 'edited') notes.push(`${cronFilePath} had been changed by hand`)
  }
  if (!keep.includes('crontab') && found.crontabFault !== null) {
    if (found.crontabFault.isInTheWay) return unknownCrontab(found.crontabFault)
    notes.push(
      `what is in the crontab is not known (${found.crontabFault.words}); lines of oratio-health in it, if there are any, stay`,
    )
  }
  if (!keep.includes('crontab') && found.crontab !== null) {
    const edit = withoutBlock(found.crontab)
    if (edit !== null && 'refusal' in edit) return edit
    if (edit !== null) {
      steps.push({ kind: 'crontab', before: found.crontab, after: edit.text === '' ? null : edit.text })
      notes.push(...edit.notes)
    }
  }
  if (!keep.includes('timers')) {
    const ours = found.units.filter(({ text }) => sealOf(text) !== 'foreign')
    const links = deadLinks(found, ours)
    if (found.managerFault !== null && ours.length + links.length > 0)
      return {
        refusal: `systemd does not answer (${found.managerFault.words}), and would go on with the timers of oratio-health`,
        mend: found.managerFault.mend,
      }
    steps.push(
      ...links.map((path): ScheduleStep => ({ kind: 'link', path })),
      ...unitRemoval(ours, found.timers !== null),
    )
    for (const { path, text } of found.units) {
      const seal = sealOf(text)
      if (seal === 'edited') notes.push(`${path} had been changed by hand`)
      if (seal === 'foreign') notes.push(`${path} was not written by oratio-health install, so it stays`)
    }
  }
  return { steps, notes }
}

const unknownCrontab = ({ words, isDenied }: CrontabFault): Refusal => ({
  refusal: `the crontab cannot be read (${words}), and cron would go on with what oratio-health has in it`,
  mend: isDenied
    ? 'add the name to /etc/cron.allow and run this again, or have root take the lines out: crontab -u NAME -e'
    : 'take the lines of oratio-health out of it (crontab -e), or mend it, then run this again',
  isDenied,
})

/** What leads to no unit, or soon to none: where a manager answers, it takes those of its units away itself. */
const deadLinks = ({ wants, units, timers }: ScheduleFound, ours: readonly UnitFound[]): string[] =>
  wants.filter((link) => {
    const isOf = ({ name }: UnitFound): boolean => link.endsWith(`/${name}`)
    return !units.some(isOf) || (timers === null && ours.some(isOf))
  })

/**
 * The services are removed last: as long as one of these files is there, the next run knows what is to be done. Without a
 * manager there is nothing to switch.
 */
const unitRemoval = (units: readonly UnitFound[], hasManager: boolean): ScheduleStep[] => {
  if (units.length === 0) return []
  const timers = units.map(({ name }) => name).filter(isTimer)
  const sorted = [...units.filter(({ name }) => isTimer(name)), ...units.filter(({ name }) => !isTimer(name))]
  const files = sorted.map(
    ({ path, text }): ScheduleStep => ({ kind: 'file', path, before: text, after: null }),
  )
  if (!hasManager) return files
  return [
    ...(timers.length === 0
      ? []
      : (['off', 'ended'] as const).map((to): ScheduleStep => ({ kind: 'timers', to, timers }))),
    ...files,
    { kind: 'timers', to: 'off', timers: [] },
  ]
}
