import { clip } from '../../core/escape.ts'
import { absent, failed, type Reading, value } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'
import { hasMark } from '../../plan/crontab-block.ts'

export interface CrontabRead {
  /** To the byte, null: there is none. `absent`: crontab(1) is not installed. */
  crontab: Reading<string | null>
  /** A block of ours is in it, or would not be seen. */
  mayHaveBlock: boolean
}

/** `crontab -l` ends with 1 both without a crontab and where cron.allow forbids it; the words tell. */
export const readCrontab = async (host: Host): Promise<CrontabRead> => {
  const answer = await host.run(['crontab', '-l'], bounds)
  if (answer.kind === 'failed' && answer.cause === 'tool-missing') return none(absent('crontab'))
  if (answer.kind !== 'value') return unseen(answer)
  const { exitCode: status, stdout, stderr, truncated } = answer.value
  if (truncated) return unseen(failed('malformed', 'the crontab', 'is larger than 4 MiB'))
  if (status === 0) return { crontab: await trueText(host, stdout), mayHaveBlock: hasMark(stdout) }
  const words = clip(stderr.trim().split('\n')[0] ?? '', 200)
  if (isNone.test(words)) return none(value(null))
  return unseen(
    failed(
      /not allowed|denied|authori[sz]ed/i.test(words) ? 'denied' : 'io',
      'crontab',
      words || `ended with status ${status}`,
    ),
  )
}

/** The last is busybox'. */
const isNone = /no f?crontab|can't (?:open|change directory to) .*no such file/i

const none = (crontab: Reading<null>): CrontabRead => ({ crontab, mayHaveBlock: false })
const unseen = (crontab: Reading<null>): CrontabRead => ({ crontab, mayHaveBlock: true })

const bounds = { timeoutMs: 10_000, maxOutputBytes: 4 * 1024 * 1024 }

/** Debian's `crontab -l` prints a CR as the two characters `\\r`, as which it would be written back; an editor gets the CR. */
const trueText = async (host: Host, listed: string): Promise<Reading<string>> => {
  if (listed.includes('\ufffd'))
    return failed('malformed', 'the crontab', 'is not UTF-8, so it could not be written back to the byte')
  if (!listed.includes('\\r')) return value(listed)
  const answer = await host.run(['env', 'VISUAL=cat', 'EDITOR=cat', 'crontab', '-e'], bounds)
  const text = answer.kind === 'value' ? answer.value.stdout : ''
  if (text === listed || text.replaceAll('\r', '\\r') === listed) return value(text)
  return failed('malformed', 'the crontab', 'may have CR line ends, and could not be read to the byte')
}
