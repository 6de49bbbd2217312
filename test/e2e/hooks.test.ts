import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { docker, dockerHouse, removeAll, start } from './docker-house.ts'
import { temporaryFolder, until } from './environment.ts'

afterEach(removeAll)

/** Holds 80 MiB while /grow is there, and gives them back to the kernel when it is not. */
const breather = `
import os, time
held = None
while True:
    wants = os.path.exists("/grow")
    if wants and held is None:
        held = b"x" * (80 << 20)
        open("/held", "w").close()
    if not wants and held is not None:
        held = None; os.unlink("/held")
    time.sleep(0.02)
`

it('a hook at a size runs once a crossing of a container’s memory, with its id and size, and again after a fall', async () => {
  const house = dockerHouse()
  const told = join(temporaryFolder(), 'told')
  const id = await start('e2e-breather', [], 'python3', '-c', breather)
  house.configure(`  breather:
    container: e2e-breather
    hooks: [ { at: 64M, run: 'echo "$SERVICE $CONTAINER_ID $PID $MEMORY_BYTES" >>${told}' } ]
`)
  const lines = (): string[] => (existsSync(told) ? readFileSync(told, 'utf8').trim().split('\n') : [])
  const check = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) await house.check('breather')
  }
  const breathe = async (grows: boolean): Promise<void> => {
    await docker('exec', 'e2e-breather', ...(grows ? ['touch', '/grow'] : ['rm', '/grow']))
    await until(grows ? 'it has grown' : 'it has shrunk', async () => {
      const files = await docker('exec', 'e2e-breather', 'ls', '/')
      return files.includes('held') === grows ? true : null
    })
  }
  await check(2)
  expect(lines()).toEqual([])
  await breathe(true)
  await check(3)
  expect(lines()).toHaveLength(1)
  const [service, container, pid, bytes] = lines()[0]?.split(' ') ?? []
  expect({ service, container }).toEqual({ service: 'breather', container: id })
  expect(pid).toBe(await docker('inspect', '-f', '{{.State.Pid}}', 'e2e-breather'))
  expect(Number(bytes)).toBeGreaterThan(80 * 1024 ** 2)
  await breathe(false)
  await check(2)
  expect(lines()).toHaveLength(1)
  await breathe(true)
  await check(2)
  expect(lines()).toHaveLength(2)
})
