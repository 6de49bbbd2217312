import { formatBytes } from '../core/units.ts'
import { inkFor } from './color.ts'
import { table } from './table.ts'
import { lineCells, type View } from './view.ts'

export interface LimitRow {
  service: string
  via: string
  /** Where the limit that counts is set; null without one. */
  source: string | null
  limitBytes: number | null
  reservationBytes: number | null
  wantedBytes: number | null
  usedBytes: number | null
  /** False: whether there is a limit could not be asked. */
  isKnown: boolean
}

/** One line a service; `none` is what should be seen. */
export const limitsTable = (rows: readonly LimitRow[], view: View): string => {
  if (rows.length === 0) return 'no container and no unit of interest runs here\n'
  const bytes = (amount: number | null, none: string): string =>
    amount === null ? none : formatBytes(amount)
  const lines = table(
    [
      { title: 'SERVICE', align: 'left', rank: 0, shrinksTo: { first: 24, last: 10 } },
      { title: 'LIMIT', align: 'right', rank: 0 },
      { title: 'IN USE', align: 'right', rank: 3 },
      { title: 'WANTED', align: 'right', rank: 4 },
      { title: 'RESERVED', align: 'right', rank: 2 },
      { title: 'SET AT', align: 'left', rank: 1, shrinksTo: { first: 24, last: 12 } },
    ],
    rows.map((row) => [
      { text: row.service },
      {
        text: bytes(row.limitBytes, row.isKnown ? 'none' : '?'),
        style: row.limitBytes === null ? 'yellow' : null,
      },
      { text: bytes(row.usedBytes, row.via === 'compose' ? '' : '?') },
      { text: bytes(row.wantedBytes, '') },
      { text: bytes(row.reservationBytes, '') },
      { text: row.source ?? row.via },
    ]),
    lineCells(view.columns),
    inkFor(view.color),
  )
  return `${lines.join('\n')}\n`
}

/** A size as compose and systemd take it: whole mebibytes where it is one, else bytes. */
const plainSize = (bytes: number): string => (bytes % 1024 ** 2 === 0 ? `${bytes / 1024 ** 2}m` : `${bytes}`)

export interface PermanentLimit {
  /** Of compose, or the container's own name. */
  name: string
  memoryBytes: number | null
  reservationBytes: number | null
}

/** What to write into the compose file, so that the next container has it too. */
export const composeLines = ({ name, memoryBytes, reservationBytes }: PermanentLimit): string[] => [
  'services:',
  `  ${name}:`,
  ...(memoryBytes === null ? [] : [`    mem_limit: ${plainSize(memoryBytes)}`]),
  ...(reservationBytes === null ? [] : [`    mem_reservation: ${plainSize(reservationBytes)}`]),
]

/** What to write by `systemctl edit UNIT`. */
export const unitLines = ({ memoryBytes, reservationBytes }: PermanentLimit): string[] => [
  '[Service]',
  ...(memoryBytes === null ? [] : [`MemoryMax=${plainSize(memoryBytes).toUpperCase()}`]),
  ...(reservationBytes === null ? [] : [`MemoryLow=${plainSize(reservationBytes).toUpperCase()}`]),
]
