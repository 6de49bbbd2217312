/**
 * Answers after which the same request may well succeed: the server is busy, starting, full (507), asks for patience, or
 * what stands before it does not reach it (Cloudflare's 520 to 530). All others are final: the address, the form or the
 * permission is wrong, and asking again only annoys. So are 501 (it knows no POST) and 505 (nor this HTTP).
 */
const isRetriable = (status: number): boolean =>
  [408, 425, 429].includes(status) || (status >= 500 && status < 600 && status !== 501 && status !== 505)

export type Answer =
  | { kind: 'told' }
  | { kind: 'again'; cause: string; afterMs: number | null }
  | { kind: 'final'; cause: string }

/** What an HTTP answer means for a delivery. */
export const answerOf = (status: number, headers: Readonly<Record<string, string>>): Answer => {
  if (status >= 200 && status < 300) return { kind: 'told' }
  const cause = `status ${status}`
  if (isRetriable(status)) return { kind: 'again', cause, afterMs: retryAfterMs(headers['retry-after']) }
  // Not followed: the address is a secret, and so is what is sent to it.
  return { kind: 'final', cause: status >= 300 && status < 400 ? `${cause}: it redirects` : cause }
}

/** Seconds; a date is not worth waiting for in a run of a minute. */
const retryAfterMs = (header: string | undefined): number | null =>
  header !== undefined && /^\d{1,5}$/.test(header.trim()) ? Number(header) * 1000 : null

const waitsMs = [500, 2000] as const
const longestWaitMs = 5000

/** How long to wait before the next try, after `tries` of them; null: give up for this run. */
export const waitBefore = (tries: number, askedMs: number | null, remainingMs: number): number | null => {
  const usual = waitsMs[tries - 1]
  if (usual === undefined) return null
  const wait = Math.max(usual, askedMs ?? 0)
  return wait <= longestWaitMs && wait < remainingMs ? wait : null
}

/**
 * Did the request certainly not arrive? Then it may be sent again; after a time-out or a connection that broke the
 * server may have taken it, and would tell it twice. The names are Node's: refused, no route, no such name as yet.
 */
export const isUntaken = ({ cause, detail }: { cause: string; detail: string }): boolean =>
  cause === 'refused' || /\b(EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|ENOTFOUND)\b/.test(detail)

/**
 * How a sendmail ends when it may go better the next time (sysexits.h): EX_UNAVAILABLE, which msmtp gives for a server
 * that asks for patience too, EX_OSERR, EX_IOERR, EX_TEMPFAIL.
 */
export const passingStatuses: readonly number[] = [69, 71, 74, 75]
