/** They run one command and take in what it leaves behind. */
export const commandInits = new Set([
  'tini',
  'tini-static',
  'dumb-init',
  'docker-init',
  'catatonit',
  'podman-init',
])

/**
 * What takes in the orphans of others and is no parent that cares (prctl(2), PR_SET_CHILD_SUBREAPER). runsv and
 * s6-supervise are not here: their child is the very service they watch over.
 */
export const reapers = new Set([
  ...commandInits,
  ...['systemd', 'init', 's6-svscan'],
  // Of small systems, also as process 1 of a container.
  ...['runit', 'my_init', 'dinit', 'finit', 'openrc-init'],
])

/** As a container's first process they are its start script, the parent of the daemon and of all it leaves behind. */
export const shells = new Set(['sh', 'bash', 'dash', 'ash', 'busybox', 'zsh', 'ksh'])
