import type { ActionResult, WriteCrontabAction } from '../core/action.ts'
import { clip } from '../core/escape.ts'
import type { Change } from './apply.ts'
import type { Host } from './host.ts'

const timeoutMs = 10_000

/** By crontab(1), which checks the text, tells cron, and is the only way for a user into the spool folder. */
export const writeCrontabChange = (action: WriteCrontabAction, run: Host['run']): Change => ({
  words:
    action.content === null
      ? 'remove the crontab'
      : `write the crontab (${Buffer.byteLength(action.content)} bytes)`,
  obstacle: () =>
    action.before === action.content ? { outcome: 'skipped', detail: 'it is so already' } : null,
  perform: async () => {
    const now = await run(['crontab', '-l'], { timeoutMs, maxOutputBytes: 4 * 1024 * 1024 })
    if (now.kind !== 'value') return failure(now.kind === 'absent' ? 'crontab is not here' : now.detail)
    // Status 1 is "no crontab for NAME".
    const text = now.value.exitCode === 0 ? now.value.stdout : null
    if (text !== action.before && text !== listed(action.before))
      return failure('somebody has changed the crontab meanwhile')
    const { content } = action
    const written =
      content === null
        ? await run(['crontab', '-r'], { timeoutMs })
        : await run(['crontab', '-'], { timeoutMs, input: content })
    if (written.kind !== 'value')
      return failure(written.kind === 'absent' ? 'crontab is not here' : written.detail)
    const { exitCode, stderr } = written.value
    return exitCode === 0 ? { outcome: 'done', detail: '' } : failure(wordsOf(stderr, exitCode))
  },
})

/** Debian's `crontab -l` prints a CR as the two characters `\\r`; observe.ts has read the true text. */
const listed = (text: string | null): string | null => (text === null ? null : text.replaceAll('\r', '\\r'))

const wordsOf = (stderr: string, status: number | null): string =>
  clip(stderr.trim().split('\n').join('; '), 300) || `crontab ended with status ${status}`

const failure = (detail: string): ActionResult => ({ outcome: 'failed', detail })
