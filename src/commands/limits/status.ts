import { clip, escapeControl } from '../../core/escape.ts'
import type { Status } from '../../core/finding.ts'
import { valueOrNull } from '../../core/reading.ts'
import type { ServiceFacts } from '../../core/service.ts'
import { type LimitRow, limitsTable } from '../../report/limits-text.ts'
import type { CommandResult, RunContext } from '../command.ts'
import { gatherLimits, type LimitedService } from './gather.ts'

/** Each service's hard limit and where it is set; none is a warning, what cannot be asked is not known. */
export const limitStatus = async (context: RunContext): Promise<CommandResult> => {
  const services = await gatherLimits(context)
  const rows = services.map(rowOf)
  const unasked = services.filter(isUnasked)
  const isBlind =
    unasked.length > 0 || services.some(({ facts }) => facts.state === 'unknown' || facts.state === 'missing')
  const unlimited = services.filter(
    ({ facts }, i) => facts.memory.kind === 'value' && rows[i]?.limitBytes === null,
  )
  const status: Status = isBlind ? 'unknown' : unlimited.length > 0 ? 'warning' : 'ok'
  return {
    status,
    document: { schema: 'limits@1', body: { services: rows.map(bodyOf) } },
    text: (view) => limitsTable(rows, view),
    textWhen: 'always',
    problems: [
      ...unasked.map(({ facts }) => escapeControl(`UNKNOWN ${facts.name} limit: ${whyOf(facts)}`)),
      ...unlimited.map(({ facts }) => escapeControl(`WARN ${facts.name} limit: there is none`)),
    ],
  }
}

/** It runs and could not be measured: without a limit of its own that was told, whether there is one is not known. */
const isUnasked = ({ facts, memoryBytes }: LimitedService): boolean =>
  facts.memory.kind === 'failed' && memoryBytes === null

const whyOf = ({ memory }: ServiceFacts): string =>
  memory.kind === 'failed' ? clip(`${memory.what}: ${memory.detail}`, 200) : ''

/** The tightest limit counts, wherever it stands. */
export const rowOf = (service: LimitedService): LimitRow => {
  const { facts, via, memoryBytes, reservationBytes, wanted } = service
  const memory = valueOrNull(facts.memory)
  return {
    service: facts.name,
    via: via ?? facts.kind,
    source: memory?.limitAt ?? (memoryBytes === null ? null : (via ?? facts.kind)),
    limitBytes: memory?.limitBytes ?? memoryBytes,
    reservationBytes,
    wantedBytes: wanted?.memoryBytes ?? null,
    usedBytes: memory?.usedBytes ?? null,
    isKnown: !isUnasked(service),
  }
}

export const bodyOf = ({ isKnown: _, ...row }: LimitRow): Record<string, unknown> => row
