import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const top = join(import.meta.dirname, '..')
const src = join(top, 'src')

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))

interface Import {
  from: string
  to: string
  typeOnly: boolean
}

const importsOf = (file: string): Import[] => {
  const code = readFileSync(file, 'utf8')
  const found: Import[] = []
  const statements =
    /^(?:import|export)\s+(type\s+)?(?:[\w*{][^'"]*?\sfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm
  for (const [, type, fixed, lazy] of code.matchAll(statements)) {
    const to = fixed ?? lazy ?? ''
    found.push({
      from: relative(src, file),
      to: to.startsWith('.') ? relative(src, resolve(dirname(file), to)) : to,
      typeOnly: type !== undefined,
    })
  }
  return found
}

const files = filesBelow(src)
const imports = files.flatMap(importsOf)
const folderOf = (path: string): string => (path.includes('/') ? (path.split('/')[0] ?? '') : path)

/** The import table: what a folder may import beside itself. `host:type` is the type host/host.ts alone. */
const table: Record<string, readonly string[]> = {
  core: [],
  parse: ['core'],
  leak: ['core'],
  report: ['core', 'parse', 'leak'],
  store: ['core', 'parse', 'leak', 'host:type'],
  host: ['core', 'parse'],
  plan: ['core', 'parse', 'leak'],
  checks: ['core', 'parse', 'leak', 'report', 'host:type'],
  notify: ['core', 'parse', 'leak', 'report', 'host:type'],
  config: ['core', 'checks', 'notify', 'plan', 'host:type'],
  commands: ['core', 'parse', 'leak', 'report', 'store', 'plan', 'checks', 'notify', 'config', 'host:type'],
  'cli.ts': [
    'core',
    'commands',
    'host',
    'store',
    'host:type',
    'program.ts',
    'report-error.ts',
    'usual-arguments.ts',
  ],
  // Runs in a browser, inside the page of `report`; the build makes it one text.
  page: ['core'],
  // Parts of the edge, loaded by cli.ts when they are needed; start.ts loads the whole.
  'program.ts': ['core', 'commands', 'option-values.ts', 'usual-arguments.ts', 'completion.ts', 'report'],
  'completion.ts': ['commands', 'report', 'option-values.ts'],
  // Run when a package is made.
  'man-page.ts': ['commands', 'report', 'option-values.ts'],
  'usual-arguments.ts': ['commands', 'option-values.ts'],
  'option-values.ts': ['core', 'commands'],
  'report-error.ts': ['core', 'report', 'host:type'],
  'start.ts': [],
  'sweep-helper.ts': ['host', 'plan'],
}

const doors: Record<string, readonly string[]> = {
  commander: ['program.ts'],
  execa: ['host/exec.ts'],
  zx: ['host/exec.ts', 'host/shell.ts'],
  'fs-extra': ['host/files.ts'],
  dayjs: ['core/stamp.ts'],
  yaml: ['config/load.ts'],
  koffi: ['host/syscalls.ts'],
  uplot: ['page/chart.ts', 'page/draw-events.ts'],
}

/** Where the program begins: nothing has been handed in yet. */
const isEdge = (file: string): boolean =>
  file === 'cli.ts' || file === 'start.ts' || file === 'sweep-helper.ts'

const isOurs = (to: string): boolean => to.endsWith('.ts')

describe('the house', () => {
  it('sees the imports it judges', () => {
    expect(imports.length).toBeGreaterThan(100)
    expect(imports.some(({ from, to }) => from === 'cli.ts' && to === 'host/real.ts')).toBe(true)
    expect(
      imports.some(({ from, to }) => from === 'commands/registry.ts' && to === 'commands/check.ts'),
    ).toBe(true)
  })

  it('imports point down only', () => {
    const wrong = imports.filter(({ from, to, typeOnly }) => {
      if (!isOurs(to)) return false
      const [own, other] = [folderOf(from), folderOf(to)]
      if (own === other) return false
      const allowed = table[own] ?? []
      if (other === 'host' && own !== 'cli.ts' && own !== 'sweep-helper.ts')
        return !(allowed.includes('host:type') && to === 'host/host.ts' && typeOnly)
      return !allowed.includes(other)
    })
    expect(wrong).toEqual([])
  })

  it('node and its globals are used in host/ and at the edge only', () => {
    const wrong = imports.filter(
      ({ from, to }) => to.startsWith('node:') && !from.startsWith('host/') && !isEdge(from),
    )
    expect(wrong).toEqual([])
    const globals = /(?<![\w.'"`/-])(?:process\.|new Date\b|Date\.|setTimeout\(|console\.)/
    const users = files
      .map((file) => relative(src, file))
      .filter((file) => !file.startsWith('host/') && !file.startsWith('page/') && !isEdge(file))
      .filter((file) => globals.test(codeOnly(readFileSync(join(src, file), 'utf8'))))
    expect(users).toEqual([])
  })

  it('every third-party package has one door', () => {
    const wrong = imports.filter(
      ({ from, to }) => !to.startsWith('node:') && !isOurs(to) && !doors[to]?.includes(from),
    )
    expect(wrong).toEqual([])
  })

  it('heavy packages are loaded only when used', () => {
    const eager = imports.filter(({ to }) => ['execa', 'zx', 'yaml', 'fs-extra', 'koffi'].includes(to))
    for (const { from, to } of eager) {
      const code = readFileSync(join(src, from), 'utf8')
      const valueImport = new RegExp(`^import (?!type)[^\\n]*'${to}'`, 'm')
      expect(valueImport.test(code), `${from} imports ${to} at its top`).toBe(false)
    }
  })

  it('the registries load their members lazily or name them once', () => {
    const registry = readFileSync(join(src, 'commands/registry.ts'), 'utf8')
    expect(registry).not.toMatch(/^import (?!type)/m)
  })

  it('has no cycles', () => {
    const graph = new Map<string, string[]>()
    for (const { from, to, typeOnly } of imports) {
      if (isOurs(to) && !typeOnly) graph.set(from, [...(graph.get(from) ?? []), to])
    }
    const cycles: string[] = []
    const done = new Set<string>()
    const visit = (file: string, trail: readonly string[]): void => {
      if (trail.includes(file)) {
        cycles.push([...trail.slice(trail.indexOf(file)), file].join(' → '))
        return
      }
      if (done.has(file)) return
      for (const next of graph.get(file) ?? []) visit(next, [...trail, file])
      done.add(file)
    }
    for (const file of graph.keys()) visit(file, [])
    expect(cycles).toEqual([])
  })

  it('files are short, plainly named, and no class but an Error', () => {
    const lines = files.map((file) => readFileSync(file, 'utf8').split('\n').length).sort((a, b) => a - b)
    expect(lines[Math.floor(lines.length / 2)]).toBeLessThan(110)
    const names = files.map((file) => relative(src, file))
    expect(names.filter((name) => /(^|\/)(utils?|helpers?|common|misc|index)(\.ts|\/)/.test(name))).toEqual(
      [],
    )
    const classes = files.filter((file) =>
      /^(export )?class (?!\w+ extends Error)/m.test(readFileSync(file, 'utf8')),
    )
    expect(classes).toEqual([])
  })

  it('every parser has a test with hostile input', () => {
    const parsers = filesBelow(join(src, 'parse')).map((file) => relative(join(src, 'parse'), file))
    const tests = filesBelow(join(top, 'test/parse')).map((file) => relative(join(top, 'test/parse'), file))
    expect(parsers.filter((name) => !tests.includes(name.replace(/\.ts$/, '.test.ts')))).toEqual([])
  })
})

/** Without comments and string contents, so that a word in prose is not taken for code. */
const codeOnly = (code: string): string =>
  code.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g, '')
