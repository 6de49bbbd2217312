import { escapeControl } from '../../core/escape.ts'
import type { Status } from '../../core/finding.ts'
import { valueOrNull } from '../../core/reading.ts'
import { type LimitRow, limitsTable } from '../../report/limits-text.ts'
import type { CommandResult, RunContext } from '../command.ts'
import { gatherLimits, type LimitedService } from './gather.ts'

/** Each service's hard limit and where it is set; none is a warning, what cannot be asked is not known. */
export const limitStatus = async (context: RunContext): Promise<CommandResult> => {
  const services = await gatherLimits(context)
  const rows = services.map(rowOf)
  const isBlind = services.some(({ facts }) => facts.state === 'unknown' || facts.state === 'missing')
  const unlimited = services.filter(
    ({ facts }, i) => facts.memory.kind === 'value' && rows[i]?.limitBytes === null,
  )
  const status: Status = isBlind ? 'unknown' : unlimited.length > 0 ? 'warning' : 'ok'
  return {
    status,
    document: { schema: 'limits@1', body: { services: rows.map(bodyOf) } },
    text: (view) => limitsTable(rows, view),
    textWhen: 'always',
    problems: unlimited.map(({ facts }) => escapeControl(`WARN ${facts.name} limit: there is none`)),
  }
}

/** The tightest limit counts, wherever it stands. */
export const rowOf = ({ facts, via, memoryBytes, reservationBytes, wanted }: LimitedService): LimitRow => {
  const memory = valueOrNull(facts.memory)
  return {
    service: facts.name,
    via: via ?? facts.kind,
    source: memory?.limitAt ?? (memoryBytes === null ? null : (via ?? facts.kind)),
    limitBytes: memory?.limitBytes ?? memoryBytes,
    reservationBytes,
    wantedBytes: wanted?.memoryBytes ?? null,
    usedBytes: memory?.usedBytes ?? null,
  }
}

export const bodyOf = ({ usedBytes, ...row }: LimitRow): Record<string, unknown> => ({ ...row, usedBytes })
