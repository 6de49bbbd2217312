import type { AlertLevel } from '../../core/page-data.ts'
import type { TroubleLevel, TroubleLine } from '../../parse/health-log.ts'
import type { ReportedAlert } from './report-facts.ts'

/** Seen again within this it is the same alert. */
const sameMs = 15 * 60_000
/** Of one service; what comes after is left out, and is not the page's trouble any more. */
const mostSpans = 5000

const levels: Readonly<Record<TroubleLevel, AlertLevel>> = {
  WARN: 'warning',
  CRIT: 'critical',
  ERROR: 'unknown',
}

/** Whose an alert is (null: the host's), and what about it. */
export interface Owner {
  service: string | null
  what: string
}

export interface AlertSpans {
  /** Another run of check begins: what is in the one before and in this one is one alert, however far they are apart. */
  run(): void
  add(line: TroubleLine): void
  /** By the service's name; of the host under null. */
  of(service: string | null): ReportedAlert[]
}

/** The problems that each run has written down, as times from when to when. */
export const makeAlertSpans = (ownerOf: (subject: string) => Owner): AlertSpans => {
  const open = new Map<string, { span: ReportedAlert; run: number }>()
  let run = 0
  const all = new Map<string | null, ReportedAlert[]>()
  return {
    run() {
      run++
    },
    add({ atMs, level, subject, fact }) {
      const key = `${level} ${subject}`
      const last = open.get(key)
      if (last !== undefined && atMs >= last.span.toMs) {
        const isSame = run - last.run <= 1 || atMs - last.span.toMs <= sameMs
        if (isSame) {
          last.span.toMs = atMs
          last.run = run
          return
        }
      }
      const { service, what } = ownerOf(subject)
      const span = { fromMs: atMs, toMs: atMs, level: levels[level], text: textOf(what, fact) }
      open.set(key, { span, run })
      const own = all.get(service)
      if (own && own.length < mostSpans) own.push(span)
      else if (own) return
      else all.set(service, [span])
    },
    of: (service) => [...(all.get(service) ?? [])].sort((a, b) => a.fromMs - b.fromMs),
  }
}

/** Without what to do about it, which is for the day it was written. */
const textOf = (what: string, fact: string): string =>
  `${what}: ${fact.split(' — ')[0]}`.slice(0, 100).replace(/[\ud800-\udbff]$/, '')

/** Whose a subject is: it begins with what is shown of a service's name, and a blank. The longest counts. */
export const subjectsOf = (
  names: readonly { shown: string; name: string }[],
): ((subject: string) => Owner) => {
  const known = [...names].sort((a, b) => b.shown.length - a.shown.length)
  const found = new Map<string, Owner>()
  return (subject) => {
    const before = found.get(subject)
    if (before !== undefined) return before
    const of = known.find(({ shown }) => subject.startsWith(`${shown} `))
    const owner: Owner =
      of === undefined
        ? { service: null, what: subject }
        : { service: of.name, what: subject.slice(of.shown.length + 1) }
    // Subjects hold names of others: as many as there are lines at worst.
    if (found.size < 10_000) found.set(subject, owner)
    return owner
  }
}
