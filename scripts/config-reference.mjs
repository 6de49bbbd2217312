// Writes docs/config-reference.md from the fields that the program reads a config with. `npm run schema` runs it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const top = join(dirname(fileURLToPath(import.meta.url)), '..')

const head = `# Every key of the config

Written by \`npm run schema\` from the fields the program reads a config with; a test says when it is stale. How to write
a config: [config.md](config.md). An example of everything: [config.example.yaml](../config.example.yaml).

\`NAME\` stands for a name of yours, \`[]\` for each item of a list. Sizes are 1024-based. Where *off* is named the key may
be switched off. Without a default a key does nothing until it is given.
`

/**
 * @param field configField
 * @param written of src/config/written.ts
 * @param kinds scalarKinds
 */
export const configReference = (field, written, kinds) => {
  const sections = Object.entries(field.keys).map(
    ([name, section]) =>
      `## ${name}\n\n${section.help}.\n\n${table(rowsOf(name, section, { written, kinds }))}`,
  )
  return `${head}\n${sections.join('\n')}`
}

const table = (rows) =>
  [
    '| key | what it is | value | default |',
    '|---|---|---|---|',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    '',
  ].join('\n')

const cell = (text) => String(text).replaceAll('|', '\\|').replaceAll('\n', ' ')
const code = (text) => `\`${cell(text)}\``

/** The rows of a field and of all below it; a group of keys that says no more than its keys has no row of its own. */
const rowsOf = (path, field, words) => {
  switch (field.kind) {
    case 'record': {
      const isTop = !path.includes('.') && !path.includes('[')
      const own = isTop ? [] : [row(path, field, groupWords(field), words)]
      return [
        ...own,
        ...Object.entries(field.keys).flatMap(([key, child]) => rowsOf(`${path}.${key}`, child, words)),
      ]
    }
    case 'map':
      return isPlain(field.of)
        ? [row(`${path}.NAME`, field, valueWords(field.of, words), words)]
        : rowsOf(`${path}.NAME`, field.of, words)
    case 'list':
      return isPlain(field.of)
        ? [
            row(
              path,
              field,
              `${field.orOne ? 'one or ' : ''}a list, each ${valueWords(field.of, words)}`,
              words,
            ),
          ]
        : [
            row(path, field, `${field.orOne ? 'one or ' : ''}a list`, words),
            ...rowsOf(`${path}[]`, field.of, words),
          ]
    case 'variants': {
      const variants = Object.entries(field.variants)
      const isShared = (key) => variants.every(([, { keys }]) => key in keys)
      return variants.flatMap(([name, { keys }], index) =>
        Object.entries(keys)
          .filter(([key]) => index === 0 || !isShared(key))
          .flatMap(([key, child]) =>
            rowsOf(`${path}.${key}`, child, words).map(([at, help, ...rest]) => [
              at,
              isShared(key) || key === name ? help : `${help} (with ${code(name)})`,
              ...rest,
            ]),
          ),
      )
    }
    default:
      return [row(path, field, valueWords(field, words), words)]
  }
}

const isPlain = (field) => !['record', 'map', 'list', 'variants'].includes(field.kind)

const row = (path, field, value, { written }) => {
  const must = field.required ? '; must be there' : ''
  return [code(path), `${cell(field.help)}${must}`, cell(value), defaultOf(field, written)]
}

const defaultOf = (field, written) => {
  if (field.kind === 'record' || field.kind === 'map') return ''
  const value = written(field, field.default)
  if (value === undefined || field.kind === 'secret') return ''
  return Array.isArray(value) && value.length === 0
    ? ''
    : code(typeof value === 'string' ? value : JSON.stringify(value))
}

const groupWords = (field) =>
  [
    'keys',
    ...(field.exactlyOne ? [`exactly one of ${field.exactlyOne.join(', ')}`] : []),
    ...(field.atLeastOne ? [`at least one of ${field.atLeastOne.join(', ')}`] : []),
    ...(field.shorthand ? [`or ${field.shorthand} alone`] : []),
    ...(field.canBeOff ? ['or off'] : []),
  ].join(', ')

const valueWords = (field, { kinds }) => {
  if (field.kind === 'choice') return field.options.join(', ')
  const what = field.expects ?? kinds[field.kind].expects
  const bounds = [
    ...(field.min === undefined ? [] : [`from ${field.min}`]),
    ...(field.max === undefined || field.kind === 'percent' ? [] : [`to ${field.max}`]),
  ]
  const range = ['count', 'number'].includes(field.kind) && bounds.length > 0 ? `, ${bounds.join(' ')}` : ''
  return `${what}${range}${field.canBeOff ? ', or *off*' : ''}`
}

const main = async () => {
  const { build } = await import('esbuild')
  const folder = mkdtempSync(join(tmpdir(), 'oh-reference-'))
  const outfile = join(folder, 'fields.cjs')
  try {
    await build({
      stdin: {
        contents: `
          export { configField } from './src/config/schema.ts'
          export { scalarKinds } from './src/config/scalar-kinds.ts'
          export { written } from './src/config/written.ts'`,
        resolveDir: top,
        loader: 'ts',
      },
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      logLevel: 'warning',
    })
    const { configField, scalarKinds, written } = createRequire(import.meta.url)(outfile)
    writeFileSync(join(top, 'docs/config-reference.md'), configReference(configField, written, scalarKinds))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
