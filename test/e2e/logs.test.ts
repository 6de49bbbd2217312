import { afterEach, describe, expect, it } from 'vitest'
import { docker, dockerHouse, removeAll, start } from './docker-house.ts'
import { documentOf, quietHost, type ServiceDocument, until } from './environment.ts'
import { checkInside, inside } from './machine.ts'

/** What a log probe has counted, and whether that is all. */
const counted = ({
  findings,
}: ServiceDocument): { status: string; lines: number | null; atLeast: boolean } => {
  const found = findings.find(({ item }) => item?.startsWith('log WORKER TIMEOUT'))
  const message = found?.message ?? ''
  return {
    status: found?.status ?? 'none',
    lines: found?.value ?? null,
    atLeast: message.includes('at least'),
  }
}

const probes = 'probes: [ { log: "WORKER TIMEOUT", within: 1h, warn: 1, crit: 5 } ]'

describe("the log of a real engine's container", () => {
  afterEach(removeAll)

  it('is counted once, on both streams, across restarts and rotation', async () => {
    const house = dockerHouse()
    house.configure(`  web: { container: e2e-web, ${probes} }\n`)
    const rotated = ['--log-opt', 'max-size=20k', '--log-opt', 'max-file=2']
    const program = 'while read -r line; do echo "$line"; done < /orders'
    const order = (line: string): Promise<string> =>
      docker('exec', 'e2e-web', 'sh', '-c', `echo '${line}' > /orders`)
    const logged = (line: string): Promise<true> =>
      until(`${line} in the log`, async () =>
        (await docker('logs', '--tail', '5', 'e2e-web')).includes(line) ? true : null,
      )
    const seen = async () => counted((await house.check()).of('web'))
    await start(
      'e2e-web',
      ['--network', 'none', ...rotated],
      'sh',
      '-c',
      `mkfifo /orders 2>/dev/null; exec 3<>/orders; echo up; ${program.replace('< /orders', '<&3')}`,
    )
    await logged('up')
    expect(await seen()).toEqual({ status: 'ok', lines: 0, atLeast: false })
    await order('[CRITICAL] WORKER TIMEOUT (pid:7)')
    await order('fine 1')
    await docker('exec', 'e2e-web', 'sh', '-c', 'echo "WORKER TIMEOUT on stderr" > /proc/1/fd/2')
    await order('fine 2')
    await logged('fine 2')
    expect(await seen()).toEqual({ status: 'warning', lines: 2, atLeast: false })
    // Each line is counted once.
    expect(await seen()).toEqual({ status: 'warning', lines: 2, atLeast: false })
    // The engine throws both of them away; what was counted stays.
    await docker(
      'exec',
      'e2e-web',
      'sh',
      '-c',
      'for i in $(seq 900); do echo "nothing to see, line $i of many" > /proc/1/fd/1; done',
    )
    await order('fine 3')
    await logged('fine 3')
    expect(await docker('logs', 'e2e-web')).not.toContain('WORKER TIMEOUT')
    await order('WORKER TIMEOUT again')
    await order('fine 4')
    await logged('fine 4')
    expect(await seen()).toMatchObject({ status: 'warning', lines: 3 })
    await docker('restart', '-t', '0', 'e2e-web')
    await logged('up')
    for (let i = 0; i < 2; i++) await order('WORKER TIMEOUT after the restart')
    await order('fine 5')
    await logged('fine 5')
    expect(await seen()).toMatchObject({ status: 'critical', lines: 5 })
  })
})

describe('the journal of a real unit', () => {
  const folder = '/var/tmp/logs'
  afterEach(() =>
    inside(`systemctl stop noisy.service || true; systemctl reset-failed; rm -rf ${folder} /run/orders`),
  )

  it('is counted once, across rotation, and not for other units', async () => {
    await inside(
      `mkdir -p ${folder}; umask 077; cat >${folder}/config.yaml; mkfifo /run/orders
      systemd-run --quiet --unit=noisy sh -c 'exec 3<>/run/orders; while read -r line; do echo "$line"; done <&3'`,
      `${quietHost}  disks: { warn: off, crit: off }\nservices:\n  noisy: { unit: noisy.service, ${probes} }\n`,
    )
    const order = async (line: string): Promise<void> => {
      await inside(`echo '${line}' > /run/orders`)
      await until(`${line} in the journal`, async () =>
        (await inside('journalctl --sync; journalctl -q -u noisy.service -n 3 -o cat')).includes(line)
          ? true
          : null,
      )
    }
    const seen = async () => {
      const stdout = await inside(`${checkInside(folder, '--json')} || true`)
      const document = JSON.parse(stdout)
      return counted(
        documentOf({ exitCode: document.exitCode, stdout, stderr: '' }).services[0] as ServiceDocument,
      )
    }
    expect(await seen()).toEqual({ status: 'ok', lines: 0, atLeast: false })
    await order('WORKER TIMEOUT one')
    await order('\x1b[31mWORKER TIMEOUT in red\x1b[0m')
    await inside('logger "WORKER TIMEOUT of somebody else"')
    expect(await seen()).toEqual({ status: 'warning', lines: 2, atLeast: false })
    expect(await seen()).toEqual({ status: 'warning', lines: 2, atLeast: false })
    await inside('journalctl --rotate --vacuum-time=1s 2>/dev/null')
    for (const n of [3, 4, 5]) await order(`WORKER TIMEOUT ${n}`)
    expect(await seen()).toEqual({ status: 'critical', lines: 5, atLeast: false })
  })
})
