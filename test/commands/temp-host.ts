import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { CommandResult, GlobalOptions, RunContext } from '../../src/commands/command.ts'
import type { ContainerFacts, UnitFacts } from '../../src/core/facts.ts'
import { absent, type Reading, value } from '../../src/core/reading.ts'
import { makeApply } from '../../src/host/apply.ts'
import { makeCgroups } from '../../src/host/cgroups.ts'
import { makeFiles } from '../../src/host/files.ts'
import type { CommandRecord, Host } from '../../src/host/host.ts'
import { makeHttp } from '../../src/host/http.ts'
import { makeProcesses } from '../../src/host/processes.ts'
import { makeTree } from '../../src/host/tree.ts'
import { capturedBase, liveBase } from '../support/bases.ts'

export interface TempHost {
  /** Below a folder of the test's own: path on the host → content; `null` makes a folder. */
  files: Record<string, string | null>
  live?: boolean
  uid?: number
  env?: Record<string, string>
  nowMs?: number
  containers?: Reading<ContainerFacts[]>
  endpoint?: Reading<string>
  /** The body of its answer to `GET /events`. */
  events?: Reading<{ text: string; truncated: boolean }>
  units?: Reading<UnitFacts[]>
  /** What programs answer, by their command line; others are not installed. */
  commands?: Record<string, Partial<CommandRecord>>
  /** Why it cannot be seen what is open, null when it can; not named: as on this machine. */
  blindness?: string | null
  /** By the kernel, for `test -w`, `-x` and `-d`; not named: as test(1) says of a thing that is there. */
  denied?: readonly string[]
}

/** A host of real files below `root`, read by the real factories; programs and sockets answer as the test says. */
export const tempHost = (root: string, host: TempHost): Host => {
  for (const [path, content] of Object.entries(host.files)) {
    mkdirSync(content === null ? join(root, path) : dirname(join(root, path)), { recursive: true })
    if (content !== null) writeFileSync(join(root, path), content)
  }
  const base = capturedBase(root)
  const files = makeFiles(base)
  const answers = host.commands ?? {}
  const run: Host['run'] = async (argv) => {
    const answer = answers[argv.join(' ')] ?? (argv[0] === 'test' ? testAnswer(argv) : undefined)
    const record = { exitCode: 0, signal: null, stdout: '', stderr: '', truncated: false, ...answer }
    return answer === undefined
      ? { kind: 'failed', cause: 'tool-missing', what: argv[0], detail: 'is not installed' }
      : value(record)
  }
  const testAnswer = ([, question, path = '']: readonly string[]): Partial<CommandRecord> => {
    const info = files.info(path)
    const isThere = info.kind === 'value' && !(host.denied ?? []).includes(path)
    return { exitCode: isThere && (question !== '-d' || info.value.kind === 'folder') ? 0 : 1 }
  }
  return {
    root,
    live: host.live ?? true,
    hostname: 'box',
    uid: host.uid ?? 0,
    pid: 999_999,
    env: host.env ?? {},
    program: ['/usr/bin/node', '/usr/local/bin/oratio-health'],
    now: () => host.nowMs ?? 1_800_000_000_000,
    elapsedMs: () => 0,
    timer: () => ({ done: new Promise(() => {}), cancel: () => {} }),
    within: async (_, work) => ({ result: work() }),
    again: () => tempHost(root, host),
    onEndSignal: () => {},
    files,
    processes: makeProcesses(base),
    cgroups: makeCgroups(base),
    engine: {
      containers: async () => host.containers ?? absent('a container engine'),
      endpoint: async () => host.endpoint ?? absent('a container engine'),
      logs: async () => absent('a container engine'),
      events: async () => host.events ?? absent('a container engine'),
    },
    logs: {
      file: async () => absent('log'),
      program: async ([name]) => absent(name),
      kernelRing: async () => absent('kmsg'),
    },
    tree: async () => {
      const tree = makeTree(liveBase)
      const { blindness } = host
      return blindness === undefined
        ? tree
        : { ...tree, openFiles: () => ({ ...tree.openFiles(), look: () => blindness }) }
    },
    net: { http: async () => absent('network'), connect: async () => absent('network') },
    systemd: { units: async () => host.units ?? absent('systemd') },
    run: (argv, options) => ((host.live ?? true) ? run(argv, options) : Promise.resolve(absent(argv[0]))),
    apply: makeApply({ base: liveBase, dryRun: false, run, http: makeHttp(), log: () => {} }),
    save: { readText: absent, positioned: (path: string) => absent(path) } as unknown as Host['save'],
    out: {} as Host['out'],
    ownPart: async (name) => absent(name),
  }
}

/** One line of /proc/PID/stat with the state and the name that matter here. */
export const statLine = (pid: number, comm: string, state = 'S', rssPages = 100): string =>
  `${pid} (${comm}) ${state} 1 ${pid} ${pid} 0 -1 4194560 0 0 0 0 1 1 0 0 20 0 1 0 500 1000000 ${rssPages} 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n`

export const contextOf = (host: Host, global: Partial<GlobalOptions> = {}): RunContext => ({
  host,
  version: '0.0.0',
  loaded: null,
  args: [],
  options: {},
  global: {
    config: null,
    stateDir: '/var/lib/oratio-health',
    logDir: '/var/log/oratio-health',
    json: false,
    quiet: false,
    verbose: false,
    dryRun: false,
    ...global,
  },
  remainingMs: () => Number.POSITIVE_INFINITY,
  holdTimeout: () => {},
})

/** The result as the `--json` document that run-command.ts would print of it. */
export const documentOf = (result: CommandResult): Record<string, unknown> => ({
  schema: `oratio-health/${result.document?.schema}`,
  version: '0.0.0',
  host: 'box',
  startedAt: '2026-01-31T03:00:00.000Z',
  finishedAt: '2026-01-31T03:00:01.000Z',
  status: result.status,
  exitCode: result.exitCode ?? 0,
  ...result.document?.body,
})
