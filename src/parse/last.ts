import { localTimeMs } from '../core/stamp.ts'

export interface BootRecord {
  kind: 'boot' | 'shutdown'
  atMs: number
}

// `last -x -F`: `reboot   system boot  6.1.0-28-amd64   Thu Nov 26 10:00:00 2026   still running`,
// `shutdown system down  6.1.0-28-amd64   Thu Nov 26 09:58:00 2026 - …`.
const line =
  /^(reboot|shutdown) +system (?:boot|down) .*?[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d{1,2}) (\d\d:\d\d:\d\d) (\d{4})/

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The boots and orderly shutdowns that `last -x -F` prints, the oldest first. Other lines are left out. */
export const parseLast = (text: string): BootRecord[] =>
  text
    .split('\n')
    .flatMap((one): BootRecord[] => {
      const [whole, what, month = '', day = '', time, year] = line.exec(one) ?? []
      const number = months.indexOf(month) + 1
      if (whole === undefined || number === 0) return []
      const atMs = localTimeMs(`${year}-${String(number).padStart(2, '0')}-${day.padStart(2, '0')}T${time}`)
      return atMs === null ? [] : [{ kind: what === 'reboot' ? 'boot' : 'shutdown', atMs }]
    })
    .sort((a, b) => a.atMs - b.atMs)

/** The boots before which nobody shut the host down: a crash, a reset or a power cut. */
export const uncleanBoots = (records: readonly BootRecord[]): BootRecord[] =>
  records.filter((one, i) => one.kind === 'boot' && records[i - 1]?.kind === 'boot')
