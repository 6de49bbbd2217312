import type { Mount } from '../core/facts.ts'
import type { ProcViewer } from './pid-status.ts'

/** Linux 5.8 shows names, kernels before it numbers; `4` and `ptraceable` came with 5.8. */
const modes: Record<string, 'noaccess' | 'invisible' | 'ptraceable'> = {
  '1': 'noaccess',
  noaccess: 'noaccess',
  '2': 'invisible',
  invisible: 'invisible',
  '4': 'ptraceable',
  ptraceable: 'ptraceable',
}

/** Whether any proc mount on /proc hides other users' processes, and from whom (proc(5), `hidepid`, `gid`). */
export const hidesProcessesFrom = (mounts: Mount[], viewer: ProcViewer | null): boolean => {
  const options = mounts
    .findLast((m) => m.mountPoint === '/proc' && m.type === 'proc')
    ?.superOptions.split(',')
  const setting = options?.find((option) => option.startsWith('hidepid='))?.slice('hidepid='.length) ?? '0'
  if (setting === '0' || setting === 'off') return false
  if (viewer === null) return true
  if (viewer.mayTrace) return false
  // fs/proc/base.c: the group exempts from all modes but `ptraceable`; without `gid=` it is the root group.
  const gid = Number(options?.find((option) => /^gid=\d+$/.test(option))?.slice('gid='.length) ?? 0)
  return modes[setting] === 'ptraceable' || modes[setting] === undefined || !viewer.groups.includes(gid)
}
