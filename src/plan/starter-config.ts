import { clip } from '../core/escape.ts'
import { formatBytes } from '../core/units.ts'

/** Something that runs now and is proposed as a service. */
export interface StarterService {
  /** The name wished for; made valid and unique here. */
  name: string
  target: { container: string } | { unit: string } | { process: string }
  /** What it holds now; null: not measured. */
  memoryBytes: number | null
  /** Its own hard limit; null: none. */
  limitBytes: number | null
  /** More for the comment, e.g. `5 processes`; may be empty. */
  remark: string
}

export interface StarterFacts {
  hostname: string
  /** `2026-01-31 03:00:00`. */
  madeAt: string
  /** Where the package has a config with all keys; null: it is one file, and has none. */
  example: string | null
  /** RAM; null: not measured. */
  totalMemoryBytes: number | null
  services: readonly StarterService[]
  /** What was left out and why, one line each. */
  notes: readonly string[]
}

/** The text of a first config. Names of others are quoted, escaped or replaced, so that it is valid whatever runs. */
export const starterConfig = (facts: StarterFacts): string => {
  const names = uniqueNames(facts.services.map(({ name }) => name))
  const services = facts.services.flatMap((service, index) => [
    '',
    ...serviceLines(names[index] ?? '', service, facts.totalMemoryBytes),
  ])
  return [
    `# Config of oratio-health on ${clip(facts.hostname, 80)}, made ${facts.madeAt} from what ran there: look it over.`,
    `# After a change: oratio-health config validate. All keys: ${facts.example === null ? '' : `${clip(facts.example, 200)}, `}oratio-health config schema.`,
    '# Nothing here restarts or deletes anything; that takes a `restart:`, `hooks:` or `cleanup:` of yours.',
    '',
    ...hostLines,
    '',
    '# warn: and crit: of memory are sizes, or shares of the limit.',
    'services:',
    ...(services.length === 0 ? exampleLines : services.slice(1)),
    ...facts.notes.map((note) => `  # ${clip(note, 200)}`),
    '',
    ...notifyLines,
  ]
    .map((line) => `${line}\n`)
    .join('')
}

const hostLines = [
  'host:',
  '  memory:   { warn: 85%, crit: 95% }',
  '  swap:     { warn: 50%, crit: 90% }',
  '  cpu:      { warn: 90%, crit: 98% }',
  '  pressure: { warn: 10, crit: 40 }          # memory pressure (PSI full avg60), in %',
  '  disks:    { warn: 80%, crit: 95% }',
  '  folders:',
  '    - { path: /tmp, warn: 1G }',
  '    - { path: /run/log/journal }            # what journald keeps in RAM',
]

const exampleLines = [
  '  # Nothing that runs here stood out. A service looks like this:',
  '  # shop:',
  '  #   container: shop                       # or unit: shop.service | process: shop.py | pidfile: /run/shop.pid',
  '  #   memory: { warn: 500M, crit: 1G, growth: { warn: 20M/min, crit: 50M/min } }',
  '  #   restart: { after: 3, limit: 5 per 24h }',
]

const notifyLines = [
  '# Who is told of a problem, when it comes, every `remind` while it stays, and when it is over.',
  '# notify:',
  '#   remind: 6h',
  '#   targets:',
  '#     - { email: ops@example.org }',
  '#     - { webhook: "https://hooks.example.org/T0/B0/x", format: slack }',
]

const serviceLines = (name: string, service: StarterService, totalBytes: number | null): string[] => {
  const { target, memoryBytes, limitBytes } = service
  const [kind, ref] = Object.entries(target)[0] ?? ['process', '']
  const remark = [
    memoryBytes === null ? 'memory not measured' : `${formatBytes(memoryBytes)} now`,
    ...(limitBytes === null ? [] : [`limit ${formatBytes(limitBytes)}`]),
    ...(service.remark === '' ? [] : [clip(service.remark, 80)]),
  ].join(', ')
  const levels = memoryLevels(memoryBytes, limitBytes, totalBytes)
  return [
    `  ${quote(name)}:`,
    `    ${kind}: ${quote(ref)} # ${remark}`,
    ...(levels === null ? [] : [`    memory: { warn: ${levels.warn}, crit: ${levels.crit} }`]),
  ]
}

const mib = 1024 ** 2

/**
 * Shares of the limit where there is one. Otherwise three and six times what is held now, but never beyond halfway
 * (warn) and three quarters (crit) of what is left of the RAM; null when there is nothing to go by.
 */
export const memoryLevels = (
  memoryBytes: number | null,
  limitBytes: number | null,
  totalBytes: number | null,
): { warn: string; crit: string } | null => {
  if (limitBytes !== null) return { warn: '85%', crit: '95%' }
  if (memoryBytes === null) return null
  const left = Math.max(0, (totalBytes ?? Number.POSITIVE_INFINITY) - memoryBytes)
  const warn = roundedMib(Math.min(memoryBytes * 3, memoryBytes + left / 2))
  const crit = roundedMib(Math.min(memoryBytes * 6, memoryBytes + (left * 3) / 4))
  return { warn: sizeText(warn), crit: sizeText(Math.max(crit, warn + stepOf(warn))) }
}

/** Up to a round figure: people should see that it is a guess. */
const roundedMib = (bytes: number): number => {
  const amount = Math.max(64, bytes / mib)
  const step = stepOf(amount)
  return Math.ceil(amount / step) * step
}

const stepOf = (amountMib: number): number => (amountMib < 200 ? 16 : amountMib < 1024 ? 64 : 512)

const sizeText = (amountMib: number): string =>
  amountMib >= 1024 && amountMib % 512 === 0 ? `${amountMib / 1024}G` : `${amountMib}M`

/** A service's name may have letters, digits and `. _ @ : -`, begins with one of the first two and has at most 100. */
const uniqueNames = (wished: readonly string[]): string[] => {
  const taken = new Set<string>()
  return wished.map((wish) => {
    const base =
      wish
        .replace(/[^A-Za-z0-9._@:-]+/g, '-')
        .replace(/^[^A-Za-z0-9]+|-+$/g, '')
        .slice(0, 90) || 'service'
    let name = base
    for (let n = 2; taken.has(name); n++) name = `${base}-${n}`
    taken.add(name)
    return name
  })
}

/**
 * Plain where YAML reads it as text and nothing else; in single quotes, where a backslash is one, while it is printable
 * ASCII; otherwise in double quotes, whose escapes are those of JSON.
 */
const quote = (text: string): string => {
  if (/^[A-Za-z][A-Za-z0-9_.@-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n|inf|nan)$/i.test(text))
    return text
  if (/^[ -~]+$/.test(text)) return `'${text.replaceAll("'", "''")}'`
  // JSON leaves DEL, the C1 controls (NEL ends a line), U+2028, U+2029, the byte order mark and non-characters raw.
  return JSON.stringify(text).replace(
    /[\u007f-\u00a0\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
