import { hasDocker, hasFuse, hasShell, hasSystemd, isRoot } from './support/needs.ts'

/** One line on what this machine lacks, so that a green run never hides what it did not look at. */
export const setup = (): void => {
  const missing = [
    ...(isRoot ? [] : ['root']),
    ...(hasDocker ? [] : ['a Docker socket']),
    ...(hasSystemd ? [] : ['systemd']),
    ...(hasFuse ? [] : ['bindfs on /dev/fuse']),
    ...['zsh', 'fish'].filter((shell) => !hasShell(shell)),
  ]
  if (missing.length > 0)
    process.stdout.write(
      `Tests that need ${missing.join(', ')} are skipped here; \`npm run test:e2e\` brings what they need.\n`,
    )
}
