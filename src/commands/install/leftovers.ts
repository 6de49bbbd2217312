import { defaultConfigs } from '../../core/own-folders.ts'
import { valueOrNull } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'
import { blockLines } from '../../plan/crontab-block.ts'
import { appliedLimitsPath, loadAppliedLimits } from '../../store/applied-limits.ts'
import type { InstallRecord } from '../../store/install-record.ts'
import type { GlobalOptions } from '../command.ts'
import { isThere } from '../doctor/found.ts'
import type { Observed } from './observe.ts'
import { isConfigUntouched, usualFolders } from './purge.ts'

/** What `limits apply` has changed; the record of it has the only word of what was before. */
export const limitedServices = (host: Host, stateDir: string): string[] =>
  isThere(host, appliedLimitsPath(stateDir))
    ? loadAppliedLimits(host.save, stateDir).map(({ service }) => service)
    : []

/** @param isAsked for `--purge`, which waits for them */
export const limitNotes = (limited: readonly string[], isAsked: boolean): string[] =>
  limited.length === 0
    ? []
    : [
        `memory limits that \`limits apply\` has set stay on ${limited.slice(0, 5).join(', ')}${limited.length > 5 ? ', …' : ''}; \`limits remove\` takes them off${isAsked ? '; state, logs and config stay until then: run it, then this again' : ''}`,
      ]

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
  const named = new Set([global.stateDir, global.logDir])
  const folders = [...named].filter((path) => isThere(host, path))
  const scheduled = foldersIn(observed).filter(
    (path) => !named.has(path) && !isUsual(path) && isThere(host, path),
  )
  const config = [global.config ?? record?.config?.path, ...defaultConfigs(host.uid, host.env)].find(
    (path): path is string => path != null && isThere(host, path),
  )
  const goes = isPurge && isConfigUntouched(host, record) && config === record?.config?.path
  const notUsual = (path: string): string =>
    `${path} stays, as it is not the usual place${hasOurName.test(path) ? `: rm -r ${path}` : ', and may hold more than what is ours'}`
  return [
    ...scheduled.map(notUsual),
    ...folders.flatMap((path) => {
      if (!isUsual(path)) return notUsual(path)
      return isPurge ? [] : `${path} stays (uninstall --purge takes it)`
    }),
    ...(config === undefined || goes ? [] : [`${config} stays${isPurge ? `: rm ${config}` : ''}`]),
    ...observed.overrides.map((path) => `${path} stays, made by \`systemctl edit\`: rm -r ${path}`),
  ]
}

const hasOurName = /\/oratio-health[^/]*(\/|$)/

/** The folders of state and logs that lines and units name, for who installed with them and forgot since. */
const foldersIn = ({ cronFile, crontab, units }: Observed): string[] => {
  // Of a crontab what is ours: a line that somebody has written goes on, and uses its folder.
  const block = blockLines(valueOrNull(crontab) ?? '') ?? []
  const texts = [cronFile ?? '', ...units.map(({ text }) => text)]
  const lines = [...block, ...texts.flatMap((text) => text.split('\n'))]
  const named = lines.flatMap((line) => [
    ...line.matchAll(/ --(?:state|log)-dir (?:"([^"]+)"|'([^']+)'|(\S+))/g),
  ])
  return [...new Set(named.map(([, double, single, bare]) => double ?? single ?? bare ?? ''))]
}
