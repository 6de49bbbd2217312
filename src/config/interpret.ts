import type { Config } from './config.ts'
import { crossCheck } from './cross-check.ts'
import type { YamlPackage } from './load.ts'
import { parseYaml } from './parse-yaml.ts'
import { configField, type Sections, toConfig } from './schema.ts'
import { type ConfigProblem, inOrder } from './tree.ts'
import { type Environment, validate } from './validate.ts'

export interface Interpreted {
  /** Null when there are problems. */
  config: Config | null
  /** In the order of the file. */
  problems: ConfigProblem[]
  /** Paths of the secrets that stand in the text itself. */
  secrets: string[]
}

/** What the text of a config says, or everything that is wrong with it. Pure but for the YAML package; never throws. */
export const interpret = (yaml: YamlPackage, text: string, env: Environment): Interpreted => {
  const foreign = notUtf8(text)
  if (foreign) return { config: null, problems: [foreign], secrets: [] }
  const { tree, problems: flaws } = parseYaml(yaml, text.replace(/^\uFEFF/, ''))
  // Half a tree would only bring errors that are none.
  if (flaws.length > 0) return { config: null, problems: inOrder(flaws), secrets: [] }
  const { value, problems, places, secrets } = validate(tree, configField, env)
  const all = inOrder([...problems, ...crossCheck(value, places)])
  return { config: all.length === 0 ? toConfig(value as Sections) : null, problems: all, secrets }
}

/** Reading files turns what is not UTF-8 into U+FFFD. */
const notUtf8 = (text: string): ConfigProblem | null => {
  const before = text.split('\uFFFD', 2)
  if (before.length < 2) return null
  const lines = (before[0] ?? '').split('\n')
  const at = { line: lines.length, column: (lines.at(-1) ?? '').length + 1 }
  return { path: '', at, message: 'the file is not UTF-8 from here on; save it in that encoding' }
}
