import { expect, it } from 'vitest'
import { fullUnitName } from '../../src/core/unit-name.ts'

it.each([
  ['monitor', 'monitor.service'],
  ['my.app', 'my.app.service'],
  ['x@1', 'x@1.service'],
  ['a.slice', 'a.slice'],
  ['a.service', 'a.service'],
])('%s is %s, as for systemctl', (name, full) => {
  expect(fullUnitName(name)).toBe(full)
})
