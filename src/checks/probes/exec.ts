import { hideCredentials } from '../../core/credentials.ts'
import { clip } from '../../core/escape.ts'
import { failed } from '../../core/reading.ts'
import type { CommandRecord } from '../../host/host.ts'
import { answeredWell, type ExecProbe, notTried, type Outcome, type ProbeKind, wrong } from './probe.ts'

const maxOutputBytes = 64 * 1024

/**
 * What shells, env(1), timeout(1) and `docker exec` end with when there is no such program, or it cannot be run (POSIX
 * shell, 2.8.2). Incident E: a container without pgrep is neither well nor dead for it.
 */
const toolMissing = new Set<number | null>([126, 127])

/** A program that ends with 0. It is told of by its name alone: arguments may hold tokens. */
export const exec: ProbeKind<ExecProbe> = {
  item: (probe) => `exec ${clip(programOf(probe), 60)}`,

  async ask({ host, timeoutMs }, probe) {
    const [program = '', ...args] = probe.exec
    const run = await host.run([program, ...args], { timeoutMs, maxOutputBytes })
    if (run.kind === 'value') return judge(programOf(probe), run.value)
    if (run.kind === 'absent' || run.cause !== 'timeout') return notTried(run)
    return wrong('unanswered', { cause: 'timeout', what: programOf(probe), detail: run.detail })
  },
}

const programOf = ({ exec: [program = ''] }: ExecProbe): string => program.slice(program.lastIndexOf('/') + 1)

const judge = (program: string, record: CommandRecord): Outcome => {
  const { exitCode, signal } = record
  if (exitCode === 0) return answeredWell()
  const said = lastLine(record)
  if (toolMissing.has(exitCode)) return notTried(failed('tool-missing', `what ${program} runs`, said))
  return wrong('exit', { program, exitCode, signal, said })
}

/** Of stderr, where programs say what is wrong; of stdout when that is empty. */
const lastLine = ({ stdout, stderr }: CommandRecord): string => {
  const lines = (stderr.trim() || stdout.trim()).split('\n')
  return clip(hideCredentials(lines.at(-1)?.trim() ?? ''), 160)
}
