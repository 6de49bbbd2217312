import type { Host } from '../../host/host.ts'
import type { Verdict } from '../../report/doctor-text.ts'
import { failureWords } from '../../report/failure-words.ts'
import { critical, type Examination, fine, unknown, warning } from './examination.ts'
import { isAnyThere, isInContainer, isThere } from './found.ts'

export const journal: Examination = {
  name: 'journal',
  async examine({ host }) {
    // sd_booted(3): this folder is there exactly when systemd is the init.
    if (!isThere(host, '/run/systemd/system')) return [fine('no systemd here, so no journal')]
    const isStorageSeen = host.live || isAnyThere(host, ['/var/log', '/run/log'])
    const verdicts = [...running(host), ...(isStorageSeen ? [storage(host)] : [])]
    return host.live ? [...verdicts, await readable(host)] : verdicts
  },
}

const running = (host: Host): Verdict[] => {
  const scan = host.processes.scan()
  // The kernel keeps 15 bytes of a name.
  if (scan.kind !== 'value' || scan.value.processes.some(({ comm }) => comm === 'systemd-journal')) return []
  if (!scan.value.complete) return []
  return [
    isInContainer(host)
      ? fine('journald does not run in this container')
      : critical(
          'journald does not run: what the kernel and services say is lost',
          'systemctl restart systemd-journald',
        ),
  ]
}

const storage = (host: Host): Verdict => {
  if (hasJournal(host, '/var/log/journal')) return fine('kept on disk, over a reboot')
  if (hasJournal(host, '/run/log/journal'))
    return warning(
      'kept in memory only: after a crash nothing tells what happened, and it takes RAM',
      'mkdir -p /var/log/journal && systemctl restart systemd-journald, with Storage=auto or persistent',
    )
  return warning(
    'no journal files: Storage=none, or journald could not write',
    'set Storage=auto in journald.conf',
  )
}

/** journald keeps its files in a folder named by the machine id; an empty /var/log/journal holds nothing yet. */
const hasJournal = (host: Host, path: string): boolean => {
  const names = host.files.list(path)
  return names.kind === 'value' && names.value.some((name) => /^[0-9a-f]{32}/.test(name))
}

/** For a user outside of the groups adm and systemd-journal journalctl ends with 1 and says why on stderr. */
const readable = async (host: Host): Promise<Verdict> => {
  const answer = await host.run(['journalctl', '--system', '-n', '1', '-q', '-o', 'cat', '--no-pager'])
  if (answer.kind === 'absent') return unknown('it cannot be asked here', null)
  if (answer.kind === 'failed') {
    const { why, mend } = failureWords(answer.cause, answer.what, answer.detail)
    return unknown(`it cannot be read: ${why}`, mend)
  }
  if (answer.value.exitCode === 0) return fine('it can be read')
  return warning(
    `it cannot be read: ${answer.value.stderr.trim().split('\n')[0] || 'journalctl failed'}`,
    host.uid === 0 ? 'see journalctl --verify' : 'run as root, or as a member of the group systemd-journal',
  )
}
