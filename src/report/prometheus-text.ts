/** The text format 0.0.4 of Prometheus (prometheus.io, exposition formats), without stamps. */

export type Labels = Readonly<Record<string, string>>

/** `value` null: not measured, which has no line. */
export interface Sample {
  labels: Labels
  value: number | null
}

export interface Family {
  name: string
  type: 'gauge' | 'counter'
  help: string
  samples: readonly Sample[]
}

/** None of a family without a value. */
export const familyLines = ({ name, type, help, samples }: Family): string[] => {
  const lines = samples.flatMap(({ labels, value }) =>
    value === null || !Number.isFinite(value) ? [] : [`${name}${labelText(labels)} ${value}`],
  )
  return lines.length === 0 ? [] : [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines]
}

const labelText = (labels: Labels): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

/** Backslash, quote and line end, as the format has it; a lone surrogate is no UTF-8, and the file would be refused. */
const escapeLabel = (text: string): string =>
  text.replace(loneSurrogate, '\ufffd').replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')

const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g

/** `name` is put behind `oratio_health_`. */
export const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({
  name: `oratio_health_${name}`,
  type: 'gauge',
  help,
  samples,
})

export const counter = (name: string, help: string, samples: readonly Sample[]): Family => ({
  ...gauge(name, help, samples),
  type: 'counter',
})
