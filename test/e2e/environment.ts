import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const fromScript = (name: string): string => {
  const text = process.env[name]
  if (!text) throw new Error(`${name} is not set: run these tests by \`npm run test:e2e\``)
  return text
}

/** What scripts/e2e.sh has started. */
export const engineSocket = (): string => fromScript('ORATIO_E2E_ENGINE_SOCKET')
export const engineTcp = (): string => fromScript('ORATIO_E2E_ENGINE_TCP')
export const image = (): string => fromScript('ORATIO_E2E_IMAGE')
/** Null where podman does not run. */
export const podmanSocket = (): string | null => process.env.ORATIO_E2E_PODMAN_SOCKET ?? null
export const machinePid = (): string => fromScript('ORATIO_E2E_MACHINE_PID')

export interface Run {
  exitCode: number | null
  stdout: string
  stderr: string
}

/** Runs a program to its end; the environment is exactly what is given, beside PATH. */
export const run = (
  argv: readonly string[],
  {
    env = {},
    input = '',
    timeoutMs = 100_000,
  }: { env?: Record<string, string>; input?: string; timeoutMs?: number } = {},
): Promise<Run> =>
  new Promise((resolve, reject) => {
    const [program = '', ...args] = argv
    const child = spawn(program, args, { env: { PATH: process.env.PATH ?? '', ...env }, timeout: timeoutMs })
    const record: Run = { exitCode: null, stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      record.stdout += part
    })
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      record.stderr += part
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ ...record, exitCode: code }))
    // The program may end without reading it.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })

/** As `run`, for steps of a test that must succeed; gives what it printed. */
export const must = async (
  argv: readonly string[],
  options: Parameters<typeof run>[1] = {},
): Promise<string> => {
  const { exitCode, stdout, stderr } = await run(argv, options)
  if (exitCode !== 0) throw new Error(`${argv.join(' ')}: ${exitCode}: ${stderr || stdout}`)
  return stdout.trim()
}

/** Asks again and again until there is an answer; an error that names what was waited for when there is none. */
export const until = async <T>(
  what: string,
  probe: () => Promise<T | null>,
  timeoutMs = 100_000,
  pauseMs = 200,
): Promise<T> => {
  const endMs = Date.now() + timeoutMs
  for (;;) {
    const answer = await probe()
    if (answer !== null) return answer
    if (Date.now() > endMs) throw new Error(`not seen within ${timeoutMs / 1000} s: ${what}`)
    await wait(pauseMs)
  }
}

/** A new folder, which the script removes with all it has made. */
export const temporaryFolder = (): string => mkdtempSync(join(fromScript('ORATIO_E2E_WORK'), 'test-'))

/** The program as the script has built it. */
export const launcher = (): string => fromScript('ORATIO_E2E_PROGRAM')
export const projectFile = (name: string): string =>
  readFileSync(join(import.meta.dirname, '..', '..', name), 'utf8')

/** What the tests read of a `check@1`. */
export interface CheckDocument {
  schema: string
  startedAt: string
  status: string
  exitCode: number
  findings: FindingDocument[]
  services: ServiceDocument[]
}

export interface FindingDocument {
  check: string
  code?: string
  status: string
  item?: string
  message: string
  value: number | null
}

export interface ServiceDocument {
  failedChecks: number
  action: { kind: string; outcome: string; reason: string } | null
  name: string
  kind: string
  status: string
  metrics: Record<string, number | null>
  findings: FindingDocument[]
  attribution: {
    culprit: { of: string; name?: string; kind: string | null; gainBytes: number } | null
    names: { name: string; thenProcesses: number; nowProcesses: number }[]
  } | null
}

/** The document of a `check --json`, after its exit status was compared with what the document says. */
export const documentOf = ({ exitCode, stdout, stderr }: Run): CheckDocument => {
  let document: CheckDocument
  try {
    document = JSON.parse(stdout)
  } catch {
    throw new Error(`no JSON (exit ${exitCode}): ${stdout}\n${stderr}`)
  }
  if (document.exitCode !== exitCode)
    throw new Error(`exit ${exitCode}, but the document says ${document.exitCode}`)
  return document
}

/**
 * A config that does not judge what every machine under test has its own of: how busy and how full it is. What is
 * left to find is what a test has set up.
 */
export const quietHost = `host:
  memory: { warn: off, crit: off }
  swap: { warn: off, crit: off }
  cpu: { warn: off, crit: off }
  pressure: { warn: off, crit: off }
`
