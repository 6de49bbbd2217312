import type { Host } from '../../host/host.ts'

const patienceMs = 60_000
const stepMs = 500

/**
 * Waits for the commands that hold their lock, a minute at most for all of them. One that still does is the answer: it
 * would write its state anew. Null: none.
 *
 * @param commands null: all but install itself
 */
export const runningCommand = async (
  host: Host,
  stateDir: string,
  commands: readonly string[] | null = null,
): Promise<string | null> => {
  const names = host.save.list(stateDir)
  const running = (names.kind === 'value' ? names.value : [])
    .filter((name) => name.endsWith('.lock') && name !== 'install.lock')
    .map((name) => name.slice(0, -'.lock'.length))
    .filter((name) => commands?.includes(name) !== false)
  let waitedMs = 0
  for (const name of running)
    for (; isHeld(host, `${stateDir}/${name}.lock`); waitedMs += stepMs) {
      if (waitedMs >= patienceMs) return name
      await host.timer(stepMs).done
    }
  return null
}

const isHeld = (host: Host, path: string): boolean => {
  const taken = host.save.takeLock(path)
  if (taken.kind === 'value' && taken.value.held) host.save.releaseLock(path)
  return taken.kind === 'value' && !taken.value.held
}
