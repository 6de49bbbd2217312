import type { ProcessStat } from '../../core/facts.ts'
import type { Host } from '../../host/host.ts'
import { critical, type Examination, fine, unknown } from './examination.ts'
import { isAnyThere, isInContainer, isThere } from './found.ts'

const daemons = new Set(['cron', 'crond', 'fcron', 'bcron-sched', 'mcron', 'supercronic'])

/** systemd-cron has no daemon: this generator makes a timer of each crontab line. */
const generators = [
  '/usr/lib/systemd/system-generators/systemd-crontab-generator',
  '/lib/systemd/system-generators/systemd-crontab-generator',
]

/** Is there anything alive that would run the lines? A dead one is a fault only when there are lines of ours. */
export const cron: Examination = {
  name: 'cron',
  examine(subject) {
    const { host } = subject
    const scan = host.processes.scan()
    if (scan.kind === 'absent') return []
    if (scan.kind === 'failed') return [unknown('cannot be told: the processes cannot be listed', null)]
    const found = scan.value.processes.filter((process) => isCronOfThisHost(host, process))
    const alive = found.find(({ state }) => !'ZTtX'.includes(state))
    if (alive) return [fine(`${alive.comm} runs (process ${alive.pid})`)]
    if (isAnyThere(host, generators)) return [fine('systemd-cron makes timers of the crontabs')]
    const lines = subject.schedule.jobs.length
    if (lines === 0) return [fine(`${noneWords(found)}, and no line here needs it`)]
    if (!scan.value.complete)
      return [unknown('no cron can be seen, but processes of other users are hidden', 'run as root')]
    return [
      critical(
        `${noneWords(found)}, so ${lines} ${lines === 1 ? 'line' : 'lines'} of oratio-health never run`,
        mendFor(host, found),
      ),
    ]
  },
}

/** The scan also shows cron daemons inside of containers; those have a pid of their own in the last place of NSpid. */
const isCronOfThisHost = (host: Host, { pid, comm }: ProcessStat): boolean => {
  if (!daemons.has(comm) && !(comm === 'busybox' && isBusyboxCrond(host, pid))) return false
  const status = host.files.readText(`/proc/${pid}/status`)
  return status.kind !== 'value' || !/^NSpid:\s*\d+\s+\d/m.test(status.value)
}

const isBusyboxCrond = (host: Host, pid: number): boolean => {
  const line = host.processes.commandLine(pid)
  return line.kind === 'value' && /^\S*busybox crond\b/.test(line.value)
}

const noneWords = (found: readonly ProcessStat[]): string => {
  const [dead] = found
  if (dead === undefined) return 'no cron runs'
  return `${dead.comm} (process ${dead.pid}) is ${dead.state === 'Z' ? 'dead' : 'stopped'}`
}

const mendFor = (host: Host, found: readonly ProcessStat[]): string => {
  const stopped = found.find(({ state }) => state === 'T' || state === 't')
  if (stopped) return `kill -CONT ${stopped.pid}`
  if (isInContainer(host)) return 'have the container start one (cron -f), or schedule it from the host'
  const start = isThere(host, '/run/systemd/system')
    ? 'systemctl enable --now cron (crond on Red Hat and SUSE)'
    : 'service cron start (rc-service crond start on Alpine)'
  return `${start}; apt-get install cron where there is none`
}
