import { expect, it } from 'vitest'
import type { Command } from '../../src/commands/command.ts'
import { command as metrics } from '../../src/commands/metrics.ts'
import { command as status } from '../../src/commands/status.ts'
import { command as trend } from '../../src/commands/trend.ts'
import { command as verify } from '../../src/commands/verify.ts'
import { defaultConfig } from '../../src/config/schema.ts'
import { failed } from '../../src/core/reading.ts'
import type { Host } from '../../src/host/host.ts'
import { capturedHost } from '../support/captured-host.ts'
import { contextOf } from './temp-host.ts'

const denied = (path: string) => failed('denied', path, 'permission denied (EACCES)')
const denying = { readText: denied, positioned: denied, list: denied, info: denied }

it.each<[string, Command, string[], Record<string, unknown>]>([
  ['status', status, [], {}],
  ['metrics', metrics, [], {}],
  ['trend', trend, [], { service: 'app' }],
  ['verify', verify, ['app'], { since: '1h', maxMemory: 1 }],
])(
  "%s of records that are another user's is 77, and says who may read them",
  async (_, command, args, options) => {
    const host = { ...capturedHost(), live: true, save: denying as unknown as Host['save'] }
    const loaded = { config: defaultConfig(), path: null, warnings: [] }
    const context = { ...contextOf(host, { stateDir: '/s' }), loaded, args, options }
    const refusal = { code: 77, message: expect.stringMatching(/^this user may not read \/s/) }
    await expect(command.run(context)).rejects.toMatchObject(refusal)
  },
)
