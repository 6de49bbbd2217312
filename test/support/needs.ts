import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** What this machine has for the tests that need real parts; global-setup.ts prints what was skipped. */
export const isRoot = process.getuid?.() === 0
export const hasSystemd = existsSync('/run/systemd/system')
export const hasDocker = existsSync(process.env.DOCKER_HOST?.replace('unix://', '') ?? '/var/run/docker.sock')
/** A file system whose server can be stopped. */
export const hasFuse = isRoot && existsSync('/dev/fuse') && spawnSync('bindfs', ['-V']).status === 0
export const hasShell = (name: string): boolean => spawnSync(name, ['-c', 'exit']).status === 0
