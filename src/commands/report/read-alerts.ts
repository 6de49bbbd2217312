import { clip } from '../../core/escape.ts'
import { dayStamp, parseLocalStamp } from '../../core/stamp.ts'
import type { Host } from '../../host/host.ts'
import { readTroubleLine } from '../../parse/health-log.ts'
import { makeAlertSpans, subjectsOf } from '../../report/page/alert-spans.ts'
import type { ReportedAlert } from '../../report/page/report-facts.ts'
import { fitMiddle } from '../../report/width.ts'

export interface Alerts {
  of(service: string | null): ReportedAlert[]
  /** From when on they are known; null: there is no health log. */
  fromMs: number | null
  notes: string[]
}

/** Together; a log of a week of 50 services in trouble is some 50 MB. */
const [maxMs, maxFileBytes] = [20_000, 256 * 1024 * 1024]
/** As the lines of check have names (check-log.ts, sentence.ts). */
const nameCells = 80

/** The problems that the runs of `check` have written to the health logs since a time. */
export const readAlerts = async (
  host: Host,
  logDir: string,
  services: readonly string[],
  sinceMs: number,
): Promise<Alerts> => {
  const shown = services.map((name) => ({ shown: fitMiddle(name, nameCells), name }))
  const spans = makeAlertSpans(subjectsOf(shown))
  const listing = host.save.list(logDir)
  const names = listing.kind === 'value' ? listing.value : []
  const firstDay = `health_${dayStamp(sinceMs)}.log`
  const days = names.filter((name) => /^health_\d{8}\.log$/.test(name) && name >= firstDay).sort()
  const notes =
    listing.kind === 'failed' ? [`alerts are not known: ${logDir}: ${clip(listing.detail, 200)}`] : []
  let fromMs: number | null = null
  // The lines of a run have one stamp, and reading one costs more than the line.
  let [lastText, lastMs] = ['', null as number | null]
  const stampOf = (text: string): number | null => {
    if (text !== lastText) [lastText, lastMs] = [text, parseLocalStamp(text)]
    return lastMs
  }
  const endMs = host.elapsedMs() + maxMs
  for (const name of days) {
    const path = `${logDir}/${name}`
    const read = await host.logs.file(
      path,
      (line) => {
        if (line.startsWith('INFO check: ', 22)) spans.run()
        fromMs ??= parseLocalStamp(line.slice(1, 20))
        const trouble = readTroubleLine(line, stampOf)
        if (trouble !== null && trouble.atMs >= sinceMs) spans.add(trouble)
      },
      { maxMs: Math.max(0, endMs - host.elapsedMs()), maxBytes: maxFileBytes },
    )
    if (read.kind === 'failed') notes.push(`alerts of ${name} are not known: ${clip(read.detail, 200)}`)
    else if (read.kind === 'value' && !read.value.complete)
      notes.push(`alerts of ${name} are known in part: it is too long to be read as a whole`)
  }
  return { of: spans.of, fromMs, notes }
}
