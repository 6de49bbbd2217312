import { defaultConfigs } from '../../core/own-folders.ts'
import type { Host } from '../../host/host.ts'
import { cronFolder } from '../../plan/schedule-steps.ts'
import type { Step } from './perform.ts'

/** `.NAME.PID-RANDOM.tmp` (host/replace-file.ts): what a run that was killed while it wrote has left. */
const unfinished =
  /^\.(?:oratio-health[\w-]*(?:\.service|\.timer)?|90-oratio-health\.conf)\.\d+-[a-z0-9]{1,8}\.tmp$/
const unfinishedConfig = /^\.config\.ya?ml\.\d+-[a-z0-9]{1,8}\.tmp$/

/** The lock of install is held, so nobody is at them. */
export const unfinishedFiles = (host: Host, unitFolder: string): Step[] => {
  const [config] = defaultConfigs(host.uid, host.env)
  const places: [string, RegExp][] = [
    [unitFolder, unfinished],
    ...(host.uid === 0
      ? [cronFolder, '/etc/systemd/journald.conf.d'].map((folder): [string, RegExp] => [folder, unfinished])
      : []),
    ...(config === undefined ? [] : [[config.replace(/\/[^/]*$/, ''), unfinishedConfig] as [string, RegExp]]),
  ]
  return places.flatMap(([folder, pattern]) => {
    const names = host.files.list(folder)
    return (names.kind === 'value' ? names.value : [])
      .filter((name) => pattern.test(name))
      .map((name): Step => ({ kind: 'file', path: `${folder}/${name}`, before: '', after: null }))
  })
}
