import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { docker, removeAll } from './docker-house.ts'
import { engineSocket, image, launcher, quietHost, run, temporaryFolder, until } from './environment.ts'

afterEach(removeAll)

const program = dirname(dirname(launcher()))
/** Ends at SIGTERM by itself, and says so. */
const daemon = `trap 'echo "$$ ended well" >>/place/said; exit 0' TERM
echo $$ >>/place/starts
while :; do sleep 1 & wait $!; done
`

/** `watch` as what a container runs, with node and the program of this host in it. */
const start = async (name: string, options: readonly string[]): Promise<string> => {
  const place = temporaryFolder()
  writeFileSync(join(place, 'daemon.sh'), daemon)
  writeFileSync(join(place, 'said'), '')
  writeFileSync(
    join(place, 'config.yaml'),
    `${quietHost}  disks: { warn: off, crit: off }
services:
  daemon:
    pidfile: /place/state/daemon.pid
    start: [/bin/bash, /place/daemon.sh]
    restart: { after: 1, limit: 100 per 1h, grace: 5s, evidence: false, backoff: { after: 90 } }
`,
    { mode: 0o600 },
  )
  const node = process.execPath
  const mounts = [
    '-v',
    `${place}:/place`,
    '-v',
    `${program}:/opt/oratio-health:ro`,
    '-v',
    `${node}:/usr/bin/node:ro`,
  ]
  const watch = [
    ...['/usr/bin/node', '/opt/oratio-health/bin/oratio-health.js', 'watch', '--interval', '200ms'],
    ...['-c', '/place/config.yaml', '--state-dir', '/place/state', '--log-dir', '/place/log'],
  ]
  await docker('run', '-d', '--name', name, ...mounts, ...options, image(), ...watch)
  return place
}

const startsOf = (place: string): string[] => {
  try {
    return readFileSync(join(place, 'starts'), 'utf8').trim().split('\n')
  } catch {
    return []
  }
}

const zombiesIn = async (name: string): Promise<string[]> =>
  (await docker('exec', name, 'ps', '-eo', 'stat,pid,args'))
    .split('\n')
    .filter((line) => line.startsWith('Z'))

describe('watch as the entrypoint of a container', () => {
  it('under an init: keeps a daemon alive through 20 kills, leaves no zombie, and stops cleanly', {
    timeout: 120_000,
  }, async () => {
    const place = await start('e2e-watch', ['--init'])
    for (let kills = 0; kills < 20; kills++) {
      const starts = await until(`start ${kills + 1}`, async () => {
        const lines = startsOf(place)
        return lines.length === kills + 1 ? lines : null
      })
      await docker('exec', 'e2e-watch', 'kill', '-9', starts.at(-1) ?? '')
    }
    const last = await until('the last start', async () => {
      const lines = startsOf(place)
      return lines.length === 21 ? lines.at(-1) : null
    })
    expect(await zombiesIn('e2e-watch')).toEqual([])
    expect(await docker('logs', 'e2e-watch')).not.toContain('this is process 1')
    const beganMs = Date.now()
    await docker('stop', '-t', '30', 'e2e-watch')
    expect(readFileSync(join(place, 'said'), 'utf8')).toBe(`${last} ended well\n`)
    expect(await docker('inspect', '-f', '{{.State.ExitCode}}', 'e2e-watch')).toBe('143')
    // Far from the time-out after which docker kills.
    expect(Date.now() - beganMs).toBeLessThan(20_000)
  })

  it('as process 1 it says at once that it wants an init', async () => {
    await start('e2e-watch', [])
    const said = await until('a warning', async () => {
      const { stderr } = await run(['docker', 'logs', 'e2e-watch'], {
        env: { DOCKER_HOST: `unix://${engineSocket()}` },
      })
      return stderr.includes('process 1') ? stderr : null
    })
    expect(said).toMatch(/docker run --init/)
  })
})
