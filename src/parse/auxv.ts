/** Two facts that the kernel hands every program at its start (getauxval(3)). */
export interface MachineUnits {
  pageBytes: number
  ticksPerSecond: number
}

const atPageSize = 6
const atClockTick = 17

/**
 * /proc/PID/auxv: pairs of machine words, type and value. The file does not say how wide a word is or which byte
 * comes first, and a captured one may be of another machine, so the reading that makes sense is taken: a page size
 * that is a power of two from 1 KiB to 1 MiB and 1 to 10,000 ticks a second. Null when none does.
 */
export const parseAuxv = (bytes: Uint8Array): MachineUnits | null =>
  unitsIn(bytes, 8, true) ?? unitsIn(bytes, 4, true) ?? unitsIn(bytes, 8, false) ?? unitsIn(bytes, 4, false)

const unitsIn = (bytes: Uint8Array, wordBytes: 4 | 8, littleEndian: boolean): MachineUnits | null => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const word = (at: number): number =>
    wordBytes === 4 ? view.getUint32(at, littleEndian) : Number(view.getBigUint64(at, littleEndian))
  let pageBytes = 0
  let ticksPerSecond = 0
  for (let at = 0; at + 2 * wordBytes <= bytes.byteLength; at += 2 * wordBytes) {
    const type = word(at)
    if (type === atPageSize) pageBytes = word(at + wordBytes)
    if (type === atClockTick) ticksPerSecond = word(at + wordBytes)
  }
  const makesSense =
    Number.isInteger(Math.log2(pageBytes)) &&
    pageBytes >= 1024 &&
    pageBytes <= 2 ** 20 &&
    ticksPerSecond >= 1 &&
    ticksPerSecond <= 10_000
  return makesSense ? { pageBytes, ticksPerSecond } : null
}
