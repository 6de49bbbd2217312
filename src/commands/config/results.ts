import type { LoadedConfig } from '../../config/config.ts'
import type { ConfigReading } from '../../config/load.ts'
import { exitCode } from '../../core/errors.ts'
import { escapeControl } from '../../core/escape.ts'
import type { CommandResult } from '../command.ts'

/** What `config validate` says of a config; null: there is none, and the defaults stand. */
export const validResult = async (reading: ConfigReading | null): Promise<CommandResult> => {
  const { newerMend, problemLines } = await import('../../config/problem-lines.ts')
  const { problems = [], refusal = null, warnings = [], config = null, path = null } = reading ?? {}
  const errors = path === null ? [] : problemLines(path, problems)
  const cautions = [
    ...(refusal === null ? [] : [`root would refuse it: ${refusal.message}; ${refusal.mend}`]),
    ...warnings,
  ].map((line) => `warning: ${escapeControl(line)}`)
  const good = path === null ? 'ok: there is no config; the defaults stand' : `ok: ${escapeControl(path)}: `
  const told = errors.length > 0 ? errors : [`${good}${config === null ? '' : contentOf(config)}`]
  const mend = newerMend(problems)
  const lines = [...told, ...(mend === null ? [] : [mend]), ...cautions]
  return {
    status: errors.length > 0 ? 'critical' : cautions.length > 0 ? 'warning' : 'ok',
    ...(errors.length > 0 ? { exitCode: exitCode.badConfig } : {}),
    document: {
      schema: 'config@1',
      body: {
        action: 'validate',
        file: path,
        errors: problems.map(({ path: key, at, message }) => ({ path: key, ...at, message })),
        warnings: refusal === null ? warnings : [refusal.message, ...warnings],
      },
    },
    text: () => lines.map((line) => `${line}\n`).join(''),
    // Asked for, it answers; what is wrong belongs on stderr.
    textWhen: errors.length > 0 ? 'interactive' : 'always',
    problems: lines,
  }
}

/** `3 services, 1 cleanup rule`. */
const contentOf = (config: LoadedConfig['config']): string =>
  [
    counted(Object.keys(config.services).length, 'service'),
    ...(config.cleanup.length > 0 ? [counted(config.cleanup.length, 'cleanup rule')] : []),
    ...(config.orphans.length > 0 ? [counted(config.orphans.length, 'orphan rule')] : []),
    ...(config.notify.targets.length > 0 ? [counted(config.notify.targets.length, 'notify target')] : []),
  ].join(', ')

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`

/** The config that stands, with every default, as YAML that says the same; secrets are hidden. */
export const showResult = async ({ config, path, warnings }: LoadedConfig): Promise<CommandResult> => {
  const { showConfig, writtenConfig } = await import('../../config/show.ts')
  const head = path === null ? '# There is no config; these are the defaults.' : `# ${escapeControl(path)}`
  return {
    status: 'ok',
    document: {
      schema: 'config@1',
      body: { action: 'show', file: path, config: writtenConfig(config), warnings },
    },
    text: () =>
      [head, ...warnings.map((line) => `# warning: ${escapeControl(line)}`), showConfig(config)].join('\n'),
    isFile: true,
    textWhen: 'always',
    problems: [],
  }
}

/** The JSON Schema of the config, for editors. */
export const schemaResult = async (): Promise<CommandResult> => {
  const [{ jsonSchemaOf }, { configField }] = await Promise.all([
    import('../../config/json-schema.ts'),
    import('../../config/schema.ts'),
  ])
  const jsonSchema = jsonSchemaOf(configField)
  return {
    status: 'ok',
    document: { schema: 'config@1', body: { action: 'schema', jsonSchema } },
    text: () => `${JSON.stringify(jsonSchema, null, 2)}\n`,
    isFile: true,
    textWhen: 'always',
    problems: [],
  }
}
