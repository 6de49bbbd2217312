import { afterAll, describe, expect, it } from 'vitest'
import { docker, removeAll, start } from './docker-house.ts'
import { engineSocket, image, launcher, must, podmanSocket, run, temporaryFolder } from './environment.ts'

interface Report {
  events: { kind: string; source: string; exitCode?: number; message: string }[]
  suspects: { name: string; kind: string }[]
  sections: { sources: { name: string; missing: string | null }[] }
}

const report = async (socket: string): Promise<{ exitCode: number | null; document: Report }> => {
  const folder = temporaryFolder()
  const ran = await run(
    [
      ...[process.execPath, launcher(), 'crash-report', '--json', '-o', '-', '--since', '1h'],
      ...['--state-dir', `${folder}/state`, '--log-dir', `${folder}/log`],
    ],
    { env: { DOCKER_HOST: `unix://${socket}` } },
  )
  return { exitCode: ran.exitCode, document: JSON.parse(ran.stdout) }
}

afterAll(removeAll)

describe('containers that are gone', () => {
  it('are told by the events of a real Docker Engine: which died of SIGKILL, and that it was asked for', async () => {
    await start('gone-killed', ['--rm'], 'sleep', '600')
    await docker('kill', 'gone-killed')
    await start('gone-well', ['--rm'], 'true')
    const { exitCode, document } = await report(engineSocket())
    const died = document.events.filter(({ message }) => /gone-(?:killed|well)/.test(message))
    expect(died).toMatchObject([
      {
        kind: 'container-exit',
        source: 'engine events',
        exitCode: 137,
        message: 'container gone-killed exited with 137; the engine was asked to send it signal 9 before',
      },
    ])
    expect(document.suspects).toContainEqual(
      expect.objectContaining({ name: 'gone-killed', kind: 'container' }),
    )
    expect(exitCode).toBe(2)
  })

  it.skipIf(process.env.ORATIO_E2E_PODMAN_SOCKET === undefined)(
    'are told by those of a real Podman',
    async () => {
      const socket = podmanSocket() ?? ''
      const podman = (...args: string[]) => must(['podman', '--url', `unix://${socket}`, ...args])
      const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024']
      await podman(
        'run',
        '-d',
        '--name',
        'pod-killed',
        '--network',
        'none',
        ...limits,
        image(),
        'sleep',
        '600',
      )
      await podman('kill', 'pod-killed')
      await podman('rm', '-f', '-t', '0', 'pod-killed')
      const { document } = await report(socket)
      expect(document.sections.sources).toContainEqual(
        expect.objectContaining({ name: 'container engine (events)', missing: null }),
      )
      expect(document.events).toContainEqual(
        expect.objectContaining({
          kind: 'container-exit',
          exitCode: 137,
          message: expect.stringContaining('pod-killed'),
        }),
      )
    },
  )
})
