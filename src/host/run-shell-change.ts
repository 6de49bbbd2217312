import type { ActionResult, RunShellAction } from '../core/action.ts'
import { clip } from '../core/escape.ts'
import type { Reading } from '../core/reading.ts'
import type { Change } from './apply.ts'
import type { HostBase } from './base.ts'
import type { ShellRecord } from './shell.ts'

const maxOutputBytes = 64 * 1024

export const runShellChange = (action: RunShellAction, base: HostBase): Change => ({
  words: `run the ${action.label}`,
  obstacle: () => null,
  // Loaded late: it asks for Node's crypto, which is slow to load.
  perform: async () => {
    const { runShell } = await import('./shell.ts')
    return outcomeOf(await runShell(base, { ...action, maxOutputBytes }), action.timeoutMs)
  },
})

const outcomeOf = (ran: Reading<ShellRecord>, timeoutMs: number): ActionResult => {
  if (ran.kind === 'absent') return { outcome: 'failed', detail: 'there is no bash', cause: 'no bash' }
  if (ran.kind === 'failed')
    return { outcome: 'failed', detail: `${ran.what} ${ran.detail}`, cause: ran.cause }
  const { exitCode, signal, isLate, stdout, stderr } = ran.value
  const output = [stdout, stderr].filter((text) => text.trim() !== '').join('\n')
  if (isLate) {
    const detail = `did not end within ${Math.round(timeoutMs / 100) / 10} s`
    return { outcome: 'failed', detail, cause: 'did not end in time', output }
  }
  if (exitCode === 0) return { outcome: 'done', detail: '', output }
  const cause = `it ${signal === null ? `ended with status ${exitCode}` : `was ended by ${signal}`}`
  const said = clip(stderr.trim().split('\n')[0] ?? '', 200)
  return { outcome: 'failed', detail: `${cause}${said === '' ? '' : `: ${said}`}`, cause, output }
}
