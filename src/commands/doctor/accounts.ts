import type { Host } from '../../host/host.ts'

/** A process each. Names beyond it count as known: better silent than wrong. */
const mostAsked = 20

/** Which of these names are accounts: by /etc/passwd, and by getent(1) for those that a directory service knows. */
export const knownAccounts = async (host: Host, names: readonly string[]): Promise<ReadonlySet<string>> => {
  const passwd = host.files.readText('/etc/passwd')
  const known = new Set(
    passwd.kind === 'value' ? [...passwd.value.matchAll(/^([^:\n]+):/gm)].map(([, name]) => name ?? '') : [],
  )
  // A path where the user belongs is no user, and `-x` would be an option of getent.
  const unsure = [...new Set(names)].filter((name) => !known.has(name) && !/^-|[/=]/.test(name))
  for (const [index, name] of unsure.entries()) {
    if (index >= mostAsked) {
      known.add(name)
      continue
    }
    const answer = await host.run(['getent', 'passwd', name], { timeoutMs: 5000 })
    // Only getent's own "not found" (2) proves that there is none.
    if (answer.kind === 'value' ? answer.value.exitCode !== 2 : host.live || passwd.kind !== 'value')
      known.add(name)
  }
  return known
}
