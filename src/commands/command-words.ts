import { valueOrNull } from '../core/reading.ts'
import type { Host } from '../host/host.ts'
import { redact } from '../report/redact.ts'

/** `start:` of the config for people and logs: without secrets, which may stand in it as `${NAME}`. */
export const argvWords = (argv: readonly string[]): string => redact(argv.join(' '))

/** The command line of a process for people and logs: without secrets; empty where it cannot be read. */
export const commandWords = (host: Host, pid: number): string =>
  redact(valueOrNull(host.processes.commandLine(pid)) ?? '')
