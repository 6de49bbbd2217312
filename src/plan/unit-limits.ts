/** What the services have to get along with. */
export interface Surroundings {
  /** `user`: of a user's own manager, which may not make name spaces or lower an OOM score. */
  scope: 'system' | 'user'
  stateDir: string
  logDir: string
  /** The config has shell text or programs of its own for `check` to run: hooks, notify run: and email:, exec probes. */
  runsPrograms: boolean
  /** The config has `start:`: what check starts lives on in the service's cgroup and has all its limits. */
  startsServices: boolean
  /** Where the rules of `cleanup:` remove. */
  cleanupPaths: readonly string[]
  mountPoints: readonly string[]
}

/**
 * What a service may use and touch. Each was tried with what the command does: a check that is kept from seeing is worse
 * than one without a fence. So nothing hides processes, /proc, /sys, devices, homes or /tmp.
 */
export const serviceLimits = (command: string, surroundings: Surroundings): string[] => {
  const own = [
    'Nice=5',
    'IOSchedulingClass=best-effort',
    'IOSchedulingPriority=7',
    ...(command === 'check' ? checkLimits(surroundings) : usual(surroundings)),
  ]
  return surroundings.scope === 'user' ? own : [...own, ...fenceOf(command, surroundings)]
}

const usual = ({ scope }: Surroundings): string[] => [
  'MemoryMax=512M',
  'NoNewPrivileges=true',
  // When memory runs out this is what must live to say so.
  ...(scope === 'system' ? ['OOMScoreAdjust=-500'] : []),
]

/** Always: `start:` and hooks may come into the config long after the units were written. */
const livesOn = [
  '# What check starts and leaves in the background (start:, a hook that ends with &) lives on when it ends.',
  'KillMode=process',
]

const checkLimits = (surroundings: Surroundings): string[] => {
  if (surroundings.startsServices)
    return [
      ...livesOn,
      '# The config has start: what check starts stays in this unit, and would share its limits.',
    ]
  if (!surroundings.runsPrograms) return [...livesOn, ...usual(surroundings)]
  return [
    ...livesOn,
    '# The config has programs to run (hooks, mail), which may need sudo or a set-gid sendmail: no NoNewPrivileges.',
    ...usual(surroundings).filter((line) => !line.startsWith('NoNewPrivileges')),
  ]
}

const harmless = ['LockPersonality=true', 'RestrictRealtime=true']

const fenceOf = (command: string, surroundings: Surroundings): string[] => {
  const { stateDir, logDir, runsPrograms, startsServices, cleanupPaths, mountPoints } = surroundings
  switch (command) {
    case 'check': {
      if (runsPrograms || startsServices) return []
      // ProtectSystem= makes file systems read-only in its view, and those are left out of the disks that are judged.
      const kept = ['/etc', '/usr'].filter((path) => !mountPoints.includes(path))
      return [
        ...harmless,
        '# Not ProtectSystem=: a disk that is read-only in its view would not be judged.',
        ...(kept.length === 0 ? [] : [`ReadOnlyPaths=${kept.join(' ')}`]),
        'RestrictSUIDSGID=true',
      ]
    }
    case 'cleanup-tmp': {
      const isInside = cleanupPaths.some((path) => /^\/(usr|boot|efi|etc)(\/|$)|^\/$|^[^/]/.test(path))
      return isInside ? harmless : [...harmless, 'ProtectSystem=full', 'RestrictSUIDSGID=true']
    }
    case 'journal-limits':
      return [
        ...harmless,
        'ProtectSystem=strict',
        'ProtectHome=read-only',
        ...writable(stateDir, logDir, '-/etc/systemd', '-/var/log/journal', '-/run/log/journal'),
      ]
    default:
      return [...harmless, 'ProtectSystem=strict', 'ProtectHome=read-only', ...writable(stateDir, logDir)]
  }
}

/**
 * systemd does not start a service with `ReadWritePaths=` of a folder that is gone, as /var/log/oratio-health is after a
 * boot where /var/log is in memory. What lies in its usual places it makes itself, when it is told so (systemd.exec(5)).
 */
const writable = (stateDir: string, logDir: string, ...others: string[]): string[] => {
  const state = nameBelow('/var/lib/', stateDir)
  const logs = nameBelow('/var/log/', logDir)
  const paths = [...(state === null ? [stateDir] : []), ...(logs === null ? [logDir] : []), ...others]
  return [
    ...(state === null ? [] : [`StateDirectory=${state}`, 'StateDirectoryMode=0750']),
    ...(logs === null ? [] : [`LogsDirectory=${logs}`, 'LogsDirectoryMode=0750']),
    ...(paths.length === 0 ? [] : [`ReadWritePaths=${paths.map(pathWord).join(' ')}`]),
  ]
}

/** Null: it lies elsewhere, or has a name that would have to be quoted. */
const nameBelow = (folder: string, path: string): string | null => {
  const name = path.startsWith(folder) ? path.slice(folder.length) : ''
  return /^[\w-]+(\/[\w-]+)*$/.test(name) ? name : null
}

/** In lists of paths `%` is systemd's own, and blanks divide. */
const pathWord = (path: string): string => {
  const text = path.replaceAll('%', '%%')
  return /[\s"'\\]/.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : text
}
