import { exitCode } from './core/errors.ts'
import type { Host, HostOutput } from './host/host.ts'
import { documentHead, documentText } from './report/document-head.ts'
import { errorText } from './report/error-text.ts'
import { speller } from './report/glyphs.ts'

interface Run {
  json: boolean
  version: string
  /** Of this machine, also where another's capture was to be looked at. */
  hostname: string
  startedAtMs: number
  finishedAtMs: number
}

/** The one place where an error becomes words, or with --json a document; returns the exit status. */
export const reportError = async (
  error: unknown,
  run: Run,
  out: HostOutput,
  env: Host['env'],
): Promise<number> => {
  const { text, code, message, mend } = errorText(error)
  if (!run.json) {
    out.stderr((await speller(env))(text))
    return code
  }
  const head = documentHead({
    schema: 'error@1',
    version: run.version,
    hostname: run.hostname,
    startedAtMs: run.startedAtMs,
    finishedAtMs: run.finishedAtMs,
    status: code === exitCode.unknown ? 'unknown' : 'critical',
    exitCode: code,
  })
  out.stdout(documentText({ ...head, error: { message, mend } }))
  return code
}
