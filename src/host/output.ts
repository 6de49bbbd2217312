import { fstatSync, writeSync } from 'node:fs'
import { errnoOf } from './errno.ts'
import type { HostOutput, HostScreen } from './host.ts'

type Streams = Pick<NodeJS.Process, 'stdout' | 'stderr' | 'env'>

/**
 * The terminal, pipe or file this program writes to. A reader that closes early (`| head`) ends the output, not the
 * run: the check is made and recorded all the same. Node's own streams are touched for terminals alone: the first look
 * at `process.stdout` loads twenty of Node's modules, and cron has no terminal.
 */
export const makeOutput = (from: Streams, options: { color?: boolean } = {}): HostOutput => {
  const { env } = from
  const stdoutIsTerminal = isTerminal(1, () => from.stdout)
  return {
    stdoutIsTerminal,
    get stderrIsTerminal() {
      return isTerminal(2, () => from.stderr)
    },
    columns: columnsOf(env.COLUMNS, stdoutIsTerminal ? from.stdout.columns : undefined),
    // https://no-color.org: any non-empty value switches colour off.
    color: options.color !== false && stdoutIsTerminal && !env.NO_COLOR && env.TERM !== 'dumb',
    ...(stdoutIsTerminal && env.TERM !== 'dumb' ? { screen: screenOf(from.stdout) } : {}),
    stdout: (text) => write(1, text, () => from.stdout),
    stderr: (text) => write(2, text, () => from.stderr),
  }
}

/** Node asks the terminal anew at each SIGWINCH. */
const screenOf = (stream: NodeJS.WriteStream): HostScreen => ({
  // 0: a terminal that does not know, as of some serial lines.
  size: () => ({ columns: stream.columns || 80, rows: stream.rows || 24 }),
  onResize: (handler) => void stream.on('resize', handler),
})

/** A terminal is a character device, as /dev/null is; what is none needs no closer look. */
const isTerminal = (fd: number, stream: () => NodeJS.WriteStream): boolean => {
  try {
    return fstatSync(fd).isCharacterDevice() && stream().isTTY === true
  } catch {
    // EBADF: it was closed before we began.
    return false
  }
}

const columnsOf = (given: string | undefined, own: number | undefined): number => {
  const columns = own ?? Number(given)
  return Number.isInteger(columns) && columns >= 20 ? columns : 80
}

const closed = new Set<number>()
const handedOver = new Set<number>()

const write = (fd: number, text: string, stream: () => NodeJS.WriteStream): void => {
  if (closed.has(fd)) return
  const bytes = Buffer.from(text, 'utf8')
  let written = 0
  try {
    while (!handedOver.has(fd) && written < bytes.length) written += writeSync(fd, bytes, written)
  } catch (error) {
    // Somebody made the pipe non-blocking and it is full: Node's stream waits for it, in order, from here on.
    if (errnoOf(error) === 'EAGAIN') handedOver.add(fd)
    else closed.add(fd)
  }
  if (handedOver.has(fd) && written < bytes.length) writeByStream(fd, bytes.subarray(written), stream())
}

const writeByStream = (fd: number, bytes: Buffer, stream: NodeJS.WriteStream): void => {
  if (stream.listenerCount('error') === 0) stream.on('error', () => closed.add(fd))
  stream.write(bytes)
}
