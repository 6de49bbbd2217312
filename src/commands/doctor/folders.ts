import { formatBytes } from '../../core/units.ts'
import type { Host } from '../../host/host.ts'
import type { Verdict } from '../../report/doctor-text.ts'
import { failureWords } from '../../report/failure-words.ts'
import { critical, type Examination, fine, unknown, warning } from './examination.ts'
import { isThere, testPath } from './found.ts'

const mib = 1024 * 1024

/** State stays below a few MiB; the logs are pruned at 200 MiB. */
const scarceBytes = 50 * mib
const fullBytes = mib

/** Where state and logs go: may we write there, is there space? */
export const folders: Examination = {
  name: 'folders',
  async examine({ host, global }) {
    const paths = [...new Set([global.stateDir, global.logDir])]
    return (await Promise.all(paths.map((path) => examineFolder(host, path)))).flat()
  },
}

const examineFolder = async (host: Host, path: string): Promise<Verdict[]> => {
  const existing = nearestExisting(host, path)
  const subject = existing === path ? path : `${path} (to be made in ${existing})`
  if (host.live && (await testPath(host, '-d', existing)) === false)
    return [critical(`${existing} is no folder, so ${path} cannot be one`, `move ${existing} away`)]
  const isWritable = host.live ? await testPath(host, '-w', existing) : true
  if (isWritable === null) return [unknown(`whether ${subject} can be written cannot be told`, null)]
  if (!isWritable)
    return [critical(`${subject} cannot be written: nothing is remembered or logged`, mendFor(host))]
  return [space(host, existing, subject)]
}

const mendFor = (host: Host): string =>
  host.uid === 0
    ? 'if it is mounted read-only, see why (dmesg); or give another folder: --state-dir, --log-dir'
    : 'give it to this user (chown), or give another folder: --state-dir, --log-dir'

const nearestExisting = (host: Host, path: string): string => {
  let at = path.replace(/\/+$/, '')
  while (at !== '' && !isThere(host, at)) at = at.slice(0, at.lastIndexOf('/'))
  return at === '' ? '/' : at
}

const space = (host: Host, existing: string, subject: string): Verdict => {
  const usage = host.files.diskUsage(existing)
  if (usage.kind === 'absent') return fine(`${subject}: free space not known`)
  if (usage.kind === 'failed') {
    const { why, mend } = failureWords(usage.cause, usage.what, usage.detail)
    return unknown(`the free space of ${subject} cannot be told: ${why}`, mend)
  }
  const { availableBytes, usedInodesPercent } = usage.value
  const left = `${formatBytes(availableBytes)} free`
  if (availableBytes < fullBytes)
    return critical(`${subject} is full: ${left}`, `du -xh ${existing} | sort -h | tail`)
  if (usedInodesPercent !== null && usedInodesPercent >= 99)
    return critical(
      `${subject} has no inodes left: no new file can be made`,
      `du --inodes -x ${existing} | sort -n | tail`,
    )
  return availableBytes < scarceBytes
    ? warning(`${subject} is nearly full: ${left}`, `du -xh ${existing} | sort -h | tail`)
    : fine(host.live ? `${subject} can be written, ${left}` : `${subject}: ${left}`)
}
