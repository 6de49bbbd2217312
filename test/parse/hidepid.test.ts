import { describe, expect, it } from 'vitest'
import { hidesProcessesFrom } from '../../src/parse/hidepid.ts'
import { parseMountinfo } from '../../src/parse/mountinfo.ts'

const procMount = (options: string): string =>
  `22 27 0:21 / /proc rw,nosuid shared:12 - proc proc rw${options}\n`
const user = { groups: [1000, 27], mayTrace: false }
const root = { groups: [0], mayTrace: true }
const rootOfContainer = { groups: [0], mayTrace: false }

describe('hidesProcessesFrom', () => {
  it.each([
    ['', user, false],
    [',hidepid=0', user, false],
    [',hidepid=off', user, false],
    [',hidepid=1', user, true],
    [',hidepid=2', user, true],
    [',hidepid=noaccess', user, true],
    [',hidepid=invisible', user, true],
    [',hidepid=ptraceable', user, true],
    [',hidepid=a-mode-to-come', user, true],
    [',hidepid=invisible', root, false],
    [',hidepid=ptraceable', root, false],
    // Without `gid=` the group that is exempt is that of root.
    [',hidepid=invisible', rootOfContainer, false],
    [',hidepid=ptraceable', rootOfContainer, true],
    [',gid=27,hidepid=invisible', user, false],
    [',gid=27,hidepid=2', user, false],
    [',gid=28,hidepid=invisible', user, true],
    [',gid=28,hidepid=invisible', rootOfContainer, true],
    [',gid=27,hidepid=ptraceable', user, true],
    [',hidepid=invisible', null, true],
    ['', null, false],
  ])('proc mounted with rw%s', (options, viewer, hides) => {
    expect(hidesProcessesFrom(parseMountinfo(procMount(options)), viewer)).toBe(hides)
  })

  it('looks at the mount that is seen: the last on /proc', () => {
    const [open, hidden] = [procMount(''), procMount(',hidepid=2')]
    expect(hidesProcessesFrom(parseMountinfo(hidden + open), user)).toBe(false)
    expect(hidesProcessesFrom(parseMountinfo(open + hidden), user)).toBe(true)
  })

  it('does not care for proc mounted elsewhere', () => {
    const chroot = procMount(',hidepid=2').replace(' /proc ', ' /srv/chroot/proc ')
    expect(hidesProcessesFrom(parseMountinfo(procMount('') + chroot), user)).toBe(false)
    expect(hidesProcessesFrom([], user)).toBe(false)
  })
})
