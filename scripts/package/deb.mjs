// The Debian package: what the npm package has, with the manual page, completions and the rest that Debian expects.
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { run } from './node-binary.mjs'

/** @param unpacked the npm package's content @param tree an empty folder for the content of this one */
export const writeDeb = ({ top, unpacked, tree, target, version, maintainer, packages, madeAt }) => {
  const at = (...path) => join(tree, ...path)
  const put = (path, content, mode = 0o644) => {
    mkdirSync(join(at(path), '..'), { recursive: true })
    writeFileSync(at(path), content)
    chmodSync(at(path), mode)
  }
  const zipped = (path, content) => put(path, gzipSync(content, { level: 9 }))
  const own = (name) => readFileSync(join(top, 'deploy/debian', name), 'utf8')
  const shipped = (name) => readFileSync(join(unpacked, name), 'utf8')

  const launcher = shipped('bin/oratio-health.js').replace(/^#!.*/, '#!/usr/bin/node')
  put('usr/lib/oratio-health/bin/oratio-health.js', launcher, 0o755)
  // Not what V8 has compiled ahead: that is of one version of Node and one kind of processor.
  cpSync(join(unpacked, 'dist'), at('usr/lib/oratio-health/dist'), {
    recursive: true,
    filter: (source) => !/\.cache$|THIRD-PARTY-LICENSES\.txt$/.test(source),
  })
  mkdirSync(at('usr/bin'), { recursive: true })
  symlinkSync('../lib/oratio-health/bin/oratio-health.js', at('usr/bin/oratio-health'))
  cpSync(join(unpacked, 'schema'), at('usr/share/oratio-health/schema'), { recursive: true })

  zipped('usr/share/man/man1/oratio-health.1.gz', shipped('man/oratio-health.1'))
  const completion = (shell) =>
    run(process.execPath, [join(unpacked, 'bin/oratio-health.js'), 'completion', shell])
  put('usr/share/bash-completion/completions/oratio-health', completion('bash'))
  put('usr/share/zsh/vendor-completions/_oratio-health', completion('zsh'))
  put('usr/share/fish/vendor_completions.d/oratio-health.fish', completion('fish'))
  put('usr/lib/tmpfiles.d/oratio-health.conf', own('tmpfiles.conf'))

  const doc = 'usr/share/doc/oratio-health'
  put(`${doc}/README.Debian`, own('README.Debian'))
  putDocs(unpacked, at(doc))
  put(`${doc}/copyright`, copyright(readFileSync(join(top, 'LICENSE'), 'utf8'), packages))
  zipped(`${doc}/changelog.gz`, shipped('CHANGELOG.md'))
  zipped(
    `${doc}/changelog.Debian.gz`,
    `oratio-health (${version}) unstable; urgency=medium\n\n  * Version ${version.replace(/-\d+$/, '')}; changelog.gz says what is new.\n\n -- ${maintainer}  ${rfc5322(madeAt)}\n`,
  )

  put('usr/share/lintian/overrides/oratio-health', own('lintian-overrides'))

  put('DEBIAN/md5sums', sums(tree))
  const size = Math.ceil(bytesBelow(at('usr')) / 1024)
  const fields = { VERSION: version, MAINTAINER: maintainer, SIZE: String(size) }
  put(
    'DEBIAN/control',
    own('control').replace(/@([A-Z]+)@/g, (_, name) => fields[name]),
  )
  for (const name of ['postinst', 'prerm', 'postrm'])
    put(`DEBIAN/${name}`, maintainerScript(top, name), 0o755)
  plainModes(tree)
  run('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', tree, target], {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(Math.floor(madeAt.getTime() / 1000)) },
  })
}

/** Not compressed, and laid out as in the repository, so that links between them hold. */
export const putDocs = (unpacked, doc) => {
  const copy = (from, to = from) => cpSync(join(unpacked, from), join(doc, to), { recursive: true })
  for (const name of ['README.md', 'CONTRIBUTING.md', 'docs', 'examples']) copy(name)
  copy('config.example.yaml', 'examples/config.yaml')
  copy('crontab.example', 'examples/crontab')
  symlinkSync('examples/config.yaml', join(doc, 'config.example.yaml'))
  symlinkSync('examples/crontab', join(doc, 'crontab.example'))
  symlinkSync('../../oratio-health/schema', join(doc, 'schema'))
}

/** What two of them need is written once. */
export const maintainerScript = (top, name) => {
  const own = (part) => readFileSync(join(top, 'deploy/debian', part), 'utf8')
  return own(name).replace('#SCHEDULE#\n', () => own('schedule.sh'))
}

const entriesBelow = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) => ({
    entry,
    path: join(entry.parentPath, entry.name),
  }))

const bytesBelow = (folder) =>
  entriesBelow(folder).reduce((sum, { entry, path }) => sum + (entry.isFile() ? statSync(path).size : 0), 0)

const sums = (tree) =>
  String(run('sh', ['-c', 'find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum'], { cwd: tree }))

/** Whatever the umask of whoever makes it. */
const plainModes = (tree) => {
  chmodSync(tree, 0o755)
  for (const { entry, path } of entriesBelow(tree)) {
    if (entry.isDirectory()) chmodSync(path, 0o755)
    else if (entry.isFile()) chmodSync(path, statSync(path).mode & 0o100 ? 0o755 : 0o644)
  }
}

const copyright = (licence, packages) => {
  const paragraphs = [
    'oratio-health is made by its authors; this is its licence:',
    indented(licence),
    'The files in /usr/lib/oratio-health/dist have within them these npm packages,',
    'each with its own licence:',
    packages
      .flatMap(({ name, version, licence, parts }) => [
        `  ${name} ${version} (${licence})`,
        ...parts.map((part) => `    within it: ${part.name} ${part.version} (${part.licence})`),
      ])
      .join('\n'),
    ...packages.map(({ name, licence, text }) =>
      licence === 'Apache-2.0'
        ? `${name}: Apache License, Version 2.0;\non Debian see /usr/share/common-licenses/Apache-2.0.`
        : `${name}:\n${indented(text)}`,
    ),
  ]
  return `${paragraphs.join('\n\n')}\n`
}

const indented = (text) => text.trim().replace(/^(?=.)/gm, '  ')

const rfc5322 = (date) => date.toUTCString().replace('GMT', '+0000')
