import { type CrashEvent, type CrashEventKind, crashEvent, type LogRecord } from '../../core/crash-event.ts'

interface FaultForm {
  kind: CrashEventKind
  /** Named groups `comm` and `pid` where the line has them; a name may hold anything, so what is around it is fixed. */
  form: RegExp
}

/** One line, one fault. Kinds that come in many lines at once are told once, see `makeKernelFaultReader`. */
const forms: readonly FaultForm[] = [
  // `python3[4711]: segfault at 0 ip 00007f sp 00007f error 4 in libc.so.6[7f+1]`; arm64: `app[1]: unhandled level 2 …`
  { kind: 'segfault', form: /^(?<comm>.+)\[(?<pid>\d+)\]: segfault at [0-9a-f]+ ip / },
  {
    kind: 'segfault',
    form: /^(?<comm>.+)\[(?<pid>\d+)\]: unhandled .*(?:fault|exception).* at 0x[0-9a-f]+/i,
  },
  { kind: 'trap', form: /^traps: (?<comm>.+)\[(?<pid>\d+)\] (?:general protection|trap [\w ]+)/ },
  { kind: 'trap', form: /^(?<comm>.+)\[(?<pid>\d+)\]? (?:general protection|trap [\w ]+) ip:/ },
  { kind: 'soft-lockup', form: /BUG: soft lockup - CPU#\d+ stuck for \d+s! \[(?<comm>.+):(?<pid>\d+)\]/ },
  { kind: 'soft-lockup', form: /Watchdog detected hard LOCKUP on cpu ?\d+/ },
  { kind: 'soft-lockup', form: /^(?:rcu: )?INFO: \w+ (?:self-)?detected stalls? on CPU/ },
  { kind: 'hung-task', form: /^INFO: task (?<comm>.+):(?<pid>\d+) blocked for more than \d+ seconds/ },
  {
    kind: 'io-error',
    form: /^(?:blk_update_request: |print_req_error: )?(?:critical \w+ error|I\/O error), dev \S+, sector \d+/,
  },
  { kind: 'io-error', form: /^Buffer I\/O error on dev(?:ice)? \S+, logical block \d+/ },
  {
    kind: 'io-error',
    form: /^(?:ata\d+\.\d+: failed command:|nvme\S* ?\S*: I\/O \d+ .*timeout|mmc\d+: (?:error -\d+|Timeout waiting))/,
  },
  { kind: 'io-error', form: /^sd \S+ \[\w+\].* (?:Unrecovered read error|Medium Error)/ },
  {
    kind: 'fs-error',
    form: /^EXT[234]-fs (?:error|\(\S+\): Remounting filesystem read-only|\(\S+\): error)/,
  },
  {
    kind: 'fs-error',
    form: /^XFS \(\S+\): (?:Internal error|Corruption|Metadata (?:corruption|CRC error)|.*[Ss]hutting down filesystem)/,
  },
  { kind: 'fs-error', form: /^BTRFS (?:error|critical) \(device / },
  {
    kind: 'fs-error',
    form: /^(?:FAT-fs \(\S+\): error|SQUASHFS error:|F2FS-fs \(\S+\): (?:Inconsistent|invalid))/,
  },
  { kind: 'kernel-panic', form: /^Kernel panic - not syncing: / },
  { kind: 'kernel-oops', form: /^BUG: (?:unable to handle|kernel NULL pointer dereference)/ },
  { kind: 'kernel-oops', form: /^(?:Internal error: )?Oops: / },
  { kind: 'kernel-oops', form: /^Unable to handle kernel / },
  { kind: 'kernel-oops', form: /^general protection fault(?:, [^:]+)?: [0-9a-f]{4} \[#\d+\]/ },
  { kind: 'kernel-oops', form: /^kernel BUG at / },
  { kind: 'under-voltage', form: /Under-?voltage detected!/i },
  { kind: 'thermal', form: /[Tt]emperature above threshold, cpu clock throttled/ },
  { kind: 'thermal', form: /^thermal thermal_zone\d+: .*critical temperature reached/ },
  { kind: 'boot', form: /^Linux version \d/ },
]

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

/** One look for the words that some form has; a kernel's log is nearly all lines without any. */
const hint =
  /fault|trap|general protection|lockup|LOCKUP|detected|blocked for|I\/O|error|Error|Corruption|corruption|hutting|read-only|Timeout waiting|failed command|panic|BUG|Oops|Unable|oltage|emperature|Linux version/

const faultIn = (text: string): { kind: CrashEventKind; comm: string | null; pid: number | null } | null => {
  if (!hint.test(text)) return null
  for (const { kind, form } of forms) {
    const match = form.exec(text)
    if (match === null) continue
    const { comm = null, pid } = match.groups ?? {}
    return { kind, comm, pid: pid === undefined ? null : Number(pid) }
  }
  return null
}
