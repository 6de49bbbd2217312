import type { LoadedConfig } from '../../config/config.ts'
import { HealthError } from '../../core/errors.ts'
import type { Host } from '../../host/host.ts'
import { sealOf } from '../../plan/sealed-text.ts'
import { type UnitFile, unitFiles } from '../../plan/timer-units.ts'
import type { Verdict } from '../../report/doctor-text.ts'
import { loadInstallRecord } from '../../store/install-record.ts'
import type { GlobalOptions } from '../command.ts'
import { starterOf, surroundingsOf } from '../install/surroundings.ts'
import { wantedJobs } from '../install/wanted-jobs.ts'
import { unitFolderOf } from '../unit-folder.ts'
import { warning } from './examination.ts'

/**
 * Units that install would write otherwise by now: the config has changed, they are of an older version, or somebody has
 * worked on them. Drop-ins are the place for that, and are not looked at.
 */
export const unitFaults = (host: Host, global: GlobalOptions, loaded: LoadedConfig): Verdict[] => {
  if (!host.live) return []
  const folder = unitFolderOf(host)
  const wanted = wantedUnits(host, global, loaded)
  const installed = wanted.flatMap(({ name, content }) => {
    const text = host.files.readText(`${folder}/${name}`)
    return text.kind === 'value' && sealOf(text.value) !== 'foreign'
      ? [{ name, content, text: text.value }]
      : []
  })
  // Of another config or state folder: what is wanted of them stands elsewhere.
  const isOurs = installed.every(({ content, text }) => optionsIn(content) === optionsIn(text))
  const others = isOurs
    ? installed.filter(
        ({ content, text }) => sealOf(text) === 'edited' || compared(content) !== compared(text),
      )
    : []
  if (others.length === 0) return []
  const isEdited = others.some(({ text }) => sealOf(text) === 'edited')
  return [
    warning(
      `the units are not as the config wants them: ${others.map(({ name }) => name).join(', ')}`,
      isEdited
        ? 'they were changed by hand: keep that by `systemctl edit`, then oratio-health install --force'
        : 'oratio-health install brings them up',
    ),
  ]
}

const wantedUnits = (host: Host, global: GlobalOptions, loaded: LoadedConfig): UnitFile[] => {
  const record = loadInstallRecord(host.save, global.stateDir)
  try {
    const units = unitFiles(
      wantedJobs({ host, global }, null, loaded, 'timers', record),
      starterOf(host, loaded.path, global, record?.engine ?? null),
      surroundingsOf(host, loaded, global),
    )
    // How often check is to run stands in the record alone.
    return record === null ? units.filter(({ name }) => name.endsWith('.service')) : units
  } catch (error) {
    // A period that no timer can have: install says so.
    if (error instanceof HealthError) return []
    throw error
  }
}

/** Which copy of the program looks, and what its shell has set, makes no difference to the units. */
const compared = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/^(# Written by|ExecStart=|Environment=)/.test(line))
    .join('\n')

/** The options of all commands that say whose units they are. */
const optionsIn = (text: string): string =>
  (text.match(/ --(?:config|state-dir|log-dir) (?:"(?:[^"\\]|\\.)*"|\S+)/g) ?? []).join('')
