import { clip } from '../core/escape.ts'
import type { YamlPackage } from './load.ts'
import {
  type ConfigProblem,
  type MapEntry,
  type Place,
  startOfFile,
  type TextNode,
  type Tree,
} from './tree.ts'
import { explainYamlError } from './yaml-error.ts'

type LineCounter = InstanceType<YamlPackage['LineCounter']>
type Parsed = ReturnType<YamlPackage['parseDocument']>
type YAMLMap = InstanceType<YamlPackage['YAMLMap']>
type Scalar = InstanceType<YamlPackage['Scalar']>
type AnyNode = Parsed['contents'] | null | undefined

export interface ParsedYaml {
  /** Null when the file holds nothing but comments, and when there are problems. */
  tree: Tree | null
  problems: ConfigProblem[]
}

// A config of 200 services has about 4,000 lines; 20,000 take about a second.
const maxLines = 20_000
const maxDepth = 50
// A merge key copies entries, so a few lines could ask for millions.
const maxMerged = 20_000

/** Parses one YAML document; never throws. `yaml` is the package, which load.ts loads only when there is a config. */
export const parseYaml = (yaml: YamlPackage, text: string): ParsedYaml => {
  if (text.split('\n', maxLines + 1).length > maxLines)
    return broken(startOfFile, `the config has more than ${maxLines} lines`)
  const lines = new yaml.LineCounter()
  try {
    const document = yaml.parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      // All scalars stay text; fields know what they should be.
      schema: 'failsafe',
      // validate.ts finds double keys and names both places; here that would take quadratic time.
      uniqueKeys: false,
    })
    const errors = [...document.errors, ...document.warnings]
    if (errors.length > 0)
      return {
        tree: null,
        problems: errors.map((error) => ({
          path: '',
          at: placeOf(lines, error.pos[0]),
          message: explainYamlError(error),
        })),
      }
    return toTree(yaml, document, lines)
  } catch (error) {
    return broken(startOfFile, `not readable as YAML: ${clip(String(error), 100)}`)
  }
}

const broken = (at: Place, message: string): ParsedYaml => ({
  tree: null,
  problems: [{ path: '', at, message }],
})

const placeOf = (lines: LineCounter, offset: number): Place => {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(1, line), column: Math.max(1, col) }
}

interface Making {
  yaml: YamlPackage
  lines: LineCounter
  problems: ConfigProblem[]
  /** By anchor; null while the anchored thing itself is being made. */
  anchored: Map<string, Tree | null>
  merged: number
}

const toTree = (yaml: YamlPackage, document: Parsed, lines: LineCounter): ParsedYaml => {
  const making: Making = { yaml, lines, problems: [], anchored: new Map(), merged: 0 }
  const contents: AnyNode = document.contents
  if (!contents) return { tree: null, problems: [] }
  const tree = makeNode(making, contents, startOfFile, 0)
  if (making.problems.length > 0) return { tree: null, problems: making.problems }
  return { tree: tree.kind === 'text' && tree.isNull ? null : tree, problems: [] }
}

/** In the order of the document, which is what makes an alias mean the nearest anchor above it. */
const makeNode = (making: Making, node: AnyNode, fallback: Place, depth: number): Tree => {
  const { yaml } = making
  const at = node?.range ? placeOf(making.lines, node.range[0]) : fallback
  if (!node) return nothing(at)
  if (depth > maxDepth) return flawed(making, at, `nested more than ${maxDepth} levels deep`)
  if (yaml.isAlias(node)) return aliased(making, node.source, at)
  if (node.tag && !/^tag:yaml\.org,2002:(str|map|seq)$/.test(node.tag) && node.tag !== '!')
    return flawed(making, at, 'tags such as !text mean nothing here; text that begins with ! needs quotes')
  const anchor = 'anchor' in node ? node.anchor : undefined
  if (anchor) making.anchored.set(anchor, null)
  const tree: Tree = yaml.isMap(node)
    ? { kind: 'map', entries: makeEntries(making, node, at, depth), at }
    : yaml.isSeq(node)
      ? {
          kind: 'list',
          items: node.items.map((item) => makeNode(making, item as AnyNode, at, depth + 1)),
          at,
        }
      : makeText(node as Scalar, at)
  if (anchor) making.anchored.set(anchor, tree)
  return tree
}

const aliased = (making: Making, name: string, at: Place): Tree => {
  const target = making.anchored.get(name)
  if (target) return target
  const shown = clip(name, 40)
  return target === null
    ? flawed(making, at, `the alias *${shown} stands inside what it repeats`)
    : flawed(making, at, `no anchor &${shown} above this alias; text that begins with * needs quotes`)
}

const makeText = (node: Scalar, at: Place): TextNode => {
  const text = typeof node.value === 'string' ? node.value : (node.source ?? '')
  return { kind: 'text', text, isNull: node.type === 'PLAIN' && /^(~|null|Null|NULL)?$/.test(text), at }
}

const nothing = (at: Place): TextNode => ({ kind: 'text', text: '', isNull: true, at })

const flawed = (making: Making, at: Place, message: string): TextNode => {
  making.problems.push({ path: '', at, message })
  return nothing(at)
}

const makeEntries = (making: Making, map: YAMLMap, fallback: Place, depth: number): MapEntry[] => {
  const own: MapEntry[] = []
  const merges: MapEntry[] = []
  for (const pair of map.items as { key: AnyNode; value: AnyNode }[]) {
    const key = makeNode(making, pair.key, fallback, depth + 1)
    const value = makeNode(making, pair.value, key.at, depth + 1)
    if (key.kind !== 'text' || key.isNull)
      flawed(making, key.at, 'a key is plain text, not a list, a map or nothing')
    else if (key.text === '<<') merges.push(...mergedEntries(making, key.at, value))
    else own.push({ key: key.text, keyAt: key.at, value })
  }
  if (merges.length === 0) return own
  const taken = new Set(own.map(({ key }) => key))
  return [...own, ...merges.filter(({ key }) => !taken.has(key) && taken.add(key))]
}

/** Of several merged maps the first that has a key wins (yaml.org/type/merge.html). */
const mergedEntries = (making: Making, at: Place, source: Tree): MapEntry[] => {
  const sources = source.kind === 'list' ? source.items : [source]
  const entries: MapEntry[] = []
  for (const one of sources) {
    if (one.kind !== 'map') {
      flawed(making, at, '<< merges a map, or a list of maps, such as *defaults')
      continue
    }
    making.merged += one.entries.length
    if (making.merged > maxMerged) {
      flawed(making, at, `more than ${maxMerged} keys are merged by <<`)
      break
    }
    entries.push(...one.entries)
  }
  return entries
}
