import type { Host } from '../../host/host.ts'
import type { Verdict } from '../../report/doctor-text.ts'
import { critical } from './examination.ts'
import { isThere, testPath } from './found.ts'
import { placeOf } from './line-faults.ts'
import type { CrontabJob, Timer } from './read-schedule.ts'

/** What Debian's cron and cronie give their jobs (`_PATH_DEFPATH`). */
const cronPath = '/usr/bin:/bin'

/** Where npm, nvm-less installs and packages put programs. */
const usualFolders = ['/usr/local/bin', '/usr/bin', '/bin', '/opt/oratio-health/bin']

/**
 * Whether cron finds the program of a line of ours, and the Node it needs: npm installs to /usr/local/bin, which is
 * not in cron's PATH, and its launcher asks PATH for `node`.
 */
export const programFaults = async (host: Host, job: CrontabJob): Promise<Verdict[]> => {
  const folders = (job.entry.environment.get('PATH') ?? cronPath).split(':').filter((folder) => folder !== '')
  const place = placeOf(job)
  for (const word of [job.job.interpreter, job.job.program]) {
    if (word === null || !canBeJudged(word, job.entry.command)) continue
    const found = await findProgram(host, word, folders)
    if (found === null) return [await notFound(host, place, word, folders)]
    if (word === job.job.program && job.job.interpreter === null && needsNode(host, found)) {
      if ((await findProgram(host, 'node', folders)) === null)
        return [await notFound(host, place, 'node', folders)]
    }
  }
  return []
}

/** Not what the shell makes of `$X`, `~`, a relative path, or of a name by a PATH set within the line. */
const canBeJudged = (word: string, command: string): boolean =>
  !/[$~`*?]/.test(word) && (word.startsWith('/') || (!word.includes('/') && !/\bPATH=/.test(command)))

/** A program that a timer starts and that is gone, e.g. with the version of Node that it was installed by. */
export const timerProgramFaults = async (host: Host, { unit, jobs }: Timer): Promise<Verdict[]> => {
  const words = [...new Set(jobs.flatMap(({ interpreter, program }) => [interpreter, program]))]
  const gone: Verdict[] = []
  for (const word of words)
    if (word?.startsWith('/') && (await findProgram(host, word, [])) === null)
      gone.push(isGone(`the timer ${unit}`, word))
  return gone
}

const isGone = (place: string, word: string): Verdict =>
  critical(
    `${place}: ${word} is not there or cannot be executed`,
    'correct the path (type -p oratio-health), or install the schedule again: oratio-health install',
  )

const findProgram = async (host: Host, word: string, folders: readonly string[]): Promise<string | null> => {
  for (const path of word.startsWith('/') ? [word] : folders.map((folder) => `${folder}/${word}`))
    if (isThere(host, path) && (await isUsable(host, path))) return path
  return null
}

/** A script behind an interpreter need not be executable, but then it is named by its path and is there. */
const isUsable = async (host: Host, path: string): Promise<boolean> =>
  path.endsWith('.js') || (await testPath(host, '-x', path)) !== false

const needsNode = (host: Host, path: string): boolean => {
  const text = host.files.readText(path)
  return text.kind === 'value' && /^#!.*\benv (-S )?node\b/.test(text.value)
}

const notFound = async (
  host: Host,
  place: string,
  word: string,
  folders: readonly string[],
): Promise<Verdict> => {
  if (word.startsWith('/')) return isGone(place, word)
  const elsewhere = await findProgram(host, word, usualFolders)
  return critical(
    `${place}: cron does not find ${word} in its PATH (${folders.join(':')})`,
    elsewhere === null
      ? `set PATH=… above the line, with the folder of ${word}`
      : `write PATH=${elsewhere.slice(0, elsewhere.lastIndexOf('/'))}:${folders.join(':')} above the line`,
  )
}
