import { failed, type Reading, value } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'
import { type Gathered, gatherer } from '../../leak/thin.ts'
import { seriesReader } from '../../parse/series-table.ts'

const chunkBytes = 1024 * 1024

export interface ReadSeries extends Gathered {
  isSinceStart: boolean
  notes: string[]
}

/** Reads a series of any length from a file, a mebibyte at a time. */
export const readSeries = (host: Host, path: string): Reading<ReadSeries> => {
  const reader = seriesReader()
  const gathered = gatherer()
  let [lines, noTime, noBytes, firstFault] = [0, 0, 0, 0]
  let faultText = ''
  let offset = 0
  for (;;) {
    const part = host.files.readFrom(path, offset, chunkBytes, true)
    if (part.kind !== 'value') return part
    if (part.value.nextOffset === offset) break
    for (const text of part.value.text.split('\n')) {
      lines++
      const row = reader.line(text)
      if (reader.headerFault !== null) return malformed(path, `line ${lines}: ${reader.headerFault}`)
      if (row === null) continue
      if (typeof row === 'object') {
        gathered.add(row.atMs, row.bytes)
        continue
      }
      if (firstFault === 0) [firstFault, faultText] = [lines, text.slice(0, 60)]
      if (row === 'no-time') noTime++
      else noBytes++
    }
    offset = part.value.nextOffset
  }
  const all = gathered.finish()
  if (all.rows === 0)
    return malformed(
      path,
      firstFault === 0
        ? 'it has no row'
        : `line ${firstFault} is no row of time and bytes: ${JSON.stringify(faultText)}`,
    )
  if (noTime + noBytes > all.rows)
    return malformed(
      path,
      `${noTime + noBytes} of ${noTime + noBytes + all.rows} rows hold no time or no bytes`,
    )
  return value({
    ...all,
    isSinceStart: reader.isSinceStart,
    notes: [
      reader.hasHeader ? null : 'no header: the first two columns were taken for time and bytes',
      noTime > 0 ? `${noTime} rows without a time left out, the first in line ${firstFault}` : null,
      noBytes > 0
        ? `${noBytes} rows without a size of memory left out, the first in line ${firstFault}`
        : null,
      all.unsorted > 0 ? `${all.unsorted} rows were earlier than the one before; put in order` : null,
      all.doubles > 0 ? `${all.doubles} rows had the time of the one before; the lowest counts` : null,
      all.rowsPerPoint > 1 ? `${all.rows} rows: of each ${all.rowsPerPoint} the lowest counts` : null,
    ].filter((note) => note !== null),
  })
}

const malformed = (path: string, detail: string): Reading<never> => failed('malformed', path, detail)
