import { loadConfig } from '../config/load.ts'
import { HealthError } from '../core/errors.ts'
import { worstStatus } from '../core/finding.ts'
import { doctorProblems, doctorText, type Examined } from '../report/doctor-text.ts'
import type { Command, RunContext } from './command.ts'
import type { Examination, Subject } from './doctor/examination.ts'
import { examinations } from './doctor/examinations.ts'
import { readSchedule } from './doctor/read-schedule.ts'

/** What this host lets the toolkit do, and what is missing, with the mend. Changes nothing. */
export const command: Command = {
  config: 'none',
  lock: false,
  observesOnly: true,
  logStem: 'health',
  timeoutSeconds: 60,
  showsElapsed: true,
  async run(context) {
    const subject = await subjectOf(context)
    const examined = (await Promise.all(examinations.map((one) => examine(one, subject)))).flat()
    const status = worstStatus(examined.map((one) => one.status))
    return {
      status,
      document: { schema: 'doctor@1', body: { examinations: examined } },
      text: (view) => doctorText(examined, status, view),
      textWhen: 'interactive',
      problems: doctorProblems(examined),
    }
  },
}

const subjectOf = async ({ host, global }: RunContext): Promise<Subject> => ({
  host,
  global,
  config: await configOf(host, global.config),
  schedule: await readSchedule(host),
})

const configOf = async (host: RunContext['host'], path: string | null): Promise<Subject['config']> => {
  try {
    return { kind: 'loaded', loaded: await loadConfig(host, path) }
  } catch (error) {
    if (error instanceof HealthError) return { kind: 'invalid', error }
    throw error
  }
}

/** One examination that fails must not hide the others; that it did is told as what it is. */
const examine = async (examination: Examination, subject: Subject): Promise<Examined[]> => {
  const { name } = examination
  try {
    return (await examination.examine(subject)).map((verdict) => ({ name, ...verdict }))
  } catch (error) {
    const message = `this examination broke off: ${error instanceof Error ? error.message : String(error)}`
    return [{ name, status: 'unknown', message, mend: 'please report it, it is a defect in oratio-health' }]
  }
}
