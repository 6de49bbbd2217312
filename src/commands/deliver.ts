import { clip } from '../core/escape.ts'
import type { Host } from '../host/host.ts'
import type { Delivery } from '../notify/notifier.ts'
import { answerOf, isUntaken, passingStatuses, waitBefore } from '../plan/delivery.ts'

export interface Undone {
  /** Why it was not told, one line without the address or figures that differ from time to time. */
  cause: string
  /** It may be so until somebody changes something; else the next run may well have better luck. */
  isLasting: boolean
}

/** Null when it was told. */
export const deliver = async (
  host: Host,
  delivery: Delivery,
  label: string,
  remainingMs: () => number,
): Promise<Undone | null> => {
  switch (delivery.by) {
    case 'http':
      return post(host, delivery, remainingMs)
    case 'mail':
      return mail(host, delivery.to, delivery.text, remainingMs)
    case 'shell': {
      const { run: text, env, input } = delivery
      const action = {
        kind: 'run-shell' as const,
        label,
        text,
        env,
        input,
        timeoutMs: bounded(remainingMs, 30_000),
      }
      const { outcome, detail, cause = detail } = await host.apply({ ...action, reason: 'there is news' })
      return outcome === 'failed' ? { cause, isLasting: cause !== 'did not end in time' } : null
    }
  }
}

const bounded = (remainingMs: () => number, mostMs: number): number =>
  Math.max(100, Math.min(mostMs, remainingMs()))

const post = async (
  host: Host,
  { url, headers, body }: Extract<Delivery, { by: 'http' }>,
  remainingMs: () => number,
): Promise<Undone | null> => {
  for (let tries = 1; ; tries++) {
    const sent = await host.net.http(
      { url },
      { method: 'POST', headers, body, timeoutMs: bounded(remainingMs, 8000), maxBodyBytes: 16_384 },
    )
    if (sent.kind !== 'value') {
      const cause = sent.kind === 'failed' ? `${sent.cause}: ${clip(sent.detail, 120)}` : 'no network'
      const undone = { cause, isLasting: sent.kind === 'failed' && sent.cause === 'malformed' }
      const waitMs = sent.kind === 'failed' && isUntaken(sent) ? waitBefore(tries, null, remainingMs()) : null
      if (waitMs === null) return undone
      await host.timer(waitMs).done
      continue
    }
    const answer = answerOf(sent.value.status, sent.value.headers)
    if (answer.kind === 'told') return null
    const waitMs = answer.kind === 'final' ? null : waitBefore(tries, answer.afterMs, remainingMs())
    if (waitMs === null) return { cause: answer.cause, isLasting: answer.kind === 'final' }
    await host.timer(waitMs).done
  }
}

const mail = async (
  host: Host,
  to: string,
  text: string,
  remainingMs: () => number,
): Promise<Undone | null> => {
  const sent = await host.run(['sendmail', '-i', '--', to], {
    input: text,
    timeoutMs: bounded(remainingMs, 20_000),
  })
  if (sent.kind === 'absent') return { cause: 'sendmail is not here', isLasting: true }
  if (sent.kind === 'failed')
    return sent.cause === 'tool-missing'
      ? { cause: 'sendmail is not installed', isLasting: true }
      : { cause: `sendmail: ${sent.detail}`, isLasting: sent.cause !== 'timeout' && sent.cause !== 'io' }
  const { exitCode, stderr } = sent.value
  if (exitCode === 0) return null
  const said = clip(stderr.trim().split('\n')[0] ?? '', 120)
  return {
    cause: `sendmail ended with ${exitCode}: ${said}`,
    isLasting: exitCode !== null && !passingStatuses.includes(exitCode),
  }
}
