/** Where a process stands in the hierarchies that count memory; null: it is in no such hierarchy. */
export interface ProcCgroup {
  /** Path in the cgroup v2 hierarchy (`0::/system.slice/cron.service`). */
  v2Path: string | null
  /** Path in the v1 hierarchy of the memory controller (`4:memory:/docker/ID`). */
  v1MemoryPath: string | null
}

/**
 * /proc/PID/cgroup (cgroups(7)), a line for each hierarchy: `number:controllers:path`. Only the path may hold more
 * colons; a line break in it is impossible, the kernel refuses such names. Lines that make no sense are left out.
 */
export const parseProcCgroup = (text: string): ProcCgroup => {
  const found: ProcCgroup = { v2Path: null, v1MemoryPath: null }
  // Not a multi-line expression: its `^` would also begin a line at a carriage return, which a name may hold.
  for (const line of text.split('\n')) {
    const [, number, controllers, path] = /^(\d+):([^:]*):(\/.*)$/s.exec(line) ?? []
    if (path === undefined) continue
    if (number === '0' && controllers === '') found.v2Path = path
    else if (controllers?.split(',').includes('memory')) found.v1MemoryPath = path
  }
  return found
}

/** The path in the v1 hierarchy of a controller, e.g. `freezer`; null where it is in none. */
export const v1PathOf = (text: string, controller: string): string | null => {
  for (const line of text.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/s.exec(line) ?? []
    if (path !== undefined && controllers?.split(',').includes(controller)) return path
  }
  return null
}
