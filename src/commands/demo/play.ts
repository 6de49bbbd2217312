import { valueOrNull } from '../../core/reading.ts'
import { formatBytes } from '../../core/units.ts'
import type { EndSignal, Host } from '../../host/host.ts'
import { wrapText } from '../../report/width.ts'
import { interruptibleWait } from '../interruptible-wait.ts'
import { lackOf } from './expected.ts'
import { stageOf } from './stage.ts'

export interface Played {
  steps: { command: string; exitCode: number | null }[]
  /** What did not go as it should; null: all did. */
  trouble: string | null
  /** What ended it before its time. */
  signal: EndSignal | null
}

type Print = (text: string) => void

/** Thrown to leave the stage, at whatever step. */
const isOver = Symbol('over')

const sampleMs = 500
/** So many at least, and on a slow machine until the check will find it too big. */
const samples = { least: 40, most: 160 }
const tooBigBytes = 160 * 1024 ** 2

/**
 * Plays the demo with the real program, as a child with a state, a log and a config below a temporary folder. Whatever
 * happens, the processes end and the folder goes; should this process be killed, they end by themselves.
 */
export const play = async (host: Host, print: Print): Promise<Played> => {
  const played: Played = { steps: [], trouble: null, signal: null }
  // To be ended at the second one would leave its folder and processes behind.
  const { wait } = interruptibleWait(
    host,
    (signal) => {
      if (played.signal === null) print(`\nended by ${signal}; cleaning up …\n`)
      played.signal ??= signal
    },
    'each',
  )
  const waitOrLeave = async (ms: number): Promise<void> => {
    if (played.signal === null) await wait(ms)
    if (played.signal !== null) throw isOver
  }
  const made = valueOrNull(await host.run(['mktemp', '-d', '/tmp/oratio-health-demo.XXXXXX']))
  const folder = made?.exitCode === 0 ? made.stdout.trim() : ''
  if (folder === '') return { ...played, trouble: 'no temporary folder could be made in /tmp' }
  const places = [
    '-c',
    `${folder}/config.yaml`,
    '--state-dir',
    `${folder}/state`,
    '--log-dir',
    `${folder}/log`,
  ]
  const ours: Ours = async (shown, ...args) => {
    if (played.signal !== null) throw isOver
    const [program = '', ...script] = host.program
    const { LC_ALL, LC_CTYPE, LANG } = host.env
    // Others are run in the locale C; what these say is printed as it is.
    const locale = `LC_ALL=${LC_ALL || LC_CTYPE || LANG || ''}`
    const columns = `COLUMNS=${host.out.columns - indent.length}`
    const ran = valueOrNull(
      await host.run(['env', locale, columns, program, ...script, ...args, ...places], { timeoutMs: 60_000 }),
    )
    const [command = ''] = args
    const exitCode = ran?.exitCode ?? null
    played.steps.push({ command, exitCode })
    if (played.signal !== null) throw isOver
    const text = `${ran?.stdout ?? ''}${ran?.stderr ?? ''}`
    const lack = lackOf(command, exitCode, text)
    print(indented(lack === null ? shown(text) : text))
    if (lack !== null) throw new Error(lack)
  }
  try {
    for (const { path, content } of stageOf(folder, host.program[0] ?? 'node', host.pid))
      host.save.replace(path, content, 0o600)
    await scenes(host, folder, ours, waitOrLeave, print)
  } catch (error) {
    if (error !== isOver) played.trouble = error instanceof Error ? error.message : String(error)
  } finally {
    if (played.signal === null) print('\ncleaning up …\n')
    const left = await clear(host, folder, places)
    if (left !== null) played.trouble = played.trouble === null ? left : `${played.trouble}; ${left}`
  }
  return played
}

/** Does a step, and prints what is shown of its text. @throws Error when it did not go as it should: what did not come */
type Ours = (shown: (text: string) => string, ...args: string[]) => Promise<void>

const whole = (text: string): string => text

const scenes = async (
  host: Host,
  folder: string,
  ours: Ours,
  wait: (ms: number) => Promise<void>,
  print: Print,
) => {
  print('demo: about half a minute, on a small leak of its own; nothing else is touched.\n')
  const title = (text: string): void => print(`\n${wrapText(`== ${text}`, host.out.columns).join('\n')}\n`)
  title('A program starts, and is watched: oratio-health watch --count 1')
  await ours(() => '', 'watch', '--count', '1')
  const pid = pidOf(host, folder)
  if (pid === null) throw new Error('the demo program did not start')
  print(`  demo-app runs as process ${pid}\n`)

  title('Its memory grows. Is it a leak? oratio-health trend')
  await record(host, folder, pid, wait)
  await ours(whole, 'trend', `${folder}/samples.csv`, '--limit', '512M')

  title(
    'The check finds it too big, names who grows, keeps the evidence and restarts it: oratio-health check -v',
  )
  await ours((text) => partsOf(text, ['Problems', 'What grows', 'Actions']), 'check', '-v')
  const evidence = (valueOrNull(host.save.list(`${folder}/log`)) ?? []).find((name) =>
    name.startsWith('investigation_'),
  )
  print(`  evidence, written before anything was ended: ${evidence ?? 'none'}\n`)
  const next = pidOf(host, folder)
  if (evidence === undefined || next === null || next === pid)
    throw new Error('the check has not restarted the demo program')

  title('What it left behind is found and ended: oratio-health kill-orphans')
  await wait(1500)
  await ours(whole, 'kill-orphans', '-v')

  title('And a page of it all: oratio-health report')
  await ours(whole, 'report', '-o', `${folder}/report.html`)
}

/** Of the program as it runs now; null: it does not. */
const pidOf = (host: Host, folder: string): number | null => {
  const pid = Number((valueOrNull(host.files.readText(`${folder}/app.pid`)) ?? '').trim())
  return pid > 1 ? pid : null
}

/** A size of the program each half second, as CSV. */
const record = async (
  host: Host,
  folder: string,
  pid: number,
  wait: (ms: number) => Promise<void>,
): Promise<void> => {
  const rows = ['time,bytes']
  let bytes = 0
  for (let i = 0; i < samples.most && (i < samples.least || bytes < tooBigBytes); i++) {
    const memory = valueOrNull(host.processes.memory(pid))
    if (memory === null) throw new Error('the demo program ended by itself')
    bytes = memory.anonBytes + memory.shmemBytes + memory.swapBytes
    rows.push(`${(host.now() / 1000).toFixed(3)},${bytes}`)
    if (host.out.stderrIsTerminal) host.out.stderr(`\r  ${formatBytes(bytes)} `)
    await wait(sampleMs)
  }
  if (host.out.stderrIsTerminal) host.out.stderr('\r')
  host.save.replace(`${folder}/samples.csv`, `${rows.join('\n')}\n`, 0o600)
}

const indent = '  '

const indented = (text: string): string => text.replace(/\n+$/, '\n').replace(/^(?=.)/gm, indent)

/** The sections of a text whose titles stand alone on a line, without what is between. */
const partsOf = (text: string, titles: readonly string[]): string =>
  text
    .split(/\n\n/)
    .filter((part) => titles.includes(part.split('\n')[0] ?? ''))
    .join('\n\n')
    .concat('\n')

/** Null: nothing is left; else what is. */
const clear = async (host: Host, folder: string, places: readonly string[]): Promise<string | null> => {
  const [program = '', ...script] = host.program
  // Without its log the program starts no more; then the youngest it has left is old enough for the rule. It goes last: where a script
  // is process 1, a daemon that runs tells what else was handed to it from what the script has started.
  await host.run(['rm', '-f', '--', `${folder}/app.log`])
  await host.timer(1600).done
  await host.run([program, ...script, 'kill-orphans', '-q', ...places], { timeoutMs: 20_000 })
  await host.run(['rm', '-rf', '--', folder])
  let pids = leftOf(host.again(), folder)
  for (let i = 0; i < 50 && pids.length > 0; i++) {
    await host.timer(100).done
    pids = leftOf(host.again(), folder)
  }
  const left = [
    ...(pids.length > 0 ? [`processes of the demo still run: ${pids.join(' ')}`] : []),
    ...(host.files.info(folder).kind === 'absent' ? [] : [`${folder} could not be removed`]),
  ]
  return left.length === 0 ? null : left.join('; ')
}

const leftOf = (host: Host, folder: string): number[] =>
  (valueOrNull(host.processes.scan())?.processes ?? [])
    .filter(
      ({ pid }) =>
        pid !== host.pid && (valueOrNull(host.processes.commandLine(pid)) ?? '').includes(`${folder}/`),
    )
    .map(({ pid }) => pid)
