/**
 * The config's YAML as a plain tree with the place of each thing: all that validation knows of YAML. Every scalar is
 * the text as written; what it means is said by the field it stands for, so `off`, `010`, `1e3` or `%YAML 1.1` hold
 * no surprise. Aliases are resolved (to one shared subtree), merge keys `<<` are merged.
 */
export type Tree = TextNode | ListNode | MapNode

/** Both count from 1; columns in UTF-16 units, as editors do. */
export interface Place {
  line: number
  column: number
}

export interface TextNode {
  kind: 'text'
  text: string
  /** Nothing, `~` or `null`, without quotes. */
  isNull: boolean
  at: Place
}

export interface ListNode {
  kind: 'list'
  items: Tree[]
  at: Place
}

export interface MapNode {
  kind: 'map'
  /** In the order of the file, merged ones last; a key may be there twice. */
  entries: MapEntry[]
  at: Place
}

export interface MapEntry {
  key: string
  keyAt: Place
  value: Tree
}

/** Something wrong at a place: with the YAML itself (then `path` is empty) or with what it says. */
export interface ConfigProblem {
  /** Such as `services.web.memory.warn`, or empty. */
  path: string
  at: Place
  /** Cause first, then what would be right; escaped, ready to be shown. */
  message: string
}

export const startOfFile: Place = { line: 1, column: 1 }

export const inOrder = (problems: readonly ConfigProblem[]): ConfigProblem[] =>
  [...problems].sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column)
