import { afterEach, describe, expect, it } from 'vitest'
import { docker, dockerHouse, removeAll, start } from './docker-house.ts'
import { until } from './environment.ts'

afterEach(removeAll)

const mib = 1024 ** 2

/** Three programs of python, of which one does what /go asks for. */
const program = (onGo: string): string => `
cat > /calm.py <<'EOF'
import time
time.sleep(3600)
EOF
cat > /culprit.py <<'EOF'
import os, subprocess, sys, time
held = []
while not os.path.exists("/go"): time.sleep(0.05)
${onGo}
open("/done", "w").close()
time.sleep(3600)
EOF
python3 /calm.py & python3 /calm.py &
exec python3 /culprit.py
`

/** Seen once while all is well, and again when memory is above the bound. */
const seenTwice = async (name: string, onGo: string, options: readonly string[] = []) => {
  const house = dockerHouse()
  house.configure(`  app: { container: ${name}, memory: { warn: 90M } }\n`)
  await start(name, options, 'sh', '-c', program(onGo))
  await until('its programs run', async () =>
    (await docker('top', name)).split('.py').length > 3 ? true : null,
  )
  const first = (await house.check()).of('app')
  expect(first.status).toBe('ok')
  expect(first.attribution).toBeNull()
  await docker('exec', name, 'touch', '/go')
  await until('it has grown', () =>
    docker('exec', name, 'test', '-e', '/done').then(
      () => true,
      () => null,
    ),
  )
  const second = (await house.check()).of('app')
  expect(second.status).toBe('warning')
  const told = (await house.told()).split('\n')
  return { attribution: second.attribution, marked: told.filter((line) => line.includes('← culprit')) }
}

describe('who grows in a real container', () => {
  it('is the one process of three that leaks', async () => {
    const { attribution, marked } = await seenTwice(
      'e2e-leak',
      'for i in range(15): held.append(bytearray(8 * 1024 * 1024))',
    )
    expect(attribution?.culprit).toMatchObject({
      of: 'process',
      name: 'python3 culprit.py',
      kind: 'anonymous',
    })
    const gained = attribution?.culprit?.gainBytes ?? 0
    expect(gained / mib).toBeGreaterThan(115)
    expect(gained / mib).toBeLessThan(140)
    expect(marked[0]).toMatch(/^ +python3 culprit\.py \(\d+\) .* \+1\d\d\.\d MiB +← culprit$/)
    expect(marked[1]).toMatch(/^ +anonymous memory /)
    expect(marked).toHaveLength(2)
  })

  it('is a name, when small processes are left behind one after the other', async () => {
    // Each says when it holds what it will.
    const fork = `
script = "import time; a = bytearray(2 * 1024 * 1024); print(flush=True); time.sleep(3600)"
left = [subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) for i in range(40)]
for one in left: one.stdout.readline()
`
    const { attribution, marked } = await seenTwice('e2e-fork', fork)
    expect(attribution?.culprit).toMatchObject({ of: 'name', name: 'python3' })
    expect(attribution?.names[0]).toMatchObject({ thenProcesses: 0, nowProcesses: 40 })
    expect(marked[0]).toMatch(/^ +python3 +– +40×, \d+\.\d MiB +\+\d+\.\d MiB +← culprit$/)
  })

  it('is shared memory of no process, when a tmpfs fills', async () => {
    const fill = 'open("/dev/shm/full", "wb").write(b"x" * (120 * 1024 * 1024))'
    const { attribution, marked } = await seenTwice('e2e-shm', fill, ['--shm-size', '200m'])
    expect(attribution?.culprit).toMatchObject({ of: 'kind', kind: 'shared' })
    expect(marked).toEqual([expect.stringMatching(/^ +shared memory, tmpfs .* \+120\.\d MiB +← culprit$/)])
  })
})
