import { clip } from '../core/escape.ts'
import { formatBytes, formatDuration } from '../core/units.ts'
import { redact } from './redact.ts'

type Why =
  | { code: 'at'; markBytes: number; memoryBytes: number }
  | { code: 'every'; seconds: number }
  | { code: 'on'; state: string }

/** `hook of wallet at 2.0 GiB`. */
export const hookLabel = (service: string, why: Why): string => {
  const when =
    why.code === 'at'
      ? `at ${formatBytes(why.markBytes)}`
      : why.code === 'every'
        ? `every ${formatDuration(why.seconds)}`
        : `on ${why.state}`
  return `hook of ${clip(service, 80)} ${when}`
}

export const hookReason = (why: Why): string =>
  why.code === 'at'
    ? `memory is at ${formatBytes(why.memoryBytes)}`
    : why.code === 'every'
      ? 'it is time'
      : `it is ${why.state}`

/** `memory 1.9 GiB -> 410.0 MiB`; with what is not known left out. */
export const effectWords = (beforeBytes: number | null, afterBytes: number | null): string =>
  beforeBytes === null || afterBytes === null
    ? 'its effect on memory is not known'
    : `memory ${formatBytes(beforeBytes)} -> ${formatBytes(afterBytes)}`

const [mostLines, lineLength] = [20, 400]

/** What a hook printed, as lines of the log: the first twenty. */
export const outputLines = (output: string): string[] => {
  const lines = redact(output.slice(0, 65_536))
    .split('\n')
    .filter((line) => line.trim() !== '')
  const shown = lines.slice(0, mostLines).map((line) => `  | ${clip(line, lineLength)}`)
  return lines.length > mostLines ? [...shown, `  | … and ${lines.length - mostLines} more lines`] : shown
}
