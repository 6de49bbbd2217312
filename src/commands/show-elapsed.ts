import type { Host } from '../host/host.ts'

const everyMs = 1000

/**
 * Says on a terminal how long a run goes on, from the first second on; what is done by then pays for one timer alone.
 * Returns what takes the line away again.
 */
export const showElapsed = (host: Host, name: string): (() => void) => {
  let isShown = false
  let isOver = false
  let wait = host.timer(everyMs)
  const show = (): void => {
    if (isOver || !host.out.stderrIsTerminal) return
    isShown = true
    host.out.stderr(`\r${name}: ${Math.round(host.elapsedMs() / 1000)} s \u001b[K\r`)
    wait = host.timer(everyMs)
    wait.done.then(show)
  }
  wait.done.then(show)
  return () => {
    wait.cancel()
    if (isShown && !isOver) host.out.stderr('\r\u001b[K')
    isOver = true
  }
}
