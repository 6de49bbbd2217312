import type { Mount } from '../core/facts.ts'

/**
 * /proc/PID/mountinfo (proc_pid_mountinfo(5)), lines such as
 * `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue`.
 * In the order of the file: of two mounts on one point the later hides the earlier. Lines that make no sense are
 * left out. Read-only is a mount that is so itself or whose file system is.
 */
export const parseMountinfo = (text: string): Mount[] => {
  const mounts: Mount[] = []
  for (const line of text.split('\n')) {
    const mount = mountOf(line)
    if (mount !== null) mounts.push(mount)
  }
  return mounts
}

const mountOf = (line: string): Mount | null => {
  const fields = line.split(' ')
  // Any number of optional fields (`shared:5`) ends with a lone `-`.
  const dash = fields.indexOf('-', 6)
  const [id, , device, rootInside, mountPoint, mountOptions] = fields
  // The source may be empty (`- tmpfs  rw`): then two spaces stand side by side.
  const [type, source, ...superOptions] = dash < 0 ? [] : fields.slice(dash + 1)
  if (!device || !rootInside || !mountPoint?.startsWith('/') || !mountOptions) return null
  if (!type || source === undefined || superOptions.length === 0) return null
  const options = superOptions.join(' ')
  return {
    id: Number(id),
    source: unescapeOctal(source),
    rootInside: unescapeOctal(rootInside),
    mountPoint: unescapeOctal(mountPoint),
    type: unescapeOctal(type),
    readOnly: hasOption(mountOptions, 'ro') || hasOption(options, 'ro'),
    device,
    superOptions: unescapeOctal(options),
  }
}

const hasOption = (options: string, name: string): boolean => options.split(',').includes(name)

/** The kernel writes space, tab, line break, backslash and `#` as `\040`, `\011`, `\012`, `\134`, `\043`. */
const unescapeOctal = (text: string): string =>
  text.includes('\\')
    ? text.replace(/\\([01][0-7]{2})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
    : text
