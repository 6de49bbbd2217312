import { type Failed, type Reading, value } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'
import { parseJournaldConf } from '../../parse/journald-conf.ts'
import { type ConfFile, confFolders, dropInOrder } from '../../plan/journal-effective.ts'

/** journald.conf and its drop-ins, in the order in which journald reads them. */
export const readJournaldConf = (host: Host): Reading<ConfFile[]> => {
  const files: ConfFile[] = []
  for (const path of [...mainFile(host), ...dropIns(host)]) {
    const file = readConf(host, path)
    if (file.kind === 'failed') return file
    if (file.kind === 'value') files.push(file.value)
  }
  return value(files)
}

/** The first that is there; before version 254 systemd reads it from /etc alone, and no package had it elsewhere. */
const mainFile = (host: Host): string[] =>
  confFolders
    .map((folder) => `${folder}/journald.conf`)
    .filter((path) => host.files.info(path).kind !== 'absent')
    .slice(0, 1)

const dropIns = (host: Host): string[] =>
  dropInOrder(
    confFolders.map((top) => {
      const folder = `${top}/journald.conf.d`
      const names = host.files.list(folder)
      return { folder, names: names.kind === 'value' ? names.value : [] }
    }),
  )

/** One that is a link to /dev/null hides those of its name, and says nothing itself; so does a link to nowhere. */
const readConf = (host: Host, path: string): Reading<ConfFile> | Failed => {
  const target = host.files.resolve(path)
  if (target.kind === 'value' && target.value.path === '/dev/null') return value({ path, assignments: [] })
  const text = host.files.readText(path)
  return text.kind === 'value' ? value({ path, assignments: parseJournaldConf(text.value) }) : text
}
