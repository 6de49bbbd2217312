import {
  type CrashEvent,
  type CrashEventKind,
  crashEvent,
  type LogRecord,
  type OomDetails,
  type OomScope,
} from '../../core/crash-event.ts'

import { containerOf, unitOf } from './oom.ts'

/** `gunicorn`'s, `systemd`'s … own words for a fault, where they cannot be prose of somebody else. */
interface FaultForm {
  kind: CrashEventKind
  /** Whatever has the form has this; only lines with it are looked at, see `serviceFaultWords`. */
  word: string
  form: RegExp
  /** Only of lines of these programs, where the line has one. */
  programs?: RegExp
  scope?: OomScope
}

const supervisors = /^systemd$/

const forms: readonly FaultForm[] = [
  // systemd (src/core/unit.c, service.c). Since 253 it says so of the slices above, too.
  {
    kind: 'oom-kill',
    scope: 'systemd-unit',
    programs: supervisors,
    word: 'killed by the OOM killer',
    form: /^(?<unit>\S+\.(?:service|scope)): A process of this unit has been killed by the OOM killer\.$/,
  },
  {
    kind: 'oom-kill',
    scope: 'systemd-oomd',
    programs: supervisors,
    word: 'systemd-oomd killed',
    form: /^(?<unit>\S+): systemd-oomd killed \d+ process\(es\) in this unit\.$/,
  },
  {
    kind: 'unit-failed',
    programs: supervisors,
    word: 'Failed with result',
    form: /^(?<unit>\S+): Failed with result '(?<result>[\w-]+)'\.$/,
  },
  {
    kind: 'unit-failed',
    programs: supervisors,
    word: 'Start request repeated',
    form: /^(?<unit>\S+): Start request repeated too quickly\.$/,
  },
  // systemd-coredump: also of signals that the kernel says nothing of, as SIGABRT.
  {
    kind: 'trap',
    word: ' dumped core.',
    programs: /^systemd-coredum/,
    form: /^Process (?<pid>\d+) \((?<comm>.*)\) of user \d+ dumped core\.(?:\n|$)/,
  },
  // systemd-oomd (src/oom/oomd-manager.c); `Marked` since 259.
  {
    kind: 'oom-kill',
    scope: 'systemd-oomd',
    programs: /^systemd-oomd$/,
    word: ' due to memory ',
    form: /^(?:Killed|Marked) (?<cgroup>\/\S+) (?:for killing )?due to /,
  },
  // earlyoom (kill.c), its words of 2018, of 2019 and since.
  {
    kind: 'oom-kill',
    scope: 'earlyoom',
    word: ' with signal ',
    form: /^[Kk]illing process '(?<comm>.*)' with signal \d+, pid: (?<pid>\d+), badness: -?\d+, VmRSS: (?<mib>\d+) MiB/,
  },
  {
    kind: 'oom-kill',
    scope: 'earlyoom',
    word: ' with signal ',
    form: /^killing process (?<pid>\d+) "(?<comm>.*)" with signal \d+: badness -?\d+, VmRSS (?<mib>\d+) MiB/,
  },
  {
    kind: 'oom-kill',
    scope: 'earlyoom',
    word: ' VmRSS ',
    form: /^sending SIG(?:TERM|KILL) to process (?<pid>\d+) (?:uid \d+ )?"(?<comm>.*)": (?:oom_score|badness) -?\d+,.* VmRSS (?<mib>\d+) MiB/,
  },
  // nohang names the victim in lines before.
  {
    kind: 'oom-kill',
    scope: 'earlyoom',
    programs: /^nohang/,
    word: 'to the victim',
    form: /^ *Send(?:ing)? SIG(?:TERM|KILL) to the victim\b/,
  },
  // Workers that hang, or are killed.
  { kind: 'worker-timeout', word: 'WORKER TIMEOUT', form: /\[CRITICAL\] WORKER TIMEOUT \(pid:(?<pid>\d+)\)/ },
  {
    kind: 'worker-timeout',
    word: 'was sent SIGKILL!',
    form: /Worker \(pid:(?<pid>\d+)\) was sent SIGKILL! Perhaps out of memory\?/,
  },
  {
    kind: 'worker-timeout',
    word: 'HARAKIRI ON WORKER',
    form: /\*\*\* HARAKIRI ON WORKER \d+ \(pid: (?<pid>\d+)/,
  },
  {
    kind: 'worker-timeout',
    word: 'DAMN ! worker',
    form: /DAMN ! worker \d+ \(pid: (?<pid>\d+)\) died, killed by signal \d+/,
  },
  {
    kind: 'worker-timeout',
    word: 'PoolWorker-',
    form: /Process '\w*PoolWorker-[\d:]+' pid:(?<pid>\d+) exited with 'signal \d+/,
  },
  { kind: 'worker-timeout', word: 'Hard time limit', form: /Hard time limit \([\d.]+s?\) exceeded for / },
  {
    kind: 'segfault',
    word: 'exited on signal ',
    form: /\[pool [^\]]+\] child (?<pid>\d+) exited on signal 11 \(SIGSEGV/,
  },
  {
    kind: 'worker-timeout',
    word: 'exited on signal ',
    form: /\[pool [^\]]+\] child (?<pid>\d+) exited on signal 9 \(SIGKILL/,
  },
  {
    kind: 'worker-timeout',
    word: 'execution timed out',
    form: /\[pool [^\]]+\] child (?<pid>\d+), script .* execution timed out \([\d.]+ sec\)/,
  },
  {
    kind: 'worker-timeout',
    word: 'Terminating timed out worker',
    form: /! Terminating timed out worker(?: \(.*\))?: (?<pid>\d+)/,
  },
  // Memory that ran out inside of a process.
  {
    kind: 'heap-exhausted',
    word: 'FATAL ERROR: ',
    form: /FATAL ERROR: .*(?:JavaScript heap out of memory|Allocation failed)/,
  },
  {
    kind: 'heap-exhausted',
    word: 'OutOfMemoryError',
    form: /(?:^|[\s"])java\.lang\.OutOfMemoryError(?:: | thrown from |$)/,
  },
  {
    kind: 'heap-exhausted',
    word: 'fatal error: ',
    form: /^fatal error: (?:runtime: )?(?:out of memory|cannot allocate memory)/,
  },
  { kind: 'heap-exhausted', word: 'MemoryError', form: /^(?:\w+\.)*MemoryError(?:: .*)?$/ },
  {
    kind: 'heap-exhausted',
    word: 'Allowed memory size',
    form: /PHP Fatal error: +(?:Uncaught Error: )?Allowed memory size of (?<bytes>\d+) bytes exhausted/,
  },
  {
    kind: 'heap-exhausted',
    word: '[FATAL] failed to allocate memory',
    form: /^\[FATAL\] failed to allocate memory/,
  },
  { kind: 'heap-exhausted', word: '(NoMemoryError)', form: /\(NoMemoryError\)$/ },
  {
    kind: 'heap-exhausted',
    word: 'std::bad_alloc',
    form: /^terminate called after throwing an instance of 'std::bad_alloc'/,
  },
]

export const serviceFaultWords: readonly string[] = forms.map(({ word }) => word)

/** The fault that a line of a program that is not the kernel tells of; null for all others. */
export const serviceFault = (record: LogRecord, source: string): CrashEvent | null => {
  const { text, program, atMs } = record
  for (const { kind, word, form, programs, scope } of forms) {
    if (!text.includes(word)) continue
    if (programs !== undefined && !(program !== null && programs.test(program))) continue
    if (!maySay(record, programs === supervisors, programs !== undefined || scope !== undefined)) continue
    const groups = form.exec(text)?.groups ?? (form.test(text) ? {} : null)
    if (groups === null) continue
    const { unit, pid, comm = null, cgroup = null, mib, bytes, result } = groups
    if (result === 'oom-kill') return systemdOom(record, source, unit ?? null)
    const held = mib === undefined ? (bytes === undefined ? null : Number(bytes)) : Number(mib) * 1024 ** 2
    return crashEvent(kind, source, atMs, text, {
      // A line of systemd on a unit is not about systemd's own process.
      pid: pid !== undefined ? Number(pid) : programs === undefined ? record.pid : null,
      comm: comm ?? (kind === 'oom-kill' || programs !== undefined ? null : program),
      // Whom an OOM daemon has killed is not of its own unit.
      unit: unit ?? unitOf(cgroup ?? null) ?? (scope === undefined ? record.unit : null),
      container: containerOf(unit ?? cgroup ?? null),
      bytes: held,
      oom: scope === undefined ? null : detailsOf(scope, cgroup, held),
    })
  }
  return null
}

/** Of the system speaks the system alone; the systemd of somebody's session is a program as any other. */
const maySay = ({ sender }: LogRecord, isOfManager: boolean, isOfSystem: boolean): boolean =>
  sender === undefined || sender === 'manager' || (sender === 'daemon' ? !isOfManager : !isOfSystem)

const systemdOom = ({ atMs, text }: LogRecord, source: string, unit: string | null): CrashEvent =>
  crashEvent('oom-kill', source, atMs, text, {
    unit,
    container: containerOf(unit),
    oom: detailsOf('systemd-unit', null, null),
  })

const detailsOf = (scope: OomScope, cgroup: string | null, bytes: number | null): OomDetails => ({
  scope,
  anonRssBytes: bytes,
  totalVmBytes: null,
  cgroup,
  limitBytes: null,
  invokedBy: null,
  tasks: [],
})
