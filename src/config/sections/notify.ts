import { duration, list, path, record, variants } from '../../core/field.ts'
import { notifiers } from '../../notify/registry.ts'

const target = variants('Who is told', Object.fromEntries(notifiers.map(({ key, field }) => [key, field])))

export const notify = record('Who is told of changes', {
  remind: duration('A problem that stays is told again after', 21_600, { min: 60 }),
  targets: list('All are told', target),
})

export const metrics = record("Figures for Prometheus' node_exporter", {
  textfile: path('File to write', null, {
    pattern: /^\/.*\.prom$/,
    expects: 'an absolute path that ends in .prom, as node_exporter wants it',
  }),
})
