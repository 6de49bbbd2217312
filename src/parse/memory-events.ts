/**
 * How many processes the OOM killer ended: the line `oom_kill 3` of memory.events (v2, with all cgroups below) or
 * memory.oom_control (v1, this cgroup alone). Null on kernels before 4.13, which do not count them.
 */
export const parseOomKills = (text: string): number | null => {
  const digits = /^oom_kill (\d{1,15})$/m.exec(text)?.[1]
  return digits === undefined ? null : Number(digits)
}
