import { failed } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'
import { linesOf } from '../../parse/stamped-lines.ts'
import { lineMatcher } from './log-lines.ts'
import {
  answeredWell,
  type HttpProbe,
  notTried,
  type Outcome,
  type ProbeKind,
  type Question,
  unanswered,
  wrong,
} from './probe.ts'
import { addressProblem, credentialsOf, shownAddress } from './web.ts'

/** JSON often comes as one line. */
const longestLine = 64 * 1024

/** A GET request; a redirect is an answer like any other and not followed. */
export const http: ProbeKind<HttpProbe> = {
  item: (probe) => {
    const shown = shownAddress(probe.http)
    return shown.includes('://') ? shown : `http ${shown}`
  },

  async ask({ host, timeoutMs }: Question, probe): Promise<Outcome> {
    const problem = addressProblem(probe.http)
    if (problem !== null && problem.kind !== 'value') return notTried(problem)
    const credentials = credentialsOf(host, probe)
    if (credentials.kind !== 'value') return notTried(credentials)
    const answer = await host.net.http({ url: probe.http }, { ...credentials.value, timeoutMs })
    return answer.kind === 'value' ? judge(host, probe, answer.value) : unanswered(answer)
  },
}

const judge = (
  host: Host,
  { expect }: HttpProbe,
  { status, body, truncated }: { status: number; body: string; truncated: boolean },
): Outcome => {
  const isWanted = expect.status === null ? status >= 200 && status <= 299 : status === expect.status
  if (!isWanted) return wrong('status', { status, wantedStatus: expect.status })
  if (expect.body === null) return answeredWell({ status })
  const { found, isCut } = search(host, body, expect.body)
  if (found === null) return notTried(failed('io', '', 'its expression takes too long on this answer'))
  if (found) return answeredWell({ status })
  return wrong('body', { status, wantedBody: expect.body, isCut: isCut || truncated ? 1 : 0 })
}

/**
 * For text, or for `/regular expression/` in a line, as grep(1) has it; null when the time was up before it was found.
 * `isCut`: only the beginning of a line was looked through.
 */
const search = (host: Host, body: string, wanted: string): { found: boolean | null; isCut: boolean } => {
  if (!/^\/.+\/$/s.test(wanted)) return { found: body.includes(wanted), isCut: false }
  const matches = lineMatcher(host, wanted.slice(1, -1), longestLine)
  let isCut = false
  for (const line of linesOf(body)) {
    if (matches(line)) return { found: true, isCut }
    isCut ||= line.length > longestLine
  }
  return { found: matches.passedOver() ? null : false, isCut }
}
