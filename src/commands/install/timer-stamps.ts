import type { Host } from '../../host/host.ts'
import type { Step } from './perform.ts'

/** When a timer with Persistent= ran last; systemd leaves them behind. */
export const stampSteps = (host: Host, scope: 'system' | 'user'): Step[] => {
  const data = host.env.XDG_DATA_HOME
  const own = data?.startsWith('/') ? data : `${host.env.HOME ?? ''}/.local/share`
  const folder = scope === 'system' ? '/var/lib/systemd/timers' : `${own}/systemd/timers`
  const names = host.files.list(folder)
  return (names.kind === 'value' ? names.value : [])
    .filter((name) => /^stamp-oratio-health-[a-z-]+\.timer$/.test(name))
    .sort()
    .map((name) => ({ kind: 'file', path: `${folder}/${name}`, before: '', after: null }))
}
