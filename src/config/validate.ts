import { clip } from '../core/escape.ts'
import type {
  AnyField,
  ChoiceField,
  ListField,
  MapField,
  RecordField,
  ScalarField,
  VariantsField,
} from '../core/field.ts'
import { nearest } from './nearest.ts'
import { readScalar } from './scalar.ts'
import { expectedOf, parseFlag } from './scalar-kinds.ts'
import { holdsCredentials } from './secrets.ts'
import { thresholdProblem } from './thresholds.ts'
import { type ConfigProblem, inOrder, type MapEntry, type MapNode, type Place, type Tree } from './tree.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface Validated {
  /** The parsed form, complete with defaults; means nothing when there are problems. */
  value: unknown
  /** All of them, in the order of the file. */
  problems: ConfigProblem[]
  /** Where each path that the config names stands. */
  places: ReadonlyMap<string, Place>
  /** Paths of the secrets that stand in the file itself, not in the environment. */
  secrets: string[]
}

interface Walk {
  env: Environment
  problems: ConfigProblem[]
  places: Map<string, Place>
  secrets: string[]
}

// Aliases make a small file stand for millions of values; a config of 200 services has about 10,000.
const maxValues = 100_000
const maxProblems = 1000

/** Reads a config's tree as `field` states it, and says everything that is wrong with it. Never throws. */
export const validate = (tree: Tree | null, field: AnyField, env: Environment): Validated => {
  const walk: Walk = { env, problems: [], places: new Map(), secrets: [] }
  const value = tree === null ? field.default : readField(walk, field, tree, '')
  if (tree !== null && walk.places.size >= maxValues)
    note(walk, '', tree.at, `the config stands for more than ${maxValues} values`)
  return { value, problems: inOrder(walk.problems), places: walk.places, secrets: walk.secrets }
}

/** `services.web`, `services["a.b"]`, `cleanup[0]`. */
export const childPath = (path: string, key: string): string => {
  if (!/^[\w@:-]+$/.test(key)) return `${path}["${clip(key, 60)}"]`
  return path === '' ? key : `${path}.${key}`
}

const readField = (walk: Walk, field: AnyField, node: Tree, path: string): unknown => {
  if (walk.places.size >= maxValues || walk.problems.length >= maxProblems) return undefined
  walk.places.set(path, node.at)
  switch (field.kind) {
    case 'list':
      return readList(walk, field, node, path)
    case 'map':
      return readMap(walk, field, node, path)
    case 'record':
      return readRecord(walk, field, node, path)
    case 'variants':
      return readVariants(walk, field, node, path)
    case 'choice':
      return readChoice(walk, field, node, path)
    default:
      return readPlain(walk, field, node, path)
  }
}

const note = (walk: Walk, path: string, at: Place, message: string): undefined => {
  walk.problems.push({ path, at, message })
  return undefined
}

/** Without the text itself, which may be a secret that landed in the wrong place. */
const foundIn = (node: Tree): string => {
  if (node.kind === 'text') return node.isNull ? 'nothing' : 'a plain value'
  return node.kind === 'list' ? 'a list' : 'a group of keys'
}

const readPlain = (walk: Walk, field: ScalarField<unknown>, node: Tree, path: string): unknown => {
  if (node.kind !== 'text' || node.isNull) {
    const mend = node.kind === 'text' && field.canBeEmpty ? '; write "" for an empty one' : ''
    return note(walk, path, node.at, `expected ${expectedOf(field)}, found ${foundIn(node)}${mend}`)
  }
  const result = readScalar(field, node.text, walk.env)
  if ('problem' in result) return note(walk, path, node.at, result.problem)
  if (result.literal && (field.kind === 'secret' || holdsCredentials(node.text))) walk.secrets.push(path)
  return result.value
}

const readChoice = (walk: Walk, field: ChoiceField<unknown>, node: Tree, path: string): unknown => {
  if (node.kind === 'text' && field.options.includes(node.text)) return node.text
  const given = node.kind === 'text' && !node.isNull ? node.text : null
  const found = given === null ? foundIn(node) : `"${clip(given, 60)}"`
  const hint = didYouMean(given ?? '', field.options)
  return note(walk, path, node.at, `expected ${oneOf(field.options)}, found ${found}${hint}`)
}

const readList = (walk: Walk, field: ListField<unknown>, node: Tree, path: string): unknown => {
  if (node.kind === 'list') {
    if (field.notEmpty && node.items.length === 0)
      return note(walk, path, node.at, 'expected a list of at least one, found an empty one')
    return node.items.map((item, index) => readField(walk, field.of, item, `${path}[${index}]`))
  }
  if (field.orOne && !(node.kind === 'text' && node.isNull)) return [readField(walk, field.of, node, path)]
  return note(walk, path, node.at, `expected a list, found ${foundIn(node)}`)
}

const readMap = (walk: Walk, field: MapField<unknown>, node: Tree, path: string): unknown => {
  if (node.kind !== 'map')
    return note(walk, path, node.at, `expected names, each with its keys, found ${foundIn(node)}`)
  const read = firstOfEach(walk, node, path).map(({ key, keyAt, value }) => {
    const at = childPath(path, key)
    if (field.names && !field.names.test(key))
      note(walk, at, keyAt, `expected ${field.expects ?? `a name that fits ${field.names.source}`}`)
    return [key, readField(walk, field.of, value, at)] as const
  })
  return Object.fromEntries(read)
}

/** The entries without those whose key was there before, which are a problem each. */
const firstOfEach = (walk: Walk, node: MapNode, path: string): MapEntry[] => {
  const seen = new Map<string, Place>()
  return node.entries.filter(({ key, keyAt }) => {
    const before = seen.get(key)
    if (before === undefined) return seen.set(key, keyAt)
    return note(walk, childPath(path, key), keyAt, `is there twice; the first is on line ${before.line}`)
  })
}

const readVariants = (walk: Walk, field: VariantsField<unknown>, node: Tree, path: string): unknown => {
  const names = Object.keys(field.variants)
  if (node.kind !== 'map')
    return note(walk, path, node.at, `expected a group of keys with ${oneOf(names)}, found ${foundIn(node)}`)
  const [chosen, other] = node.entries.filter(({ key }) => Object.hasOwn(field.variants, key))
  if (chosen && other && chosen.key !== other.key)
    return note(walk, path, other.keyAt, `${chosen.key} and ${other.key} in one entry; make two of it`)
  const variant = chosen && field.variants[chosen.key]
  if (variant) return { type: chosen.key, ...(readRecord(walk, variant, node, path) as object) }
  const near = node.entries.map(({ key }) => nearest(key, names)).find((name) => name !== null)
  const hint = near === undefined ? '' : `; did you mean "${near}"?`
  return note(walk, path, node.at, `needs ${oneOf(names)} as one of its keys${hint}`)
}

const readRecord = (walk: Walk, field: RecordField<unknown>, node: Tree, path: string): unknown => {
  if (node.kind === 'map') return readKeys(walk, field, node, path)
  if (node.kind === 'text' && !node.isNull) {
    const flag = field.canBeOff ? parseFlag(node.text) : null
    if (flag !== null)
      return flag
        ? readKeys(walk, field, { kind: 'map', entries: [], at: node.at }, path)
        : (field.off ?? null)
    if (field.shorthand !== undefined) {
      const entry = { key: field.shorthand, keyAt: node.at, value: node }
      return readKeys(walk, field, { kind: 'map', entries: [entry], at: node.at }, path)
    }
  }
  const keys = listed(Object.keys(field.keys))
  const expected = `expected ${path === '' ? 'the sections of a config' : 'a group of keys'}${keys}`
  const mend = node.kind === 'text' && node.isNull ? '; indent its keys below it, or remove the line' : ''
  return note(walk, path, node.at, `${expected}, found ${foundIn(node)}${mend}`)
}

const readKeys = (walk: Walk, field: RecordField<unknown>, node: MapNode, path: string): unknown => {
  const given = new Map<string, MapEntry>()
  const values = new Map<string, unknown>()
  for (const entry of firstOfEach(walk, node, path)) {
    const { key, keyAt, value } = entry
    const child = Object.hasOwn(field.keys, key) ? field.keys[key] : undefined
    if (!child) {
      note(walk, childPath(path, key), keyAt, `unknown key${knownKeys(key, Object.keys(field.keys))}`)
      continue
    }
    if (field.sections && value.kind === 'text' && value.isNull) continue
    given.set(key, entry)
    values.set(key, readField(walk, child, value, childPath(path, key)))
  }
  notePresence(walk, field, node, path, given)
  const record = Object.fromEntries(
    Object.entries(field.keys).map(([key, child]) => [
      key,
      values.has(key) ? values.get(key) : child.default,
    ]),
  )
  noteThresholds(walk, field, path, given, record)
  return record
}

const knownKeys = (wrong: string, names: readonly string[]): string => {
  const hint = didYouMean(wrong, names)
  return hint === '' ? listed(names, '; known here: ', '') : hint
}

const notePresence = (
  walk: Walk,
  field: RecordField<unknown>,
  node: MapNode,
  path: string,
  given: ReadonlyMap<string, MapEntry>,
): void => {
  const { exactlyOne = [], atLeastOne = [] } = field
  for (const [key, child] of Object.entries(field.keys))
    if (child.required && !given.has(key)) note(walk, path, node.at, `needs the key ${key}: ${child.help}`)
  const chosen = exactlyOne.flatMap((key) => given.get(key) ?? [])
  const [first, second] = chosen
  if (first && second)
    note(walk, path, second.keyAt, `${first.key} and ${second.key} together; keep ${oneOf(exactlyOne)}`)
  else if (exactlyOne.length > 0 && !first) note(walk, path, node.at, `needs ${oneOf(exactlyOne)}`)
  if (atLeastOne.length > 0 && !atLeastOne.some((key) => given.has(key)))
    note(walk, path, node.at, `needs ${oneOf(atLeastOne)}, or several of them`)
}

const noteThresholds = (
  walk: Walk,
  field: RecordField<unknown>,
  path: string,
  given: ReadonlyMap<string, MapEntry>,
  record: Readonly<Record<string, unknown>>,
): void => {
  const { warn, crit } = { warn: given.get('warn'), crit: given.get('crit') }
  const judged = warn ?? crit
  if (!judged) return
  const problem = thresholdProblem(field, record, (key) => {
    const entry = given.get(key)
    return entry ? `line ${entry.value.at.line}` : null
  })
  if (problem !== null) note(walk, childPath(path, judged.key), judged.value.at, problem)
}

const oneOf = (names: readonly string[]): string =>
  names.length === 1 ? (names[0] ?? '') : `one of ${names.join(', ')}`

/** Short lists are said in full. */
const listed = (names: readonly string[], before = ' such as ', beyond = ''): string => {
  const all = names.join(', ')
  return all.length <= 120 ? `${before}${all}` : beyond
}

const didYouMean = (wrong: string, names: readonly string[]): string => {
  const name = nearest(wrong, names)
  return name === null ? '' : `; did you mean "${name}"?`
}
