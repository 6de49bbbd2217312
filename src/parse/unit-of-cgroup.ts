/**
 * The innermost service or scope of a process, from /proc/PID/cgroup (cgroups(7)): of systemd's own hierarchy
 * (`1:name=systemd:/user.slice/…`) where there is one, else of v2 (`0::/user.slice/…`); null for none. What a unit has made
 * below itself counts as the unit.
 */
export const unitOfCgroup = (text: string): string | null => {
  const lines = text.split('\n')
  const line =
    lines.find((one) => /^\d+:name=systemd:\//.test(one)) ?? lines.find((one) => one.startsWith('0::/'))
  if (line === undefined) return null
  const names = line.split('/').filter((name) => /.\.(?:service|scope)$/.test(name))
  return names.at(-1) ?? null
}
