import { chmodSync, chownSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buildSync } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { loadConfig, readConfig } from '../../src/config/load.ts'
import { defaultConfig } from '../../src/config/schema.ts'
import { exitCode, HealthError } from '../../src/core/errors.ts'
import { makeFiles } from '../../src/host/files.ts'
import type { Host } from '../../src/host/host.ts'
import { makeSave } from '../../src/host/save.ts'
import { asNobody } from '../support/as-nobody.ts'
import { capturedBase, liveBase } from '../support/bases.ts'
import { bundle } from '../support/bundle.ts'
import { isRoot } from '../support/needs.ts'
import { tempFolder } from '../support/temp-folder.ts'

const own = process.getuid?.() ?? 0
const nobody = 65_534

/** The real files of this machine, or below `root`, with the parts of a host that reading a config needs. */
const hostOf = (facts: { root?: string; uid?: number; env?: Record<string, string> } = {}): Host => {
  const base = facts.root === undefined ? liveBase : capturedBase(facts.root)
  const host: Partial<Host> = {
    live: base.live,
    uid: facts.uid ?? own,
    env: facts.env ?? {},
    files: makeFiles(base),
    save: makeSave({ uid: base.uid, pid: base.pid }, () => 0),
  }
  return host as Host
}

const put = (path: string, text: string, mode = 0o600): string => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

const failureOf = async (loading: Promise<unknown>): Promise<HealthError> => {
  const error: unknown = await loading.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (error instanceof HealthError) return error
  throw new Error(`no HealthError: ${String(error)}`)
}

describe('the config of a run', () => {
  it('is the defaults where none is named and none is there', async () => {
    const home = tempFolder('no-config')
    const host = hostOf({ uid: 1000, env: { HOME: home } })
    expect(await loadConfig(host, null)).toEqual({ config: defaultConfig(), path: null, warnings: [] })
    expect(await loadConfig(hostOf({ uid: 1000 }), null)).toMatchObject({ path: null })
    expect(defaultConfig()).toMatchObject({
      host: { memory: { warn: 85, crit: 95 }, swap: { warn: 50, crit: 90 } },
      services: {},
      notify: { remindSeconds: 21_600, targets: [] },
      metrics: { textfile: null },
    })
  })

  it('is found below XDG_CONFIG_HOME, else below HOME, .yaml or .yml', async () => {
    const home = tempFolder('home')
    const xdg = tempFolder('xdg')
    const env = { HOME: home, XDG_CONFIG_HOME: xdg }
    const path = put(join(home, '.config/oratio-health/config.yml'), 'host: { swap: { warn: 1% } }\n')
    expect(await loadConfig(hostOf({ uid: 1000, env: { HOME: home } }), null)).toMatchObject({
      path,
      config: { host: { swap: { warn: 1, crit: 90 } } },
    })
    expect(await loadConfig(hostOf({ uid: 1000, env }), null)).toMatchObject({ path: null })
    const other = put(join(xdg, 'oratio-health/config.yaml'), '')
    expect(await loadConfig(hostOf({ uid: 1000, env }), null)).toMatchObject({ path: other })
  })

  it('is not guessed where both are there', async () => {
    const home = tempFolder('both')
    const folder = join(home, '.config/oratio-health')
    put(join(folder, 'config.yml'), '')
    put(join(folder, 'config.yaml'), '')
    const error = await failureOf(loadConfig(hostOf({ uid: 1000, env: { HOME: home } }), null))
    expect(error.code).toBe(exitCode.badConfig)
    expect(error.message).toBe(
      `both ${folder}/config.yaml and ${folder}/config.yml are there, and only one is meant`,
    )
  })

  it('must be there when it is named, and be text of a bounded size', async () => {
    const folder = tempFolder('named')
    const missing = await failureOf(loadConfig(hostOf(), join(folder, 'x.yaml')))
    expect(missing).toMatchObject({ code: 78, mend: expect.stringContaining('oratio-health init') })
    symlinkSync('nowhere', join(folder, 'dangling.yaml'))
    expect(await failureOf(loadConfig(hostOf(), join(folder, 'dangling.yaml')))).toMatchObject({ code: 78 })
    expect(await failureOf(loadConfig(hostOf(), folder))).toMatchObject({
      code: 78,
      message: `${folder}: the config cannot be read: is a folder, not a file`,
    })
    const large = put(join(folder, 'large.yaml'), '#'.repeat(1024 * 1024 + 1))
    expect((await failureOf(loadConfig(hostOf(), large))).message).toMatch(/is larger than 1\.0 MiB/)
    const latin = join(folder, 'latin.yaml')
    writeFileSync(latin, Buffer.from('# gr\xfc\xdfe\n', 'latin1'), { mode: 0o600 })
    expect((await failureOf(loadConfig(hostOf(), latin))).message).toBe(
      `${latin}:1:5 the file is not UTF-8 from here on; save it in that encoding`,
    )
  })

  it('says every error with file, line and column', async () => {
    const path = put(
      join(tempFolder('wrong'), 'config.yaml'),
      'hots: {}\nservices:\n  web: { container: w, memory: { warn: lots } }\n',
    )
    const error = await failureOf(loadConfig(hostOf(), path))
    expect(error.code).toBe(exitCode.badConfig)
    expect(error.message).toBe(`the config has 2 errors:
${path}:1:1 hots: unknown key; did you mean "host"?
${path}:3:40 services.web.memory.warn: expected a size such as 500M or a share such as 85%, or off, found "lots"`)
  })

  it('a key like no other: it may be of a newer version, which is said with the mend', async () => {
    const path = put(join(tempFolder('newer'), 'config.yaml'), 'quantum: {}\nentangled: {}\n')
    const error = await failureOf(loadConfig(hostOf(), path))
    expect(error.code).toBe(exitCode.badConfig)
    expect(error.message).toContain('quantum: unknown key')
    expect(error.mend).toMatch(/newer version\?.*`oratio-health --version`.*install the newer one, or take/)
    // A slip of the pen is not.
    const slip = put(join(tempFolder('slip'), 'config.yaml'), 'hots: {}\n')
    expect((await failureOf(loadConfig(hostOf(), slip))).mend).toBeNull()
  })

  it("below --root is that host's, with a named file from here", async () => {
    const root = tempFolder('root')
    put(join(root, 'etc/oratio-health/config.yaml'), 'host: { swap: { warn: 2% } }\n', 0o666)
    const host = hostOf({ root, uid: 1000 })
    expect(await loadConfig(host, null)).toMatchObject({
      path: '/etc/oratio-health/config.yaml',
      config: { host: { swap: { warn: 2 } } },
    })
    const named = put(join(tempFolder('outside'), 'mine.yaml'), 'host: { swap: { warn: 3% } }\n')
    expect(await loadConfig(host, named)).toMatchObject({
      config: { host: { swap: { warn: 3 } } },
      warnings: [],
    })
  })
})

describe('secrets that others can read', () => {
  const text = (password: string): string =>
    `services: { a: { container: a, probes: [{ jsonrpc: "http://h/", method: version, ${password} }] } }\n`

  // tempFolder makes 0700, which alone would keep others out.
  const openFolder = (name: string): string => {
    const folder = tempFolder(name)
    chmodSync(folder, 0o755)
    return folder
  }

  it('are warned of: in the config and in a password file', async () => {
    const folder = openFolder('secrets')
    const path = put(join(folder, 'a.yaml'), text('password: hunter2'), 0o644)
    const { warnings } = await loadConfig(hostOf(), path)
    expect(warnings).toEqual([
      `${path} holds a secret (services.a.probes[0].password) and everybody can read it: chmod o-r ${path}`,
    ])
    const file = put(join(folder, 'pass'), 'hunter2\n', 0o644)
    const other = put(join(folder, 'b.yaml'), text(`password_file: ${file}`), 0o644)
    expect((await loadConfig(hostOf(), other)).warnings).toEqual([
      `${file} holds a secret and everybody can read it: chmod o-r ${file}`,
    ])
  })

  it('are not, where file or folder is closed, or the secret is in the environment', async () => {
    const folder = openFolder('closed')
    const closed = put(join(folder, 'a.yaml'), text('password: hunter2'), 0o640)
    expect((await loadConfig(hostOf(), closed)).warnings).toEqual([])
    const behind = put(join(tempFolder('behind'), 'a.yaml'), text('password: hunter2'), 0o644)
    expect((await loadConfig(hostOf(), behind)).warnings).toEqual([])
    const variable = put(join(folder, 'b.yaml'), text('password: "$' + '{P}"'), 0o644)
    expect((await loadConfig(hostOf({ env: { P: 'x' } }), variable)).warnings).toEqual([])
  })

  it('a password file that is missing is one', async () => {
    const path = put(join(openFolder('missing'), 'a.yaml'), text('password_file: /nonexistent/pass'))
    expect((await loadConfig(hostOf(), path)).warnings).toEqual([
      `${path}: services.a.probes[0].password_file: /nonexistent/pass is missing`,
    ])
  })
})

describe.skipIf(!isRoot)('a config that others can change (needs root to make one)', () => {
  const config = 'host: { swap: { warn: 1% } }\n'

  it('is refused by root: writable by group or others, or theirs', async () => {
    const folder = tempFolder('trust')
    for (const mode of [0o622, 0o660, 0o602]) {
      const path = put(join(folder, `${mode}.yaml`), config, mode)
      expect(await failureOf(loadConfig(hostOf(), path))).toMatchObject({
        code: exitCode.badConfig,
        message: `${path}: can be written by other users, who could have root run any command through it`,
        mend: `chown root ${path} && chmod go-w ${path}`,
      })
    }
    const path = put(join(folder, 'theirs.yaml'), config)
    chownSync(path, nobody, nobody)
    expect((await failureOf(loadConfig(hostOf(), path))).message).toMatch(
      /theirs\.yaml: belongs to user 65534,/,
    )
    expect(await loadConfig(hostOf(), put(join(folder, 'fine.yaml'), config, 0o644))).toMatchObject({
      warnings: [],
    })
  })

  it('is refused by root in a folder of others, at any depth, also behind a link', async () => {
    const folder = tempFolder('folders')
    const path = put(join(folder, 'open/below/config.yaml'), config)
    symlinkSync(join(folder, 'open'), join(folder, 'link'))
    symlinkSync(path, join(folder, 'link.yaml'))
    expect(await loadConfig(hostOf(), path)).toMatchObject({ path })
    chmodSync(join(folder, 'open'), 0o777)
    for (const named of [path, join(folder, 'link/below/config.yaml'), join(folder, 'link.yaml')])
      expect((await failureOf(loadConfig(hostOf(), named))).message).toContain(
        `${folder}/open can be written by other users`,
      )
    // In a sticky folder, such as /tmp, others cannot rename what is not theirs.
    chmodSync(join(folder, 'open'), 0o1777)
    expect(await loadConfig(hostOf(), path)).toMatchObject({ path })
    chownSync(join(folder, 'open/below'), nobody, nobody)
    expect((await failureOf(loadConfig(hostOf(), path))).message).toContain('below belongs to user 65534')
  })

  it('is refused by root where somebody else made the link to it', async () => {
    const folder = tempFolder('links')
    const path = put(join(folder, 'config.yaml'), config)
    const link = join(folder, 'link.yaml')
    symlinkSync(path, link)
    lchownSync(link, nobody, nobody)
    expect((await failureOf(loadConfig(hostOf(), link))).message).toMatch(/link\.yaml: belongs to user 65534/)
  })

  it("is only warned of for a user, and a group of one's own is none", async () => {
    const folder = tempFolder('user')
    const path = put(join(folder, 'config.yaml'), config, 0o664)
    expect(await loadConfig(hostOf({ uid: 1000 }), path)).toMatchObject({ warnings: [] })
    chmodSync(path, 0o666)
    expect((await loadConfig(hostOf({ uid: 1000 }), path)).warnings).toEqual([
      `${path}: can be written by other users, who could have you run any command through it; chmod o-w ${path}`,
    ])
  })

  it('that may not be read ends with 77', async () => {
    const folder = tempFolder('denied')
    chmodSync(folder, 0o755)
    const path = put(join(folder, 'config.yaml'), config)
    const script = bundle('config/child/load-config.ts', folder)
    chmodSync(script, 0o644)
    expect(asNobody(script, [path])).toMatchObject({
      code: exitCode.noPermission,
      message: expect.stringContaining(`${path}: the config may not be read`),
    })
  })
})

describe('a default folder that this user may not search', () => {
  it.runIf(isRoot)('is no config, and said: not both names are there', () => {
    const folder = tempFolder('closed-home')
    chmodSync(folder, 0o755)
    const home = join(folder, 'root')
    const script = bundle('config/child/load-config.ts', folder)
    chmodSync(script, 0o644)
    for (const names of [[], ['config.yaml', 'config.yml']]) {
      for (const name of names) put(join(home, '.config/oratio-health', name), '')
      mkdirSync(home, { recursive: true })
      chmodSync(home, 0o700)
      expect(asNobody(script, [], { HOME: home })).toMatchObject({
        path: null,
        warnings: [
          `${home}/.config/oratio-health may not be looked into by user 65534, so the defaults stand; set HOME, or name a config by --config`,
        ],
      })
    }
    chmodSync(home, 0o755)
    expect(asNobody(script, [], { HOME: home })).toMatchObject({ code: exitCode.badConfig })
  })
})

describe('start-up', () => {
  it('without a config loads neither the YAML package nor the validation', () => {
    const entry = join(import.meta.dirname, '../../src/config/load.ts')
    const { outputs } = buildSync({
      entryPoints: [entry],
      outdir: tempFolder('chunks'),
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      write: false,
      metafile: true,
      logLevel: 'warning',
    }).metafile
    const eager = new Set<string>()
    const visit = (chunk: string): void => {
      for (const input of Object.keys(outputs[chunk]?.inputs ?? {})) eager.add(input)
      for (const { path, kind } of outputs[chunk]?.imports ?? []) if (kind === 'import-statement') visit(path)
    }
    visit(Object.keys(outputs).find((chunk) => outputs[chunk]?.entryPoint?.endsWith('config/load.ts')) ?? '')
    const all = Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs))
    for (const lazy of ['config/validate.ts', 'config/interpret.ts', 'yaml/dist/index.js']) {
      expect(all.filter((input) => input.endsWith(lazy))).not.toEqual([])
      expect([...eager].filter((input) => input.endsWith(lazy))).toEqual([])
    }
    expect([...eager].some((input) => input.endsWith('config/schema.ts'))).toBe(true)
  })

  it('gives the reading, too, for who wants to say what is wrong', async () => {
    const path = put(join(tempFolder('reading'), 'config.yaml'), 'x: 1\n')
    expect(await readConfig(hostOf(), path)).toMatchObject({ path, config: null, problems: [{ path: 'x' }] })
  })
})
