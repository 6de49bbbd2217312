import { Script } from 'node:vm'

const hook = '__oratioHealthWithin'

/**
 * Does a piece of work that may not end, such as a regular expression on the text of strangers, and gives it up after
 * so many milliseconds: null. The watchdog of node:vm is the only thing that interrupts V8's expressions; setting it
 * costs 0.1 ms. The work must leave nothing half done behind.
 */
export const withinMs = <T>(ms: number, work: () => T): { result: T } | null => {
  const box: { done: { result: T } | null } = { done: null }
  const holder = globalThis as unknown as Record<string, (() => void) | undefined>
  holder[hook] = () => {
    box.done = { result: work() }
  }
  try {
    new Script(`${hook}()`).runInThisContext({ timeout: Math.max(1, Math.floor(ms)) })
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
    return null
  } finally {
    delete holder[hook]
  }
  return box.done
}
