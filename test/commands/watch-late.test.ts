import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { watch } from '../../src/commands/watch/watch.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { ContainerFacts } from '../../src/core/facts.ts'
import { type Reading, value } from '../../src/core/reading.ts'
import { makeFiles } from '../../src/host/files.ts'
import type { Host } from '../../src/host/host.ts'
import { makeSave } from '../../src/host/save.ts'
import { liveBase } from '../support/bases.ts'
import { capturedHost, container, manyProcesses } from '../support/captured-host.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { contextOf } from './temp-host.ts'

const top = tempFolder('watch-late')

/** A check that waits for an engine, and whose time is up at once; what is written after that. */
it('a round whose time was up writes and does nothing when its answer comes at last', async () => {
  let answer: (containers: Reading<ContainerFacts[]>) => void = () => {}
  let engineAsked = (): void => {}
  const asked = new Promise<void>((resolve) => {
    engineAsked = resolve
  })
  const containers = value([container({ pid: 70 })])
  let isQuick = true
  const written: string[] = []
  const captured = capturedHost({ files: manyProcesses({ pid: 70, args: ['app'] }) })
  const save = makeSave(liveBase, Date.now)
  const noted =
    <Rest extends unknown[], Answer>(write: (path: string, ...rest: Rest) => Answer) =>
    (path: string, ...rest: Rest): Answer => {
      written.push(path)
      return write(path, ...rest)
    }
  const timers: (() => void)[] = []
  const host: Host = {
    ...captured,
    live: true,
    again: () => host,
    onEndSignal: () => {},
    // Of the timers the first is that of the run as a whole.
    timer: () => {
      const done = new Promise<void>((resolve) => void timers.push(resolve))
      return { done, cancel: () => {} }
    },
    engine: {
      ...captured.engine,
      containers: () => {
        if (isQuick) return Promise.resolve(containers)
        engineAsked()
        return new Promise((resolve) => {
          answer = resolve
        })
      },
    },
    save: {
      ...save,
      append: noted(save.append),
      replace: noted(save.replace),
      positioned: (path, access, use) => {
        if (access === 'write') written.push(path)
        return save.positioned(path, access, use)
      },
    },
    net: {
      ...captured.net,
      http: async (target) => {
        written.push(`told ${'url' in target ? target.url : ''}`)
        return value({ status: 200, headers: {}, body: '', bodyBytes: new Uint8Array(), truncated: false })
      },
    },
    apply: async (action) => {
      written.push(action.kind)
      return { outcome: 'done', detail: '' }
    },
    out: { ...captured.out, stderr: () => {} },
  }
  const file = join(top, 'config.yaml')
  const targets = '[{ webhook: "http://127.0.0.1:9/x" }]'
  writeFileSync(file, `services: { app: { container: none } }\nnotify: { targets: ${targets} }\n`, {
    mode: 0o600,
  })
  const loaded = await loadConfig({ ...host, files: makeFiles(liveBase) }, file)
  const round = () =>
    watch(
      { ...contextOf(host, { stateDir: join(top, 's'), logDir: join(top, 'l') }), loaded },
      { intervalMs: 1000, count: 1 },
    )
  // Once as it should be: what it writes, and all that it loads late is loaded then.
  await round()
  expect(written.some((path) => path.endsWith('/state.json'))).toBe(true)
  expect(written).toContain('told http://127.0.0.1:9/x')
  isQuick = false
  timers.length = 0
  const running = round()
  await asked
  timers[0]?.()
  expect(await running).toEqual({ signal: null, code: 3 })
  const before = written.length
  answer(containers)
  // All that it does then is done in turns of the event loop.
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(written.slice(before)).toEqual([])
})
