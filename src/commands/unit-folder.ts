import type { Host } from '../host/host.ts'

/** Where systemd, or the manager of the user who runs this, has units that a person installs. */
export const unitFolderOf = ({ uid, env }: Pick<Host, 'uid' | 'env'>): string => {
  if (uid === 0) return '/etc/systemd/system'
  const given = env.XDG_CONFIG_HOME
  return `${given?.startsWith('/') ? given : `${env.HOME ?? ''}/.config`}/systemd/user`
}
