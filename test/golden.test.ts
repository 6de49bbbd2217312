import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { truths } from './golden-truths.ts'
import { validateDocument } from './support/schema.ts'
import { tempFolder } from './support/temp-folder.ts'

const top = join(import.meta.dirname, '..')
const hosts = join(import.meta.dirname, 'fixtures', 'hosts')
const golden = join(import.meta.dirname, 'fixtures', 'golden')
const built = tempFolder('golden-program')
const saved = tempFolder('golden-state')

const hostNames = readdirSync(hosts, { withFileTypes: true }).flatMap((e) =>
  e.isDirectory() ? [e.name] : [],
)
const configOf = (host: string): string => join(golden, `${host}.yaml`)

/** Every host as it is found, and those with alarms of their own once more with these. */
const cases = [
  ...hostNames.map((host) => ({ name: host, host, config: [] as string[] })),
  ...hostNames
    .filter((host) => existsSync(configOf(host)))
    .map((host) => ({ name: `${host}.configured`, host, config: ['-c', configOf(host)] })),
]

const checkHost = (name: string, host: string, config: readonly string[]) => {
  const ran = spawnSync(
    process.execPath,
    [
      ...[join(built, 'cli.cjs'), 'check', '--json', '--root', join(hosts, host)],
      ...['--state-dir', join(saved, name), '--log-dir', join(saved, name), ...config],
    ],
    { encoding: 'utf8', env: { PATH: process.env.PATH, HOME: saved, TZ: 'UTC' } },
  )
  return { status: ran.status, stderr: ran.stderr, document: JSON.parse(ran.stdout) }
}

/** Without what depends on the version, and for a host that does not tell them its time and name. */
const normalised = (document: Record<string, unknown>, host: string): Record<string, unknown> => ({
  ...document,
  version: 'VERSION',
  ...(existsSync(join(hosts, host, 'cmd', 'now'))
    ? {}
    : { startedAt: 'NOW', finishedAt: 'NOW', host: 'FOLDER' }),
})

describe('check --json of each captured host', () => {
  beforeAll(() => {
    const build = spawnSync(process.execPath, [join(top, 'scripts', 'build.mjs'), built], {
      encoding: 'utf8',
    })
    if (build.status !== 0) throw new Error(build.stderr)
  })

  it('has a truth for each', () => {
    expect(Object.keys(truths).toSorted()).toEqual(cases.map(({ name }) => name).toSorted())
  })

  it.each(cases)('$name', ({ name, host, config }) => {
    const { document, status, stderr } = checkHost(name, host, config)
    expect(stderr).toBe('')
    expect(validateDocument(document)).toEqual([])
    // What must be so, whatever the golden says.
    expect(document.exitCode).toBe(status)
    truths[name]?.(document)

    const file = join(golden, `${name}.json`)
    const seen = normalised(document, host)
    if (process.env.UPDATE_GOLDEN) writeFileSync(file, `${JSON.stringify(seen, null, 2)}\n`)
    expect(seen).toEqual(JSON.parse(readFileSync(file, 'utf8')))
  })
})
