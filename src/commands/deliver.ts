import { clip } from '../core/escape.ts'
import type { Host } from '../host/host.ts'
import type { Delivery } from '../notify/notifier.ts'
import { answerOf, waitBefore } from '../plan/delivery.ts'

/** Null when it was told; else why not, one line without the address. */
export const deliver = async (
  host: Host,
  delivery: Delivery,
  label: string,
  remainingMs: () => number,
): Promise<string | null> => {
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
      const { outcome, detail } = await host.apply({ ...action, reason: 'there is news' })
      return outcome === 'failed' ? detail : null
    }
  }
}

const bounded = (remainingMs: () => number, mostMs: number): number =>
  Math.max(100, Math.min(mostMs, remainingMs()))

const post = async (
  host: Host,
  { url, headers, body }: Extract<Delivery, { by: 'http' }>,
  remainingMs: () => number,
): Promise<string | null> => {
  for (let tries = 1; ; tries++) {
    const sent = await host.net.http(
      { url },
      { method: 'POST', headers, body, timeoutMs: bounded(remainingMs, 8000), maxBodyBytes: 16_384 },
    )
    const answer =
      sent.kind === 'value'
        ? answerOf(sent.value.status, sent.value.headers)
        : {
            kind: 'again' as const,
            cause: sent.kind === 'failed' ? `${sent.cause}: ${clip(sent.detail, 120)}` : 'no network',
            afterMs: null,
          }
    if (answer.kind === 'told') return null
    // Who did not answer in time once will not in a second.
    const isSlow = sent.kind === 'failed' && sent.cause === 'timeout'
    const waitMs = answer.kind === 'final' || isSlow ? null : waitBefore(tries, answer.afterMs, remainingMs())
    if (waitMs === null) return answer.cause
    await host.timer(waitMs).done
  }
}

const mail = async (
  host: Host,
  to: string,
  text: string,
  remainingMs: () => number,
): Promise<string | null> => {
  const sent = await host.run(['sendmail', '-i', '--', to], {
    input: text,
    timeoutMs: bounded(remainingMs, 20_000),
  })
  if (sent.kind === 'absent') return 'sendmail is not here'
  if (sent.kind === 'failed')
    return sent.cause === 'tool-missing' ? 'sendmail is not installed' : `sendmail: ${sent.detail}`
  const { exitCode, stderr } = sent.value
  if (exitCode === 0) return null
  return `sendmail ended with ${exitCode}: ${clip(stderr.trim().split('\n')[0] ?? '', 120)}`
}
