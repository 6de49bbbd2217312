import { expect, it } from 'vitest'
import { unitOfCgroup } from '../../src/parse/unit-of-cgroup.ts'

it.each([
  ['0::/system.slice/cron.service\n', 'cron.service'],
  ['0::/user.slice/user-1000.slice/user@1000.service/app.slice/gpg-agent.service\n', 'gpg-agent.service'],
  ['0::/user.slice/user-1000.slice/user@1000.service/app.slice/vte-spawn-1.scope\n', 'vte-spawn-1.scope'],
  ['0::/user.slice/user-1000.slice/user@1000.service/init.scope\n', 'init.scope'],
  // A service that has made cgroups of its own below.
  ['0::/system.slice/docker.service/workers/7\n', 'docker.service'],
  ['4:memory:/other.service\n1:name=systemd:/system.slice/a.service\n0::/b.service\n', 'a.service'],
  ['4:memory:/docker/1\n0::/\n', null],
  ['0::/user.slice\n', null],
  // No name of its own.
  ['0::/.service\n', null],
  ['', null],
])('%j', (text, unit) => {
  expect(unitOfCgroup(text)).toBe(unit)
})
