import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { must } from '../e2e/environment.ts'
import type { Place } from './place.ts'
import { until } from './until.ts'

/** Writes and starts services of systemd; what is given by name are the lines of [Service]. */
export const startUnits = async (host: Place, units: Readonly<Record<string, string>>): Promise<void> => {
  for (const [name, lines] of Object.entries(units))
    await host.shell(`cat >/etc/systemd/system/${name}.service`, lines)
  await host.shell(`systemctl daemon-reload; systemctl start ${Object.keys(units).join(' ')}`)
}

/** As if they had never been, `set-property` and failures included. */
export const removeUnits = async (host: Place, names: readonly string[]): Promise<void> => {
  const all = names.join(' ')
  const files = names.map((name) => `/etc/systemd/system*/${name}.service*`).join(' ')
  await host.shell(
    `systemctl stop ${all} || true; rm -rf ${files}; systemctl daemon-reload; systemctl reset-failed ${all} 2>/dev/null || true`,
  )
}

/** A property as `systemctl show` has it; stamps as `@SECONDS`. */
export const property = (host: Place, unit: string, name: string): Promise<string> =>
  host.shell(`systemctl show --timestamp=unix --property ${name} --value ${unit}`)

/** A file of the unit's memory cgroup (version 2), in bytes; `max` is infinite. */
export const memoryOf = (host: Place, unit: string, file: 'memory.max' | 'memory.current'): number => {
  const path = host.path(`/sys/fs/cgroup/system.slice/${unit}.service/${file}`)
  const text = readFileSync(path, 'utf8').trim()
  return text === 'max' ? Number.POSITIVE_INFINITY : Number(text)
}

/** The kernel's own line on the kill of a process by the OOM killer; null: it was not killed. */
export const killOf = async (pid: string): Promise<string | null> =>
  new RegExp(`Killed process ${pid} .*`).exec(await must(['dmesg']))?.[0] ?? null

export const letterWith = (host: Place, form: RegExp, timeoutMs: number): Promise<string> =>
  until(`a letter with ${form}`, async () => form.exec(letters(host))?.[0] ?? null, timeoutMs)

/** All that was mailed, oldest first. */
export const letters = (host: Place): string => {
  const folder = host.path('/var/mail/letters')
  if (!existsSync(folder)) return ''
  const files = readdirSync(folder).map((name) => join(folder, name))
  return files
    .sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs)
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
}
