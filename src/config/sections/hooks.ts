import {
  choice,
  duration,
  level,
  list,
  type Parsed,
  record,
  required,
  text,
  variants,
} from '../../core/field.ts'

const command = {
  run: required(
    text('Shell text; $PID $SERVICE $MEMORY_BYTES $CONTAINER_ID are set', null, { verbatim: true }),
  ),
  timeout: duration('Ended when it takes longer', 60, { min: 0.1, max: 3600 }),
}

export const hook = variants('A command for a service, at an event', {
  at: record('Once each time memory crosses a mark', {
    at: required(level('Mark, or share of the limit', null)),
    ...command,
  }),
  every: record('On schedule', { every: required(duration('Period', null, { min: 1 })), ...command }),
  on: record('When its state changes', {
    on: required(choice('State', ['warning', 'critical', 'restart', 'recovered'], null)),
    ...command,
  }),
})

export const hooks = list('Commands run for it', hook)

export type Hook = Parsed<typeof hook>
