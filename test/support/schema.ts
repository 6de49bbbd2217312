import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormatsModule from 'ajv-formats'

const folder = join(import.meta.dirname, '../../schema')
const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true })
// A CommonJS module whose function is `default` or itself, as the loader has it.
const addFormats = (addFormatsModule as unknown as { default?: unknown }).default ?? addFormatsModule
;(addFormats as (to: Ajv2020) => void)(ajv)

/**
 * What is wrong with a `--json` document by the schema it names (`oratio-health/check@1` → schema/check-1.json);
 * empty when it is valid. A document without a schema of its own is wrong, too.
 */
export const validateDocument = (document: unknown): string[] => {
  const named = (document as { schema?: unknown } | null)?.schema
  const file = `${String(named).replace('oratio-health/', '').replace('@', '-')}.json`
  const validate = validatorOf(file)
  if (validate === null) return [`no schema/${file} for a document that names ${String(named)}`]
  if (validate(document)) return []
  return (validate.errors ?? []).map(({ instancePath, message, params }) =>
    `${instancePath || '/'} ${message} ${JSON.stringify(params)}`.trim(),
  )
}

const compiled = new Map<string, ValidateFunction>()

const validatorOf = (file: string): ValidateFunction | null => {
  const known = compiled.get(file)
  if (known) return known
  if (!/^[\w-]+\.json$/.test(file) || !existsSync(join(folder, file))) return null
  const validate = ajv.compile(JSON.parse(readFileSync(join(folder, file), 'utf8')))
  compiled.set(file, validate)
  return validate
}
