import { valueOrNull } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'

/**
 * Process 1, or started by it: what we start lives and ends with us. Under a shell, a terminal, it does not: whoever
 * looks for a while and presses Ctrl-C takes no service along.
 */
export const isEntrypoint = (host: Host): boolean => host.pid === 1 || parentOf(host) === 1

const parentOf = (host: Host): number | null =>
  valueOrNull(host.processes.scan())?.processes.find(({ pid }) => pid === host.pid)?.ppid ?? null

/** As process 1 we are handed the orphans of the whole container, and Node cannot reap what it did not start. */
export const zombieWords = (host: Host): string => {
  if (host.pid !== 1) return ''
  const zombies = valueOrNull(host.processes.scan())?.processes.filter(({ state }) => state === 'Z')
  const count = zombies === undefined ? 'how many there are is not known' : `now ${zombies.length}`
  return `oratio-health: this is process 1, which should reap zombies and cannot (${count})
  start the container with an init: docker run --init, \`init: true\` in compose, or tini as the entrypoint
`
}
