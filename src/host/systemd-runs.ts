import { existsSync } from 'node:fs'
import type { HostBase } from './base.ts'

/** sd_booted(3): this folder is there exactly when systemd is the init. */
export const systemdRuns = (base: HostBase): boolean => existsSync(base.at('/run/systemd/system'))
