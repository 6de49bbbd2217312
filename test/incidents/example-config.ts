import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Not judged: what the machine under the replay has of its own. */
const quietHost = `host:
  memory: { warn: off, crit: off }
  swap: { warn: off, crit: off }
  cpu: { warn: off, crit: off }
  pressure: { warn: off, crit: off }
`

/**
 * The incident's example config with shorter periods and smaller thresholds: what stands there, and what instead. Each
 * must stand there, so that the example and its replay stay together.
 */
export const shortened = (name: string, changes: readonly (readonly [string, string])[]): string => {
  let text = readFileSync(join('examples', `${name}.yaml`), 'utf8')
  for (const [from, to] of changes) {
    assert.equal(text.split(from).length, 2, `examples/${name}.yaml has "${from}" not just once`)
    text = text.replace(from, () => to)
  }
  return /^host:/m.test(text) ? text : `${quietHost}  disks: { warn: off, crit: off }\n${text}`
}
