import type { ProcessStat } from '../../core/facts.ts'
import { valueOrNull } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'

/**
 * By where the stack begins (proc(5), `startstack`): a fork has it where its parent has it, and exec puts it somewhere
 * else at random. 0 or 1 where it may not be seen.
 */
export const isForkOfParent = (host: Host, { pid, ppid }: ProcessStat): boolean => {
  const own = startOfStack(host, pid)
  return own !== null && own === startOfStack(host, ppid)
}

const startOfStack = (host: Host, pid: number): string | null => {
  const text = valueOrNull(host.files.readText(`/proc/${pid}/stat`)) ?? ''
  // The name, in brackets, is the second field and may hold brackets and blanks.
  const at = text.slice(text.lastIndexOf(')') + 2).split(' ')[25] ?? ''
  return /^\d{2,}$/.test(at) ? at : null
}
