import type { HostOutput } from './host.ts'

/**
 * The terminal or pipe this program writes to. A reader that closes early (`| head`) ends the output, not the run:
 * the check is made and recorded all the same.
 */
export const makeOutput = (
  from: Pick<NodeJS.Process, 'stdout' | 'stderr' | 'env'>,
  options: { color?: boolean } = {},
): HostOutput => {
  const { stdout, stderr, env } = from
  return {
    get stdoutIsTerminal() {
      return stdout.isTTY === true
    },
    get stderrIsTerminal() {
      return stderr.isTTY === true
    },
    columns: columnsOf(env.COLUMNS, stdout),
    // https://no-color.org: any non-empty value switches colour off.
    color: options.color !== false && stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb',
    stdout: (text) => write(stdout, text),
    stderr: (text) => write(stderr, text),
  }
}

const columnsOf = (given: string | undefined, stdout: NodeJS.WriteStream): number => {
  const columns = stdout.columns ?? Number(given)
  return Number.isInteger(columns) && columns >= 20 ? columns : 80
}

const closed = new WeakSet<NodeJS.WriteStream>()
const watched = new WeakSet<NodeJS.WriteStream>()

const write = (stream: NodeJS.WriteStream, text: string): void => {
  if (!watched.has(stream)) {
    watched.add(stream)
    stream.on('error', () => closed.add(stream))
  }
  if (!closed.has(stream)) stream.write(text)
}
