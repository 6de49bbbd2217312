import { type CrashEvent, type CrashEventKind, crashEvent, type LogRecord } from '../../core/crash-event.ts'

interface FaultForm {
  kind: CrashEventKind
  /** Whatever has the form has one of these; only lines with them are looked at, see `kernelFaultWords`. */
  words: readonly string[]
  /** Named groups `comm` and `pid` where the line has them; a name may hold anything, so what is around it is fixed. */
  form: RegExp
}

/** One line, one fault. Kinds that come in many lines at once are told once, see `makeKernelFaultReader`. */
const forms: readonly FaultForm[] = [
  // `python3[4711]: segfault at 0 ip 00007f sp 00007f error 4 in libc.so.6[7f+1]`; arm64: `app[1]: unhandled level 2 …`
  {
    kind: 'segfault',
    words: [': segfault at '],
    form: /^(?<comm>.+)\[(?<pid>\d+)\]: segfault at [0-9a-f]+ (?:ip|nip|rip|pc) /,
  },
  {
    kind: 'segfault',
    words: [']: unhandled '],
    form: /^(?<comm>.+)\[(?<pid>\d+)\]: unhandled .*(?:fault|exception).* at 0x[0-9a-f]+/i,
  },
  {
    kind: 'trap',
    words: ['traps: '],
    form: /^traps: (?<comm>.+)\[(?<pid>\d+)\] (?:general protection|trap [\w ]+)/,
  },
  {
    kind: 'trap',
    words: [' general protection', '] trap '],
    form: /^(?<comm>.+)\[(?<pid>\d+)\]? (?:general protection|trap [\w ]+) r?ip:/,
  },
  {
    kind: 'soft-lockup',
    words: ['BUG: soft lockup'],
    form: /BUG: soft lockup - CPU#\d+ stuck for \d+s! \[(?<comm>.+):(?<pid>\d+)\]/,
  },
  {
    kind: 'soft-lockup',
    words: ['hard LOCKUP on cpu'],
    form: /Watchdog detected hard LOCKUP on cpu ?\d+/,
  },
  {
    kind: 'soft-lockup',
    words: ['detected stall'],
    form: /^(?:rcu: )?INFO: \w+ (?:self-)?detected (?:expedited )?stalls? on CPU/,
  },
  {
    kind: 'soft-lockup',
    words: ['workqueue lockup'],
    form: /^BUG: workqueue lockup - pool /,
  },
  {
    kind: 'hung-task',
    words: ['blocked for more than'],
    form: /^INFO: task (?<comm>.+):(?<pid>\d+) blocked for more than \d+ seconds/,
  },
  {
    kind: 'io-error',
    words: [' error, dev '],
    form: /^(?:blk_update_request: |print_req_error: )?(?:critical \w+ error|I\/O error), dev \S+, sector \d+/,
  },
  {
    kind: 'io-error',
    words: ['Buffer I/O error on dev'],
    form: /^Buffer I\/O error on dev(?:ice)? \S+, logical block \d+/,
  },
  {
    kind: 'io-error',
    words: [': failed command:', ' timeout, ', ': error -', ': Timeout waiting'],
    form: /^(?:ata\d+\.\d+: failed command:|nvme\S* ?\S*: I\/O (?:tag )?\d+ .*timeout|mmc\d+: (?:error -\d+|Timeout waiting))/,
  },
  {
    kind: 'io-error',
    words: ['Unrecovered read error', 'Medium Error'],
    form: /^sd \S+ \[\w+\].* (?:Unrecovered read error|Medium Error)/,
  },
  // `nvme0n1: I/O Cmd(0x2) @ LBA 131209936, 200 blocks, I/O Error (sct 0x3 / sc 0x71)`
  {
    kind: 'io-error',
    words: ['I/O Error (sct '],
    form: /^nvme\S+: .*, I\/O Error \(sct /,
  },
  { kind: 'fs-error', words: ['Aborting journal on device'], form: /^Aborting journal on device \S+/ },
  {
    kind: 'fs-error',
    words: ['-fs error', 'Remounting filesystem read-only', '): error'],
    form: /^EXT[234]-fs (?:error|\(\S+\): Remounting filesystem read-only|\(\S+\): error)/,
  },
  {
    kind: 'fs-error',
    words: [
      'Internal error',
      'orruption',
      'Metadata CRC error',
      'utting down filesystem',
      'metadata I/O error',
      'log mount',
    ],
    form: /^XFS \(\S+\): (?:Internal error|Corruption|Metadata (?:corruption|CRC error)|metadata I\/O error|log mount\/recovery failed|.*[Ss]hutting down filesystem)/,
  },
  {
    kind: 'fs-error',
    words: ['BTRFS error', 'BTRFS critical'],
    form: /^BTRFS (?:error|critical) \(device /,
  },
  {
    kind: 'fs-error',
    words: ['): error', 'SQUASHFS error', 'F2FS-fs ('],
    form: /^(?:FAT-fs \(\S+\): error|SQUASHFS error:|F2FS-fs \(\S+\): (?:Inconsistent|invalid))/,
  },
  {
    kind: 'kernel-panic',
    words: ['Kernel panic - not syncing'],
    form: /^Kernel panic - not syncing: /,
  },
  {
    kind: 'kernel-oops',
    words: ['BUG: unable to handle', 'BUG: kernel NULL pointer'],
    form: /^BUG: (?:unable to handle|kernel NULL pointer dereference)/,
  },
  {
    kind: 'kernel-oops',
    words: ['Internal error: Oops', 'Oops: 0', 'Oops: general protection', 'Oops: Kernel '],
    form: /^(?:Internal error: )?Oops: /,
  },
  { kind: 'kernel-oops', words: ['Unable to handle kernel'], form: /^Unable to handle kernel / },
  {
    kind: 'kernel-oops',
    words: ['general protection fault'],
    form: /^general protection fault(?:, [^:]+)?: [0-9a-f]{4} \[#\d+\]/,
  },
  { kind: 'kernel-oops', words: ['kernel BUG at '], form: /^kernel BUG at / },
  { kind: 'under-voltage', words: ['oltage detected!'], form: /Under-?voltage detected!/i },
  {
    kind: 'thermal',
    words: ['emperature above threshold'],
    form: /[Tt]emperature above threshold, cpu clock throttled/,
  },
  {
    kind: 'thermal',
    words: ['critical temperature reached'],
    form: /^thermal thermal_zone\d+: .*critical temperature reached/,
  },
  { kind: 'boot', words: ['Linux version '], form: /^Linux version \d/ },
]

export const kernelFaultWords: readonly string[] = forms.flatMap(({ words }) => words)

/** Of these one event stands for its burst: an oops prints several headings, a dying disk thousands of lines. */
const bursts: Partial<Record<CrashEventKind, number>> = {
  'kernel-oops': 5_000,
  'io-error': 60_000,
  'fs-error': 60_000,
  thermal: 60_000,
  'under-voltage': 60_000,
}

/** The faults among the kernel's lines; kills for memory are `makeOomReader`'s. */
export const makeKernelFaultReader = (source: string): { read(record: LogRecord): CrashEvent[] } => {
  const lastAtMs = new Map<CrashEventKind, number>()
  return {
    read({ text, atMs }) {
      const found = faultIn(text)
      if (found === null) return []
      const { kind, comm, pid } = found
      const [burstMs, last] = [bursts[kind], lastAtMs.get(kind)]
      const now = atMs ?? 0
      if (burstMs !== undefined && last !== undefined && now - last >= 0 && now - last < burstMs) return []
      lastAtMs.set(kind, now)
      return [crashEvent(kind, source, atMs, text, { comm, pid })]
    },
  }
}

const faultIn = (text: string): { kind: CrashEventKind; comm: string | null; pid: number | null } | null => {
  for (const { kind, words, form } of forms) {
    const match = words.some((word) => text.includes(word)) ? form.exec(text) : null
    if (match === null) continue
    const { comm = null, pid } = match.groups ?? {}
    return { kind, comm, pid: pid === undefined ? null : Number(pid) }
  }
  return null
}
