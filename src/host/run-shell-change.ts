import type { ActionResult, RunShellAction } from '../core/action.ts'
import { clip } from '../core/escape.ts'
import type { Change } from './apply.ts'
import type { HostBase } from './base.ts'
import { runShell } from './shell.ts'

const maxOutputBytes = 64 * 1024

export const runShellChange = (action: RunShellAction, base: HostBase): Change => ({
  words: `run the ${action.label}`,
  obstacle: () => null,
  perform: async () => outcomeOf(await runShell(base, { ...action, maxOutputBytes })),
})

const outcomeOf = (ran: Awaited<ReturnType<typeof runShell>>): ActionResult => {
  if (ran.kind === 'absent') return { outcome: 'failed', detail: 'there is no bash' }
  if (ran.kind === 'failed') return { outcome: 'failed', detail: `${ran.what} ${ran.detail}` }
  const { exitCode, signal, stdout, stderr } = ran.value
  const output = [stdout, stderr].filter((text) => text.trim() !== '').join('\n')
  if (exitCode === 0) return { outcome: 'done', detail: '', output }
  const how = signal === null ? `ended with status ${exitCode}` : `was ended by ${signal}`
  const said = clip(stderr.trim().split('\n')[0] ?? '', 200)
  return { outcome: 'failed', detail: `it ${how}${said === '' ? '' : `: ${said}`}`, output }
}
