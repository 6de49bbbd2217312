import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { Script } from 'node:vm'

/** Of all sources: V8 itself tells two by their length only. */
declare const __BUILD__: string
declare const __VERSION__: string

/**
 * Loads a file of dist/ with what V8 has compiled of it before: half of a run would be compiling otherwise. The compiled
 * form is of one build, one Node and one kind of processor. It lies beside the program where the build was made with
 * this Node, else in a cache folder, where the first run leaves it. It is code: taken only where nobody but root and
 * this user could have written it. Whatever is wrong with it, the program starts all the same, only later.
 */
const load = (file: string): unknown => {
  const path = `${__dirname}/${file}.cjs`
  const known = require.cache[path]
  if (known !== undefined) return known.exports
  // It is ASCII alone.
  const source = readFileSync(path, 'latin1')
  const name = `${file}-${kind}`
  const uid = process.geteuid?.() ?? -1
  const folder = cacheFolder(uid)
  const cachedData = read(__dirname, name, uid) ?? (folder === null ? null : read(folder, name, uid))
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename: path,
    ...(cachedData === null ? {} : { cachedData }),
  })
  // `uninstall` leaves nothing behind.
  const isMissing =
    (cachedData === null || script.cachedDataRejected === true) && !process.argv.includes('uninstall')
  if (isMissing && folder !== null)
    process.once('exit', () => keep(folder, name, uid, () => script.createCachedData()))
  // The parts ask for it by require(), and must find this one, not a second of it.
  const made = {
    exports: {},
    id: path,
    filename: path,
    loaded: true,
    children: [],
    paths: [],
  } as never as NodeModule
  require.cache[path] = made
  script.runInThisContext().call(made.exports, made.exports, requireOf, made, path, __dirname)
  return made.exports
}

const kind = `${__BUILD__}-${process.version}-${process.arch}.cache`

/** As seen from dist/, where these files lie. */
const requireOf = (path: string): unknown => {
  switch (path) {
    case './cli.cjs':
      return load('cli')
    case './services.cjs':
      return load('services')
    case './changes.cjs':
      return load('changes')
    default:
      return require(path)
  }
}

/** Null: there is no place for it. */
const cacheFolder = (uid: number): string | null => {
  if (uid === 0) return '/var/cache/oratio-health'
  const { XDG_CACHE_HOME: given, HOME: home } = process.env
  if (given?.startsWith('/')) return `${given}/oratio-health`
  return home?.startsWith('/') ? `${home}/.cache/oratio-health` : null
}

const isSafe = ({ uid, mode }: { uid: number; mode: number }, own: number): boolean =>
  (uid === own || uid === 0) && (mode & 0o022) === 0

const read = (folder: string, name: string, uid: number): Buffer | null => {
  let fd: number | null = null
  try {
    fd = openSync(`${folder}/${name}`, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const file = fstatSync(fd)
    return file.isFile() && isSafe(file, uid) && isSafe(lstatSync(folder), uid) ? readFileSync(fd) : null
  } catch {
    // Not there, not ours to read: then it is compiled anew.
    return null
  } finally {
    if (fd !== null) closeSync(fd)
  }
}

/** Written once a build, through to the disk before it gets its name, so that half of it is never read. */
const keep = (folder: string, name: string, uid: number, make: () => Buffer): void => {
  try {
    mkdirSync(folder, { mode: 0o700, recursive: true })
    const place = lstatSync(folder)
    if (!place.isDirectory() || place.uid !== uid || !isSafe(place, uid)) return
    const temporary = `${folder}/.${name}.${process.pid}`
    const fd = openSync(temporary, 'wx', 0o600)
    try {
      writeFileSync(fd, make())
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(temporary, `${folder}/${name}`)
    for (const other of readdirSync(folder))
      if (!other.endsWith(kind) && /\.cache(?:\.\d+)?$/.test(other)) unlinkSync(`${folder}/${other}`)
  } catch {
    // A full or read-only disk, another run that is faster: the next run tries again.
  }
}

/** Answered here, since it is asked by scripts and needs nothing of the program. */
const [only, ...more] = process.argv.slice(2)
if (more.length === 0 && (only === '--version' || only === '-V')) writeSync(1, `${__VERSION__}\n`)
else load('cli')
