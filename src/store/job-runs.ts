import { checksum } from '../core/checksum.ts'
import type { JobRun } from '../core/job.ts'
import { mapReading, type Reading, value } from '../core/reading.ts'
import type { HostSave, PositionedFile } from '../host/host.ts'

/** Where the last runs of a command are; readable for people. */
export const jobRunsPath = (stateDir: string, command: string): string => `${stateDir}/${command}.runs`

const slots = 16
const slotBytes = 64

interface Line extends JobRun {
  sequence: number
}

/**
 * Notes that a run has begun, in the place of the oldest of the last 16. A run is one line of a fixed length, written
 * in one go and not waited for: after a power cut the newest may be missing, and a torn line is none. Only the holder
 * of the command's lock writes here. @returns what `endRun` needs; null where it could not be written.
 */
export const beginRun = (save: HostSave, path: string, nowMs: number): Line | null => {
  const begun = save.positioned(path, 'write', (file) => {
    const newest = linesOf(file).at(-1)
    const line = { sequence: (newest?.sequence ?? 0) + 1, begunAtMs: nowMs, endedAtMs: null, exitCode: null }
    write(file, line)
    return value(line)
  })
  return begun.kind === 'value' ? begun.value : null
}

export const endRun = (save: HostSave, path: string, begun: Line, nowMs: number, exitCode: number): void => {
  save.positioned(path, 'write', (file) => {
    write(file, { ...begun, endedAtMs: nowMs, exitCode })
    return value(true)
  })
}

/** The last runs, oldest first; absent when none was recorded. What is broken is left out. */
export const readRuns = (save: HostSave, path: string): Reading<JobRun[]> =>
  mapReading(
    save.positioned(path, 'read', (file) => value(linesOf(file))),
    (lines) => lines.map(({ begunAtMs, endedAtMs, exitCode }) => ({ begunAtMs, endedAtMs, exitCode })),
  )

const write = (file: PositionedFile, line: Line): void =>
  file.write(((line.sequence - 1) % slots) * slotBytes, new TextEncoder().encode(textOf(line)))

const textOf = ({ sequence, begunAtMs, endedAtMs, exitCode }: Line): string => {
  const body = [sequence, begunAtMs, endedAtMs ?? '-', exitCode ?? '-'].join(' ')
  return `${`${body} ${checksum(body)}`.padEnd(slotBytes - 1)}\n`
}

const linesOf = (file: PositionedFile): Line[] => {
  const text = new TextDecoder('latin1').decode(file.read(0, slots * slotBytes))
  return Array.from({ length: slots }, (_, slot) => text.slice(slot * slotBytes, (slot + 1) * slotBytes))
    .flatMap((line) => readLine(line) ?? [])
    .sort((a, b) => a.sequence - b.sequence)
}

const readLine = (text: string): Line | null => {
  const [, body = '', sequence, begun, ended, code, sum] =
    /^((\d{1,10}) (\d{1,15}) (\d{1,15}|-) (\d{1,3}|-)) ([0-9a-f]{8}) *\n$/.exec(text) ?? []
  if (sum === undefined || sum !== checksum(body)) return null
  return {
    sequence: Number(sequence),
    begunAtMs: Number(begun),
    endedAtMs: ended === '-' ? null : Number(ended),
    exitCode: code === '-' ? null : Number(code),
  }
}
