import type { FileInfo } from '../../core/facts.ts'
import type { Host } from '../../host/host.ts'
import { type Crontab, type CrontabForm, parseCrontab } from '../../parse/crontab.ts'

export interface CrontabFile {
  /** Where it is, or `crontab -l`. */
  path: string
  form: CrontabForm
  /** Whose it is; for a system crontab the line says it. */
  owner: string
  /** Null for what `crontab -l` printed. */
  info: FileInfo | null
  crontab: Crontab
}

export interface CrontabFiles {
  files: CrontabFile[]
  /** Folders and files that could not be read. */
  unread: string[]
}

/** Debian; Red Hat (beside Debian's folder, which is skipped as one); SUSE; Alpine. The file's name is the user's. */
const spoolFolders = ['/var/spool/cron/crontabs', '/var/spool/cron', '/var/spool/cron/tabs', '/etc/crontabs']

/** `x~`, `x.dpkg-old`, `x.rpmsave`: kept by editors and package managers; no cron reads them, and nobody thinks so. */
const leftover = /^[.#]|~$|\.(bak|old|orig|save|swp|disabled|placeholder|dpkg-\w+|rpm\w+|ucf-\w+)$/

const maxFiles = 300

/** Every crontab that may be read; without root the own one comes from `crontab -l`, as the spool folder is closed. */
export const readCrontabFiles = async (host: Host): Promise<CrontabFiles> => {
  const found: CrontabFiles = { files: [], unread: [] }
  addFile(host, found, '/etc/crontab', 'system', 'root')
  for (const name of namesIn(host, found, '/etc/cron.d'))
    addFile(host, found, `/etc/cron.d/${name}`, 'system', 'root')
  const seen = new Set<string>()
  for (const folder of spoolFolders)
    for (const name of namesIn(host, found, folder)) {
      // Alpine's spool folder is a link to /etc/crontabs.
      const info = host.files.info(`${folder}/${name}`)
      const key = `${name} ${info.kind === 'value' ? info.value.inode : folder}`
      if (!seen.has(key)) addFile(host, found, `${folder}/${name}`, 'user', name)
      seen.add(key)
    }
  if (host.live && host.uid !== 0) await addOwn(host, found)
  return found
}

const namesIn = (host: Host, found: CrontabFiles, folder: string): string[] => {
  const names = host.files.list(folder)
  if (names.kind === 'failed' && names.cause !== 'malformed') found.unread.push(folder)
  if (names.kind !== 'value') return []
  return names.value
    .filter((name) => !leftover.test(name))
    .sort()
    .slice(0, maxFiles)
}

const addFile = (host: Host, found: CrontabFiles, path: string, form: CrontabForm, owner: string): void => {
  const info = host.files.info(path)
  if (info.kind !== 'value' || !['file', 'symlink'].includes(info.value.kind)) return
  const text = host.files.readText(path)
  if (text.kind === 'value')
    found.files.push({ path, form, owner, info: info.value, crontab: parseCrontab(text.value, form) })
  else if (text.kind === 'failed') found.unread.push(path)
}

/** crontab(1) ends with 1 for "no crontab for NAME". */
const addOwn = async (host: Host, found: CrontabFiles): Promise<void> => {
  const answer = await host.run(['crontab', '-l'], { timeoutMs: 5000 })
  if (answer.kind !== 'value' || answer.value.exitCode !== 0) return
  const owner = host.env.LOGNAME ?? host.env.USER ?? `uid ${host.uid}`
  const crontab = parseCrontab(answer.value.stdout, 'user')
  found.files.push({ path: 'crontab -l', form: 'user', owner, info: null, crontab })
}
