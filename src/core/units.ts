/**
 * Sizes, durations, rates and percentages as the config and the command line write them, and back as people read
 * them. Sizes are 1024-based whatever the suffix (`500M` = `500MB` = `500MiB`), as systemd and Docker have it.
 * Durations always name their unit; `1M` is refused, since it could be a minute, a month or a mebibyte.
 */

const powerOf1024: Record<string, number> = { '': 0, K: 1, M: 2, G: 3, T: 4, P: 5 }

const secondsPer: Record<string, number> = {
  ms: 0.001,
  s: 1,
  sec: 1,
  second: 1,
  seconds: 1,
  min: 60,
  m: 60,
  minute: 60,
  minutes: 60,
  h: 3600,
  hr: 3600,
  hour: 3600,
  hours: 3600,
  d: 86_400,
  day: 86_400,
  days: 86_400,
  w: 604_800,
  week: 604_800,
  weeks: 604_800,
}

/** `1.5G` → bytes, or null. A bare whole number is bytes. */
export const parseSize = (text: string): number | null => {
  const match = /^(\d+(?:\.\d+)?)\s*(?:([KMGTP])(?:i?B)?|B)?$/i.exec(text.trim())
  if (!match) return null
  const bytes = Math.round(Number(match[1]) * 1024 ** (powerOf1024[(match[2] ?? '').toUpperCase()] ?? 0))
  return Number.isSafeInteger(bytes) ? bytes : null
}

/** `90s`, `1h 30m`, `1week` → seconds, or null. */
export const parseDuration = (text: string): number | null => {
  const trimmed = text.trim()
  if (!/^(\d+(?:\.\d+)?\s*[a-z]+\s*)+$/.test(trimmed)) return null
  let seconds = 0
  for (const part of trimmed.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/g)) {
    const factor = secondsPer[part[2] ?? '']
    if (factor === undefined) return null
    seconds += Number(part[1]) * factor
  }
  return Number.isFinite(seconds) && seconds <= 3.2e9 ? seconds : null
}

/** `20MB/min`, `50M/h`, `1G/day` → bytes per minute, or null. */
export const parseRate = (text: string): number | null => {
  const slash = text.lastIndexOf('/')
  if (slash < 0) return null
  const bytes = parseSize(text.slice(0, slash))
  const per = secondsPer[text.slice(slash + 1).trim()]
  return bytes === null || per === undefined ? null : (bytes * 60) / per
}

/** `85%` → 85, or null. */
export const parsePercent = (text: string): number | null => {
  const match = /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim())
  return match ? Number(match[1]) : null
}

const steps = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB']

/** `1.2 GiB`; whole bytes below 1 KiB. */
export const formatBytes = (bytes: number): string => {
  let amount = Math.abs(bytes)
  let step = 0
  // 1023.95 KiB would print as `1024.0 KiB`; it is `1.0 MiB`.
  while (step < steps.length - 1 && amount >= (step === 0 ? 1024 : 1023.95)) {
    amount /= 1024
    step++
  }
  return `${bytes < 0 ? '-' : ''}${step === 0 ? Math.round(amount) : amount.toFixed(1)} ${steps[step]}`
}

/** The two largest units that matter: `45s`, `2h 10m`, `3d 4h`. */
export const formatDuration = (seconds: number): string => {
  const total = Math.max(0, Math.round(seconds))
  if (total < 60) return `${total}s`
  const d = Math.floor(total / 86_400)
  const h = Math.floor((total % 86_400) / 3600)
  const m = Math.floor((total % 3600) / 60)
  if (d > 0) return h > 0 ? `${d}d ${h}h` : `${d}d`
  if (h > 0) return m > 0 ? `${h}h ${m}m` : `${h}h`
  const s = total % 60
  return s > 0 ? `${m}m ${s}s` : `${m}m`
}

export const formatPercent = (percent: number): string =>
  `${percent < 10 && !Number.isInteger(percent) ? percent.toFixed(1) : Math.round(percent)}%`

/** By the minute, the hour or the day, whichever gives a figure that is easy to read: `123.0 MiB/min`, `50.0 MiB/h`. */
export const formatRate = (bytesPerMinute: number): string => {
  const size = Math.abs(bytesPerMinute)
  if (size >= 1024 ** 2) return `${formatBytes(bytesPerMinute)}/min`
  return size * 60 >= 1024 ** 2 || size === 0
    ? `${formatBytes(bytesPerMinute * 60)}/h`
    : `${formatBytes(bytesPerMinute * 1440)}/day`
}
