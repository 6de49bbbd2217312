import { failureWords } from '../../report/failure-words.ts'
import { type Examination, fine, unknown, warning } from './examination.ts'

export const processes: Examination = {
  name: 'processes',
  examine({ host }) {
    const scan = host.processes.scan()
    if (scan.kind === 'absent') return []
    if (scan.kind === 'failed') {
      const { why, mend } = failureWords(scan.cause, scan.what, scan.detail)
      return [unknown(`the processes cannot be listed: ${why}`, mend)]
    }
    if (scan.value.complete) return [fine(`all ${scan.value.processes.length} processes can be seen`)]
    return [
      warning(
        "other users' processes are hidden (/proc is mounted with hidepid): a service that is not found may still run",
        "run as root, or as a member of the group in /proc's gid= mount option",
      ),
    ]
  },
}
