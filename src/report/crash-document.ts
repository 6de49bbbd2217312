import type { CrashEvent } from '../core/crash-event.ts'
import { isoStamp } from '../core/stamp.ts'
import type { CrashReport } from './crash-text.ts'
import { reasonWords, safeLine, suspectWords } from './crash-words.ts'

/** `crash-report@1`. @param file where the report was written; null: nowhere */
export const crashBody = (report: CrashReport, file: string | null): Record<string, unknown> => {
  const { story, hostNow, ownActions } = report
  return {
    file,
    since: isoStamp(story.sinceMs),
    until: isoStamp(story.untilMs),
    events: story.events.map(eventBody),
    suspects: story.suspects.map((suspect) => ({
      name: suspect.name,
      kind: suspect.kind,
      score: suspect.score,
      why: suspect.reasons.map(reasonWords),
      message: suspectWords(suspect),
    })),
    sections: {
      sources: story.sources.map(({ isNeeded: _, ...one }) => one),
      warnings: [...story.warnings],
      hostNow: [...hostNow],
      ownActions: [...ownActions],
    },
  }
}

const eventBody = ({ atMs, oom, exitCode, message, ...event }: CrashEvent): Record<string, unknown> => ({
  at: atMs === null ? null : isoStamp(atMs),
  ...event,
  message: safeLine(message, 1000),
  ...(exitCode == null ? {} : { exitCode }),
  ...(oom === null
    ? {}
    : {
        scope: oom.scope,
        anonRssBytes: oom.anonRssBytes,
        totalVmBytes: oom.totalVmBytes,
        cgroup: oom.cgroup,
        limitBytes: oom.limitBytes,
        invokedBy: oom.invokedBy,
        tasks: oom.tasks,
      }),
})
