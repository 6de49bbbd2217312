/**
 * Seconds of CPU time that a cgroup and all below it have used so far, those that have ended too: the line
 * `usage_usec 1234` of cpu.stat (v2, there without the cpu controller as well). Null on kernels before 4.15, and v1.
 */
export const parseCgroupCpu = (text: string): number | null => {
  const digits = /^usage_usec (\d{1,16})$/m.exec(text)?.[1]
  return digits === undefined ? null : Number(digits) / 1_000_000
}
