// What is in the packages, as CycloneDX 1.6.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** @param node its version, where it is within; null: not */
export const sbomOf = ({ version, packages, madeAt, node }) => {
  const application = {
    type: 'application',
    'bom-ref': `oratio-health@${version}`,
    name: 'oratio-health',
    version,
    purl: `pkg:npm/oratio-health@${version}`,
    licenses: [{ license: { id: 'MIT' } }],
  }
  const components = [...packages.map(component), ...(node === null ? [] : [nodeComponent(node)])]
  const body = {
    metadata: {
      timestamp: madeAt.toISOString(),
      tools: { components: [{ type: 'application', name: 'scripts/package/sbom.mjs' }] },
      component: application,
    },
    components,
    dependencies: [
      { ref: application['bom-ref'], dependsOn: components.map((one) => one['bom-ref']) },
      ...components.map((one) => ({
        ref: one['bom-ref'],
        dependsOn: (one.components ?? []).map((part) => part['bom-ref']),
      })),
    ],
  }
  const sum = createHash('sha256').update(JSON.stringify(body)).digest('hex')
  // The same content has the same number; in the form of a version 8 UUID.
  const uuid = `${sum.slice(0, 8)}-${sum.slice(8, 12)}-8${sum.slice(13, 16)}-a${sum.slice(17, 20)}-${sum.slice(20, 32)}`
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuid}`,
    version: 1,
    ...body,
  }
}

const component = ({ name, version, licence, integrity, parts }) => ({
  ...library({ name, version, licence }, ''),
  ...(integrity === null
    ? {}
    : { hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity.slice(7), 'base64').toString('hex') }] }),
  ...(parts.length === 0 ? {} : { components: parts.map((part) => library(part, `${name}@${version}|`)) }),
})

const library = ({ name, version, licence }, within) => {
  const [group, own] = name.startsWith('@') ? name.split('/') : [null, name]
  return {
    type: 'library',
    'bom-ref': `${within}${name}@${version}`,
    ...(group === null ? {} : { group }),
    name: own,
    version,
    purl: `pkg:npm/${group === null ? '' : `${encodeURIComponent(group)}/`}${own}@${version}`,
    licenses: /^[\w.+-]+$/.test(licence) ? [{ license: { id: licence } }] : [{ expression: licence }],
  }
}

const nodeComponent = (version) => ({
  type: 'platform',
  'bom-ref': `node@${version}`,
  name: 'node',
  version,
  cpe: `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`,
  purl: `pkg:generic/node@${version}`,
  licenses: [{ license: { id: 'MIT' } }],
  description: 'The single executables are a copy of its binary, with the libraries that it carries.',
})

/** By the schema of CycloneDX itself. Throws with what is wrong. */
export const validateSbom = async (document) => {
  validator ??= makeValidator()
  const { ajv, validate } = await validator
  if (!validate(document))
    throw new Error(`the SBOM is not CycloneDX 1.6: ${ajv.errorsText(validate.errors)}`)
}

/** Compiling the schema takes a second, so it is kept. */
let validator = null

const makeValidator = async () => {
  const require = createRequire(import.meta.url)
  const { default: Ajv } = await import('ajv')
  const { default: addFormats } = await import('ajv-formats')
  const folder = join(dirname(require.resolve('@cyclonedx/cyclonedx-library/package.json')), 'res/schema')
  const schema = (name) => JSON.parse(readFileSync(join(folder, `${name}.SNAPSHOT.schema.json`), 'utf8'))
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false })
  addFormats(ajv)
  for (const name of ['spdx', 'jsf-0.82'])
    ajv.addSchema(schema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`)
  return { ajv, validate: ajv.compile(schema('bom-1.6')) }
}
