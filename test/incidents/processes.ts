import { readdirSync, readFileSync } from 'node:fs'

/** A process as this host's kernel tells it. */
export interface Seen {
  pid: number
  /** In its own pid namespace. */
  innerPid: number
  command: string
}

/** All whose command line has that text, in the container whose id is given, by /proc alone. */
export const processesOf = (containerId: string, part: string): Seen[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const read = (file: string): string => readFileSync(`/proc/${name}/${file}`, 'utf8')
        if (!read('cgroup').includes(containerId)) return []
        const command = read('cmdline').replaceAll('\0', ' ').trim()
        if (!command.includes(part)) return []
        const innerPid = Number(/^NSpid:.*?(\d+)$/m.exec(read('status'))?.[1] ?? name)
        return [{ pid: Number(name), innerPid, command }]
      } catch {
        // It has ended since.
        return []
      }
    })

/** A file of a process's memory cgroup, of either version; null where it has none. */
export const memoryFile = (pid: number, v1: string, v2: string): string | null => {
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8')
  const old = /^\d+:memory:(.*)$/m.exec(lines)?.[1]
  const unified = /^0::(.*)$/m.exec(lines)?.[1]
  const path =
    old === undefined ? `/sys/fs/cgroup${unified ?? ''}/${v2}` : `/sys/fs/cgroup/memory${old}/${v1}`
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return null
  }
}
