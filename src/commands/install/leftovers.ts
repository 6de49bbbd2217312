import { defaultConfigs } from '../../core/own-folders.ts'
import type { Host } from '../../host/host.ts'
import { loadAppliedLimits } from '../../store/applied-limits.ts'
import type { InstallRecord } from '../../store/install-record.ts'
import type { GlobalOptions } from '../command.ts'
import { isThere } from '../doctor/found.ts'
import type { Observed } from './observe.ts'
import { isConfigUntouched, usualFolders } from './purge.ts'

/** What stays, and how it goes, one line each. */
export const leftovers = (
  host: Host,
  global: GlobalOptions,
  record: InstallRecord | null,
  observed: Observed,
  isPurge: boolean,
): string[] => {
  const usual = usualFolders(host)
  const isUsual = (path: string): boolean => path === usual.stateDir || path === usual.logDir
  const folders = [...new Set([global.stateDir, global.logDir])].filter((path) => isThere(host, path))
  const config = [global.config ?? record?.config?.path, ...defaultConfigs(host.uid, host.env)].find(
    (path): path is string => path != null && isThere(host, path),
  )
  const goes = isPurge && isConfigUntouched(host, record) && config === record?.config?.path
  const limited = isThere(host, `${global.stateDir}/limits.json`)
    ? loadAppliedLimits(host.save, global.stateDir).map(({ service }) => service)
    : []
  return [
    ...(isPurge ? [] : folders.map((path) => `${path} stays (uninstall --purge takes it)`)),
    ...(isPurge
      ? folders
          .filter((path) => !isUsual(path))
          .map((path) => `${path} stays, as it is not the usual place: rm -r ${path}`)
      : []),
    ...(config === undefined || goes ? [] : [`${config} stays${isPurge ? `: rm ${config}` : ''}`]),
    ...(limited.length === 0
      ? []
      : [
          `memory limits that \`limits apply\` has set stay on ${limited.slice(0, 5).join(', ')}${limited.length > 5 ? ', …' : ''}; \`limits remove\` takes them off${isPurge ? ', and had to be run before this' : ''}`,
        ]),
    ...observed.overrides.map((path) => `${path} stays, made by \`systemctl edit\`: rm -r ${path}`),
  ]
}
