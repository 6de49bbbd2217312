import { afterEach, describe, expect, it } from 'vitest'
import { quietHost } from './environment.ts'
import { checkInside, inside } from './machine.ts'

const folder = '/var/tmp/heal'
const check = (then: string): Promise<string> => inside(`${checkInside(folder, '-q')} ${then}`)

describe('a unit that fails its probe', () => {
  afterEach(() =>
    inside(`systemctl stop ailing.service || true; systemctl reset-failed; rm -rf ${folder} /run/ill`),
  )

  it('is restarted by systemd on the third failed check and not before', async () => {
    await inside(`systemd-run --quiet --unit=ailing sleep 3600; mkdir -p ${folder}; touch /run/ill`)
    await inside(
      `umask 077; cat >${folder}/config.yaml`,
      `${quietHost}  disks: { warn: off, crit: off }
services:
  ailing:
    unit: ailing.service
    probes: [ { exec: ["test", "!", "-e", "/run/ill"] } ]
    restart: { after: 3, grace: 1s }
`,
    )
    const invocation = (): Promise<string> => inside('systemctl show -P InvocationID ailing.service')
    const before = await invocation()
    for (let i = 0; i < 2; i++) await check('|| test $? = 2')
    expect(await invocation()).toBe(before)
    await check('|| test $? = 2')
    expect(await invocation()).not.toBe(before)
    expect(await inside(`cat ${folder}/log/restart_history.log`)).toContain(
      ' ailing restarted: 3 failed checks',
    )
    await inside('rm /run/ill')
    // Well again, so it ends with 0.
    await check('')
  })
})
