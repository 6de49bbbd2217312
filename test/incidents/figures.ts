import { readFileSync } from 'node:fs'
import type { Place } from './place.ts'

export const figuresFile = '/var/lib/prometheus/node-exporter/oratio_health.prom'

/** What the last check has written for node_exporter; null: nothing yet. */
export const figuresOf = (host: Place): Figures | null => {
  let text: string
  try {
    text = readFileSync(host.path(figuresFile), 'utf8')
  } catch {
    return null
  }
  return (name, labels = {}) => {
    const line = text
      .split('\n')
      .find(
        (one) =>
          one.startsWith(`oratio_health_${name}`) &&
          /[{ ]/.test(one[`oratio_health_${name}`.length] ?? '') &&
          Object.entries(labels).every(([key, value]) => one.includes(`${key}="${value}"`)),
      )
    return line === undefined ? null : Number(line.slice(line.lastIndexOf(' ') + 1))
  }
}

/** A figure by its name without the prefix, and its labels; null: it has no line. */
export type Figures = (name: string, labels?: Readonly<Record<string, string>>) => number | null
