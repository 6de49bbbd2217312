import { formatBytes } from '../../core/units.ts'
import { parseMeminfo } from '../../parse/meminfo.ts'
import { type Examination, fine } from './examination.ts'

/** A host without swap is no fault, but worth knowing: it has no slow stretch before the OOM killer comes. */
export const swap: Examination = {
  name: 'swap',
  examine({ host }) {
    const text = host.files.readText('/proc/meminfo')
    const info = text.kind === 'value' ? parseMeminfo(text.value) : text
    if (info.kind !== 'value') return []
    const bytes = info.value.swapTotalBytes
    return [fine(bytes === 0 ? 'none: a leak ends at the OOM killer without a warning' : formatBytes(bytes))]
  },
}
