import type { Host } from '../../host/host.ts'

/** Whether there is anything of that name; a link counts, wherever it leads. */
export const isThere = (host: Host, path: string): boolean => host.files.info(path).kind === 'value'

/** The same, where any of several places will do. */
export const isAnyThere = (host: Host, paths: readonly string[]): boolean =>
  paths.some((path) => isThere(host, path))

/**
 * What test(1) says of a path: `-x` and `-w` as the kernel would decide for us (access(2): ACLs, read-only mounts,
 * links followed). Null where it cannot be asked.
 */
export const testPath = async (
  host: Host,
  question: '-x' | '-w' | '-d',
  path: string,
): Promise<boolean | null> => {
  const answer = await host.run(['test', question, path], { timeoutMs: 3000 })
  if (answer.kind !== 'value' || answer.value.exitCode === null || answer.value.exitCode > 1) return null
  return answer.value.exitCode === 0
}

/** Inside a container the clock, cron and the journal are the business of the host around it. */
export const isInContainer = (host: Host): boolean =>
  isAnyThere(host, ['/.dockerenv', '/run/.containerenv', '/run/systemd/container'])
