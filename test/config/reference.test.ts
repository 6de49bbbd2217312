import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scalarKinds } from '../../src/config/scalar-kinds.ts'
import { configField } from '../../src/config/schema.ts'
import { written } from '../../src/config/written.ts'
import { spotsOf } from './sample-values.ts'

const top = join(import.meta.dirname, '../..')
// Plain JavaScript: it runs without a build.
const { configReference } = (await import(join(top, 'scripts/config-reference.mjs'))) as {
  configReference(field: unknown, write: unknown, kinds: unknown): string
}
const page = readFileSync(join(top, 'docs/config-reference.md'), 'utf8')

describe('docs/config-reference.md', () => {
  it('is as the fields are (else: npm run schema)', () => {
    expect(page).toBe(configReference(configField, written, scalarKinds))
  })

  it('names every key', () => {
    const names = new Set([...page.matchAll(/^\| `[^`]*?(\w[\w-]*)(?:\[\])?` \|/gm)].map(([, name]) => name))
    const keys = spotsOf(configField).flatMap(({ path }) =>
      path
        .replace(/\[0\]$/, '')
        .split('.')
        .slice(-1),
    )
    expect(keys.length).toBeGreaterThan(100)
    expect(
      keys.filter((key) => !['', 'one', ...Object.keys(configField.keys)].includes(key) && !names.has(key)),
    ).toEqual([])
  })
})
