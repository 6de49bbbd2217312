import { disks } from '../../checks/disks.ts'
import { biggestConsumers } from '../../checks/observe/biggest.ts'
import type { Config } from '../../config/config.ts'
import { clip } from '../../core/escape.ts'
import { valueOrNull } from '../../core/reading.ts'
import type { Consumer } from '../../core/service.ts'
import { formatBytes, formatDuration } from '../../core/units.ts'
import { parseMeminfo } from '../../parse/meminfo.ts'
import { parsePressure } from '../../parse/pressure.ts'
import { messageOf } from '../../report/sentence.ts'
import { type Gathering, lackOf, outcome } from './source.ts'

// What is read here is no log, and no reason to say that there was no crash: only lacks are noted as a source.

/** Up time, load, memory, swap, pressure and who uses the memory, as they are now. */
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
  const swapUsedBytes = memory === null ? 0 : memory.swapTotalBytes - memory.swapFreeBytes
  return [
    ...loadNow(gathering),
    ...memoryLines,
    ...(['memory', 'io', 'cpu'] as const).flatMap((of) => pressureNow(gathering, of)),
    ...consumersNow(gathering, swapUsedBytes),
  ]
}

/** As uptime(1) has it: `up 3d 4h, load 0.52, 0.48, 0.41 (1, 5 and 15 minutes)`. */
const loadNow = ({ host }: Gathering): string[] => {
  const seconds = /^\d+/.exec(valueOrNull(host.files.readText('/proc/uptime')) ?? '')?.[0]
  const loads = /^(\d+\.\d+) (\d+\.\d+) (\d+\.\d+) /.exec(
    valueOrNull(host.files.readText('/proc/loadavg')) ?? '',
  )
  const parts = [
    ...(seconds === undefined ? [] : [`up ${formatDuration(Number(seconds))}`]),
    ...(loads === null ? [] : [`load ${loads.slice(1).join(', ')} (1, 5 and 15 minutes)`]),
  ]
  return parts.length === 0 ? [] : [parts.join(', ')]
}

const shownConsumers = 5

/** The biggest processes, and the biggest names of which there are several, RAM and swap together. */
const consumersNow = (gathering: Gathering, swapUsedBytes: number): string[] => {
  const biggest = biggestConsumers(gathering.host, shownConsumers, swapUsedBytes)
  if (biggest.kind === 'failed') outcome(gathering, 'biggest processes', 0, true, lackOf(biggest))
  if (biggest.kind !== 'value') return []
  const { processes, names, complete } = biggest.value
  return [
    ...processes.map((one) => `process ${clip(one.name, 80)} (${one.pid}): ${sizeText(one)}`),
    ...names
      .filter((one) => one.processes > 1)
      .map((one) => `${one.processes} processes ${clip(one.name, 80)}: ${sizeText(one)}`),
    ...(complete ? [] : ['processes of other users are hidden (hidepid): there may be bigger ones']),
  ]
}

const sizeText = ({ rssBytes, swapBytes }: Consumer): string =>
  `${formatBytes(rssBytes)}${swapBytes > 0 ? ` + ${formatBytes(swapBytes)} swap` : ''}`

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
