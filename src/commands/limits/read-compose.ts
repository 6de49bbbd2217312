import { loadYamlPackage, type YamlPackage } from '../../config/load.ts'
import { exitCode, HealthError } from '../../core/errors.ts'
import { escapeControl } from '../../core/escape.ts'
import type { Host } from '../../host/host.ts'
import { type ComposeLimit, composeLimit } from '../../parse/compose-limits.ts'
import {
  isMap,
  mergeCompose,
  overrideMark,
  type Plain,
  type PlainMap,
  resetMark,
  withoutMarks,
} from '../../parse/compose-merge.ts'
import { type ComposeEnv, interpolate, parseDotEnv } from '../../parse/compose-text.ts'

export interface ComposeAudit {
  limits: ComposeLimit[]
  /** Unset variables and the like, as compose warns of them. */
  warnings: string[]
}

const maxDepth = 20

/**
 * What the services of these files may take, merged in their order as `docker compose -f A -f B` does, with the `.env`
 * beside the first, `extends` and `include`. Nothing of docker is needed.
 *
 * @throws HealthError 78 for a file that is not there, no YAML, or no compose file: its place and what is wrong
 */
export const auditCompose = async (host: Host, paths: readonly string[]): Promise<ComposeAudit> => {
  const yaml = await loadYamlPackage()
  const warnings = new Set<string>()
  const project = folderOf(paths[0] ?? '')
  const dotEnv = host.files.readText(`${project}/.env`)
  const env = new Map([
    ...(dotEnv.kind === 'value' ? parseDotEnv(dotEnv.value) : []),
    // The shell's environment beats the file.
    ...Object.entries(host.env).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  ])
  const reader = { host, yaml, env, warnings }
  let merged: PlainMap = {}
  for (const path of paths) merged = mergeCompose(merged, readFile(reader, path, 0))
  const services = isMap(merged.services) ? merged.services : {}
  const limits = Object.entries(services).map(([name, raw]) => composeLimit(name, asMap(withoutMarks(raw))))
  return { limits, warnings: [...warnings, ...limits.flatMap(({ problems }) => problems)] }
}

interface Reader {
  host: Host
  yaml: YamlPackage
  env: ComposeEnv
  warnings: Set<string>
}

const folderOf = (path: string): string =>
  path.includes('/') ? path.slice(0, path.lastIndexOf('/')) || '/' : '.'
const beside = (path: string, other: string): string =>
  other.startsWith('/') ? other : `${folderOf(path)}/${other}`
const asMap = (raw: Plain | undefined): PlainMap => (isMap(raw) ? raw : {})

/** One file with what it includes, its `extends` resolved: these count before files are merged. */
const readFile = (reader: Reader, path: string, depth: number): PlainMap => {
  const content = parse(reader, path)
  if (depth > maxDepth) throw wrong(path, 'includes or extends itself')
  const included = (Array.isArray(content.include) ? content.include : []).flatMap(includedPaths)
  const base = included.reduce<PlainMap>(
    (all, other) => mergeCompose(all, readFile(reader, beside(path, other), depth + 1)),
    {},
  )
  const own = asMap(content.services)
  const services = Object.fromEntries(
    Object.keys(own).map((name) => [name, resolve(reader, path, content, name, 0)]),
  )
  return mergeCompose(base, { ...content, services })
}

const includedPaths = (entry: Plain): string[] => {
  const path = isMap(entry) ? entry.path : entry
  return (Array.isArray(path) ? path : [path]).filter((one) => typeof one === 'string')
}

const resolve = (reader: Reader, path: string, content: PlainMap, name: string, depth: number): PlainMap => {
  const services = asMap(content.services)
  if (!Object.hasOwn(services, name)) throw wrong(path, `has no service ${name}, which another extends`)
  const { extends: from, ...own } = asMap(services[name])
  if (from === undefined || from === null) return own
  if (depth > maxDepth) throw wrong(path, `service ${name} extends itself`)
  const [file, service] = isMap(from) ? [from.file, from.service] : [undefined, from]
  if (typeof service !== 'string') throw wrong(path, `service ${name}: extends needs a service`)
  const base =
    typeof file === 'string'
      ? resolve(reader, beside(path, file), parse(reader, beside(path, file)), service, depth + 1)
      : resolve(reader, path, content, service, depth + 1)
  return mergeCompose(base, own)
}

const wrong = (path: string, what: string): HealthError =>
  new HealthError(
    exitCode.badConfig,
    `${escapeControl(path)}: ${escapeControl(what)}`,
    'docker compose config shows what compose makes of it',
  )

const parse = ({ host, yaml, env, warnings }: Reader, path: string): PlainMap => {
  const text = host.files.readText(path)
  if (text.kind === 'absent') throw wrong(path, 'is not there')
  if (text.kind === 'failed') throw wrong(path, text.detail)
  const lines = new yaml.LineCounter()
  const document = yaml.parseDocument(text.value, {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
  })
  yaml.visit(document, { Node: (_, node) => marked(yaml, document, node) })
  const [error] = document.errors
  if (error) {
    const { line, col } = lines.linePos(error.pos[0])
    throw wrong(`${path}:${line}:${col}`, error.message.split('\n')[0] ?? 'not readable as YAML')
  }
  let plain: unknown
  try {
    plain = document.toJS({ maxAliasCount: 1000 })
  } catch (failure) {
    throw wrong(path, failure instanceof Error ? failure.message : String(failure))
  }
  if (plain === null || plain === undefined) return {}
  if (!isMap(plain)) throw wrong(path, 'is no compose file: it should begin with keys such as services')
  if (plain.services !== undefined && plain.services !== null && !isMap(plain.services))
    throw wrong(path, 'services should be names, each with its settings')
  return filled(plain, { path, env, warnings }) as PlainMap
}

type YamlDocument = ReturnType<YamlPackage['parseDocument']>
type AnyNode = { tag?: string }

/** `!reset` and `!override` (compose 2.24), on any kind of node, as marks in the data. */
const marked = (yaml: YamlPackage, document: YamlDocument, node: AnyNode) => {
  if (node.tag === '!reset') return new yaml.Scalar(resetMark)
  if (node.tag !== '!override') return undefined
  const wrapped = document.createNode({})
  delete node.tag
  ;(wrapped as InstanceType<YamlPackage['YAMLMap']>).set(overrideMark, node)
  return wrapped as never
}

const filled = (raw: Plain, place: { path: string; env: ComposeEnv; warnings: Set<string> }): Plain => {
  if (Array.isArray(raw)) return raw.map((one) => filled(one, place))
  if (isMap(raw))
    return Object.fromEntries(Object.entries(raw).map(([key, value]) => [key, filled(value, place)]))
  if (typeof raw !== 'string' || !raw.includes('$')) return raw
  const { text, missing, errors } = interpolate(raw, place.env)
  if (errors[0] !== undefined) throw wrong(place.path, errors[0])
  for (const name of missing) place.warnings.add(`${place.path}: ${name} is not set, and taken as empty`)
  return text
}
