import { disks } from '../../checks/disks.ts'
import type { Config } from '../../config/config.ts'
import { valueOrNull } from '../../core/reading.ts'
import { formatBytes } from '../../core/units.ts'
import { parseMeminfo } from '../../parse/meminfo.ts'
import { parsePressure } from '../../parse/pressure.ts'
import { messageOf } from '../../report/sentence.ts'
import { type Gathering, lackOf, outcome } from './source.ts'

// What is read here is no log, and no reason to say that there was no crash: only lacks are noted as a source.

/** Memory, swap and pressure as they are now. */
export const hostNow = (gathering: Gathering): string[] => {
  const text = gathering.host.files.readText('/proc/meminfo')
  const memory = text.kind === 'value' ? valueOrNull(parseMeminfo(text.value)) : null
  const memoryLines =
    memory === null
      ? []
      : [
          `memory: ${formatBytes(memory.availableBytes ?? memory.freeBytes)} of ${formatBytes(memory.totalBytes)} available`,
          memory.swapTotalBytes === 0
            ? 'swap: none'
            : `swap: ${formatBytes(memory.swapFreeBytes)} of ${formatBytes(memory.swapTotalBytes)} free`,
        ]
  return [...memoryLines, ...(['memory', 'io', 'cpu'] as const).flatMap((of) => pressureNow(gathering, of))]
}

/** PSI. Of the processors only `some` means anything: what runs does not wait for one. */
const pressureNow = (gathering: Gathering, of: 'memory' | 'io' | 'cpu'): string[] => {
  const path = `/proc/pressure/${of}`
  const text = gathering.host.files.readText(path)
  const read = text.kind === 'value' ? parsePressure(text.value) : text
  if (read.kind === 'failed') outcome(gathering, `pressure (${path})`, 0, true, lackOf(read))
  if (read.kind !== 'value') return []
  const { some, full } = read.value
  const whole = of === 'cpu' || full === null ? '' : `, ${full.avg60}% in which all did`
  return [`${of} pressure: ${some.avg60}% of the last minute in which a task waited${whole}`]
}

/** From here on programs fail for it, whatever the config takes as critical. */
const fullPercent = 95

/** Disks that are full, of space or of inodes: a reason for many crashes that no log line tells. */
export const fullDisks = async (gathering: Gathering, config: Config | null): Promise<string[]> => {
  const limits = (config?.host?.disks as typeof disks.limits.default | undefined) ?? disks.limits.default
  const asked = { ...limits, warn: null, crit: fullPercent }
  const read = await disks.read(gathering.host, asked, null)
  if (read.kind !== 'value') {
    const lack = lackOf(read)
    if (lack !== null) outcome(gathering, 'disks', 0, true, lack)
    return []
  }
  for (const { item, usage } of read.value)
    if (usage.kind === 'failed') outcome(gathering, `disk ${item}`, 0, true, lackOf(usage))
  const measured = read.value.filter(({ usage }) => usage.kind === 'value')
  return disks
    .judge(measured, asked)
    .filter(({ status }) => status === 'critical')
    .map((finding) => messageOf(finding, 'host'))
}
