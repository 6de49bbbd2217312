import { beforeAll, describe, expect, it } from 'vitest'
import { type Run, run, until } from './environment.ts'
import { inMachine, inside, programInMachine } from './machine.ts'

const dropIn = '/etc/systemd/journald.conf.d/90-oratio-health.conf'
const folder = '/var/tmp/journal-limits'

const limits = (...args: string[]): Promise<Run> =>
  run(
    programInMachine(
      'journal-limits',
      ...args,
      ...['-c', `${folder}/config.yaml`, '--state-dir', `${folder}/state`, '--log-dir', `${folder}/log`],
    ),
  )

const want = (journal: string): Promise<string> =>
  inside(`mkdir -p ${folder}; cat >${folder}/config.yaml`, `journal: { ${journal} }\n`)

/** Another pid: it was restarted. */
const journald = (): Promise<string> => inside('systemctl show -p MainPID --value systemd-journald')

const usageBytes = async (): Promise<number> =>
  Number((await inside('du -sB1 /var/log/journal/$(cat /etc/machine-id)')).split('\t')[0])

/** Lines of 400 bytes in a unit of their own; journald has them all when the wait is over. */
const flood = (lines: number): Promise<string> =>
  inside(
    `systemd-run --quiet --wait -p StandardOutput=journal /usr/bin/python3 -c '
import random
for i in range(${lines}): print("%0398x" % random.getrandbits(1592))'; journalctl --sync`,
  )

beforeAll(async () => {
  await inside('mkdir -p /var/log/journal && systemctl restart systemd-journald && journalctl --flush')
})

describe('journal-limits on a real journald', () => {
  it('installs, is taken up, and a second run leaves journald in peace', async () => {
    await want('SystemMaxUse: 24M, SystemMaxFileSize: 4M, RateLimitBurst: 0')
    const dry = await limits('-n')
    expect(dry).toMatchObject({ exitCode: 0, stderr: '' })
    expect(dry.stdout).toContain('+SystemMaxUse=24M')
    expect((await run(inMachine(['test', '-e', dropIn]))).exitCode).toBe(1)

    const before = await journald()
    expect(await limits()).toMatchObject({ exitCode: 0, stdout: '', stderr: '' })
    const after = await journald()
    expect(after).not.toBe(before)
    expect(await inside(`cat ${dropIn}`)).toContain('SystemMaxUse=24M')

    expect(await limits()).toMatchObject({ exitCode: 0, stdout: '', stderr: '' })
    expect(await journald()).toBe(after)
  })

  it('the usage stays under the cap in a flood, and is brought under a lower one', async () => {
    await flood(150_000)
    expect(await usageBytes()).toBeGreaterThan(10 * 1024 ** 2)
    expect(await usageBytes()).toBeLessThanOrEqual(24 * 1024 ** 2)

    await want('SystemMaxUse: 12M, SystemMaxFileSize: 4M, RateLimitBurst: 0')
    expect(await limits()).toMatchObject({ exitCode: 0, stderr: '' })
    expect(await usageBytes()).toBeLessThanOrEqual(12 * 1024 ** 2)
    const status = JSON.parse((await limits('status', '--json')).stdout)
    expect(status).toMatchObject({ status: 'ok', storage: 'persistent', faults: [] })
    expect(status.keys[0]).toMatchObject({ effective: expect.any(String), source: dropIn })
    expect(status.loudest[0].unit).toMatch(/^run-/)
  })

  it('names a drop-in of a higher number that overrides it', async () => {
    const late = '/etc/systemd/journald.conf.d/99-zzz.conf'
    await inside(`printf '[Journal]\\nSystemMaxUse=70M\\nBogus=1\\n' >${late}`)
    const { exitCode, stderr } = await limits()
    expect(exitCode).toBe(1)
    expect(stderr).toContain(`SystemMaxUse is 70M and not 12M: ${late} is read later`)
    await inside(`rm ${late}`)
  })

  it('rolls back when journald does not take it up', async () => {
    const before = await inside(`cat ${dropIn}`)
    const refusal = '/run/systemd/system/systemd-journald.service.d'
    await inside(
      `mkdir -p ${refusal}; printf '[Unit]\\nRefuseManualStop=yes\\n' >${refusal}/refuse.conf; systemctl daemon-reload`,
    )
    await want('SystemMaxUse: 13M')
    const { exitCode, stderr } = await limits()
    await inside(`rm -r ${refusal}; systemctl daemon-reload`)
    expect(exitCode).toBe(2)
    expect(stderr).toContain('journald did not take it up')
    expect(await inside(`cat ${dropIn}`)).toBe(before)
  })

  it('finishes what a run that was killed after writing has left', async () => {
    await want('SystemMaxUse: 14M')
    expect((await limits()).exitCode).toBe(0)
    const before = await journald()
    await inside(`: >${folder}/state/journal-limits.pending`)
    expect((await limits()).exitCode).toBe(0)
    expect(await journald()).not.toBe(before)
    expect((await run(inMachine(['test', '-e', `${folder}/state/journal-limits.pending`]))).exitCode).toBe(1)
  })

  it('writes neither through a folder that is a link nor into one that is read-only', async () => {
    const place = '/etc/systemd/journald.conf.d'
    const before = await journald()
    await want('SystemMaxUse: 11M')
    await inside(`mv ${place} ${place}.kept; mkdir -p /var/tmp/elsewhere; ln -s /var/tmp/elsewhere ${place}`)
    const linked = await limits()
    const elsewhere = await inside('ls -A /var/tmp/elsewhere')
    await inside(`rm ${place}; mv ${place}.kept ${place}; mount --bind ${place} ${place}`)
    await inside(`mount -o remount,bind,ro ${place}`)
    const readOnly = await limits()
    await inside(`umount ${place}`)
    expect(linked.exitCode).toBe(2)
    expect(linked.stderr).toContain(`${place} is a symbolic link; nothing is written through it`)
    expect(elsewhere).toBe('')
    expect(readOnly.exitCode).toBe(2)
    expect(readOnly.stderr).toMatch(/90-oratio-health\.conf: nothing was changed: .*read-only file system/)
    expect(readOnly.stderr).toContain('remount')
    expect(await journald()).toBe(before)
  })

  it('remove leaves nothing behind, and journald goes by what was there', async () => {
    const before = await journald()
    expect(await limits('remove')).toMatchObject({ exitCode: 0, stderr: '' })
    expect(await inside('ls /etc/systemd/journald.conf.d')).toBe('')
    expect(await journald()).not.toBe(before)
    await until('journald announces its default', async () => {
      const said = await inside('journalctl -q -o cat -n 1 MESSAGE_ID=ec387f577b844b8fa948f33cad9a75e6')
      return /max 14\.0M/.test(said) ? null : said
    })
    expect(await limits('remove')).toMatchObject({ exitCode: 0, stderr: '' })
  })

  it('an ordinary user may look, and not change: 77', async () => {
    const asOrdinary = ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups']
    await inside(
      `mkdir -p /home/ordinary/j; printf 'journal: { SystemMaxUse: 9M }\\n' >/home/ordinary/j/c.yaml`,
    )
    const apply = await run(
      inMachine([
        ...asOrdinary,
        ...['/usr/bin/node', '/opt/oratio-health/bin/oratio-health.js', 'journal-limits', 'apply'],
        ...['-c', '/home/ordinary/j/c.yaml', '--state-dir', '/tmp/j', '--log-dir', '/tmp/j'],
      ]),
    )
    expect(apply.exitCode).toBe(77)
    expect(apply.stderr).toContain('run it as root')
  })
})
