// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are variables of compose
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bundle } from '../../support/bundle.ts'
import { ran } from '../../support/healing.ts'
import { validateDocument } from '../../support/schema.ts'
import { tempFolder } from '../../support/temp-folder.ts'

// The whole program on real files; neither docker nor compose is asked.
const top = tempFolder('limits-compose')
const program = bundle('../src/cli.ts', top)

const write = (files: Record<string, string>): string => {
  const folder = mkdtempSync(join(top, 'project-'))
  for (const [name, content] of Object.entries({
    'config.yaml': 'services: { x: { process: never } }\n',
    ...files,
  })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content, { mode: 0o600 })
  }
  return folder
}

const audit = async (files: Record<string, string>, names: readonly string[], env = {}) => {
  const folder = write(files)
  const { code, stdout, stderr } = await ran(
    [
      ...[process.execPath, program, 'limits', 'status', '--json', '-c', join(folder, 'config.yaml')],
      ...['--state-dir', join(folder, 'state'), '--log-dir', join(folder, 'log')],
      ...['--compose', ...names.map((name) => join(folder, name))],
    ],
    { env },
  )
  const document = stdout === '' ? null : JSON.parse(stdout)
  return { folder, code, stderr, document, text: `${stdout}${stderr}` }
}

const limitsOf = (document: { services: { service: string; limitBytes: number | null }[] }) =>
  Object.fromEntries(document.services.map(({ service, limitBytes }) => [service, limitBytes]))

const gib = 1024 ** 3

describe('limits status --compose', () => {
  it('says what the files would set: both ways, anchors, merge keys, extends, variables, .env', async () => {
    const { document, code } = await audit(
      {
        '.env': 'WEB_MEMORY=2g\nBEATEN=1g\n',
        'compose.yaml': `x-small: &small
  mem_limit: 1g
  mem_reservation: 512m
services:
  web: { image: web, mem_limit: "\${WEB_MEMORY}" }
  worker:
    <<: *small
    image: worker
  worker2:
    <<: [ *small ]
    mem_limit: 3g
  db: { image: db, deploy: { resources: { limits: { memory: "\${DB_MEMORY:-4g}" } } } }
  env: { image: x, mem_limit: $BEATEN }
  heir: { extends: worker }
  far: { extends: { file: other/base.yml, service: base } }
  debug: { image: x, mem_limit: 1g, profiles: [debug] }
`,
        'other/base.yml':
          'services: { root: { mem_limit: 6g }, base: { extends: { service: root }, image: y } }\n',
      },
      ['compose.yaml'],
      { BEATEN: '5g' },
    )
    expect(validateDocument(document)).toEqual([])
    expect(limitsOf(document)).toEqual({
      web: 2 * gib,
      worker: gib,
      worker2: 3 * gib,
      db: 4 * gib,
      env: 5 * gib,
      heir: gib,
      far: 6 * gib,
      debug: gib,
    })
    expect(document.services[1]).toMatchObject({ reservationBytes: gib / 2, source: 'mem_limit' })
    expect(code).toBe(0)
  })

  it('merges several files as compose does, with include, !reset and !override', async () => {
    const { document, code } = await audit(
      {
        'a.yaml': `include: [ other/inc.yaml ]
services:
  web: { image: web, mem_limit: 1g }
  gone: { image: x, mem_limit: 1g }
  over: { image: x, deploy: { resources: { limits: { memory: 1g, cpus: "2" } } } }
`,
        'other/inc.yaml': 'services: { included: { image: z, mem_limit: 7g } }\n',
        'b.yaml': `services:
  web: { mem_limit: 2g }
  gone: { mem_limit: !reset null }
  over: { deploy: !override { resources: { limits: { cpus: "1" } } } }
`,
      },
      ['a.yaml', 'b.yaml'],
    )
    expect(limitsOf(document)).toEqual({ included: 7 * gib, web: 2 * gib, gone: null, over: null })
    expect(code).toBe(1)
  })

  it('an unset variable is a warning, as for compose; one that must be set is an error', async () => {
    const unset = await audit({ 'c.yaml': 'services: { web: { mem_limit: "${NOT_SET_HERE}" } }\n' }, [
      'c.yaml',
    ])
    expect(unset.code).toBe(1)
    expect(limitsOf(unset.document)).toEqual({ web: null })
    expect(unset.document.warnings).toEqual([expect.stringContaining('NOT_SET_HERE is not set')])

    const must = await audit({ 'c.yaml': 'services: { web: { mem_limit: "${MUST_BE:?say how much}" } }\n' }, [
      'c.yaml',
    ])
    expect(must.code).toBe(78)
    expect(must.text).toContain('MUST_BE is not set: say how much')
  })

  it.each<[string, string, RegExp]>([
    ['broken YAML', 'services:\n  web: [\n', /c\.yaml:\d+:\d+: /],
    ['no map', '- a\n', /is no compose file/],
    ['services as a list', 'services: [web]\n', /services should be names/],
    ['extends nobody', 'services: { web: { extends: nobody } }\n', /no service nobody/],
    ['extends itself', 'services: { web: { extends: web } }\n', /extends itself/],
    ['includes itself', 'include: [ c.yaml ]\nservices: {}\n', /includes or extends itself/],
    ['includes what is not there', 'include: [ none.yaml ]\n', /none\.yaml: is not there/],
    ['no variable', 'services: { web: { mem_limit: "$1" } }\n', /is no variable/],
    ['an anchor that is not there', 'services: { web: *gone }\n', /gone/],
    [
      'a bomb of aliases',
      `a: &a [x,x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
        .split('')
        .map((c, i) => `${c}: &${c} [${Array(10).fill(`*${'abcdefg'[i]}`).join(',')}]`)
        .join('\n')}\n`,
      /alias/i,
    ],
  ])('%s: 78, and where', async (_, content, message) => {
    const { code, text } = await audit({ 'c.yaml': content }, ['c.yaml'])
    expect(text).toMatch(message)
    expect(text).not.toMatch(/\n\s+at /)
    expect(code).toBe(78)
  })

  it('a file that is not there', async () => {
    expect(await audit({}, ['none.yaml'])).toMatchObject({ code: 78 })
  })
})
