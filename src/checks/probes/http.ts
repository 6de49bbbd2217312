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

/** How much of a body a regular expression is tried on: its time may grow with the square of that. */
const regexReach = 64 * 1024

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
    return answer.kind === 'value' ? judge(probe, answer.value) : unanswered(answer)
  },
}

const judge = (
  { expect }: HttpProbe,
  { status, body, truncated }: { status: number; body: string; truncated: boolean },
): Outcome => {
  const isWanted = expect.status === null ? status >= 200 && status <= 299 : status === expect.status
  if (!isWanted) return wrong('status', { status, wantedStatus: expect.status })
  if (expect.body === null || holds(body, expect.body)) return answeredWell({ status })
  const isCut = truncated || (isRegex(expect.body) && body.length > regexReach)
  return wrong('body', { status, wantedBody: expect.body, isCut: isCut ? 1 : 0 })
}

const isRegex = (wanted: string): boolean => /^\/.+\/$/s.test(wanted)

/** Text, or `/regular expression/`, whose `^` and `$` are those of a line, as grep(1) has it. */
const holds = (body: string, wanted: string): boolean =>
  isRegex(wanted)
    ? new RegExp(wanted.slice(1, -1), 'm').test(body.slice(0, regexReach))
    : body.includes(wanted)
