import type { Host } from '../host/host.ts'

/** The first of `STEM.txt`, `STEM-2.txt` … that is not there: several may be written in one second. Null: too many. */
export const freePath = (host: Host, stem: string, ending: string): string | null => {
  for (let n = 1; n < 100; n++) {
    const path = n === 1 ? `${stem}.${ending}` : `${stem}-${n}.${ending}`
    if (host.save.info(path).kind === 'absent') return path
  }
  return null
}
