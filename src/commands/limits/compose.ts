import { escapeControl } from '../../core/escape.ts'
import { type LimitRow, limitsTable } from '../../report/limits-text.ts'
import type { CommandResult, RunContext } from '../command.ts'
import { auditCompose } from './read-compose.ts'
import { bodyOf } from './status.ts'

/** What compose files would set, before they run. A service that they leave without a limit is a warning. */
export const composeStatus = async (
  { host }: RunContext,
  paths: readonly string[],
): Promise<CommandResult> => {
  const { limits, warnings } = await auditCompose(host, paths)
  const rows = limits.map(
    ({ service, limitBytes, reservationBytes, from, profiles }): LimitRow => ({
      service,
      via: 'compose',
      source: from ?? (profiles.length === 0 ? null : `profile ${profiles.join(', ')}`),
      limitBytes,
      reservationBytes,
      wantedBytes: null,
      usedBytes: null,
      isKnown: true,
    }),
  )
  const unlimited = rows.filter(({ limitBytes }) => limitBytes === null)
  const problems = [
    ...warnings.map((one) => `WARN ${one}`),
    ...unlimited.map(({ service }) => `WARN ${service} limit: there is none in ${paths.join(', ')}`),
  ].map(escapeControl)
  return {
    status: problems.length > 0 ? 'warning' : 'ok',
    document: { schema: 'limits@1', body: { services: rows.map(bodyOf), warnings } },
    text: (view) => `${limitsTable(rows, view)}${warnings.map((one) => `${escapeControl(one)}\n`).join('')}`,
    textWhen: 'always',
    problems,
  }
}
