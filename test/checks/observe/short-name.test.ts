import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shortName } from '../../../src/checks/observe/short-name.ts'

describe('the name of a process', () => {
  it.each([
    ['nginx', 'nginx: master process /usr/sbin/nginx -g daemon on;', 'nginx'],
    ['python3', '/usr/bin/python3 /home/pi/capture_monitor.py --all', 'python3 capture_monitor.py'],
    ['python3.11', 'python3.11 -u -W ignore app.py', 'python3.11 app.py'],
    ['python3', 'python3 -m http.server 80', 'python3 http.server'],
    ['java', 'java -Xmx4g -Dpassword=secret -jar /opt/app.jar', 'java app.jar'],
    ['java', 'java -cp /a.jar:/b.jar org.example.Main', 'java org.example.Main'],
    ['node', 'node --max-old-space-size=4096 server.js', 'node server.js'],
    ['node', 'node -r ./setup.js server.js', 'node server.js'],
    ['MainThread', 'node /srv/app.js', 'MainThread app.js'],
    ['bash', 'bash', 'bash'],
    ['bash', '-bash', 'bash'],
    ['sh', 'sh -c PGPASSWORD=secret psql', 'sh'],
    ['bash', 'bash -lc PGPASSWORD=secret psql', 'bash'],
    ['node', 'node -e secret', 'node'],
    ['node', 'node --eval secret', 'node'],
    ['node', 'node -p secret', 'node'],
    ['perl', 'perl -ne secret', 'perl'],
    ['mysql', 'mysql -psecret db', 'mysql'],
    ['python3', '', 'python3'],
    ['app.py', 'python3 /srv/app.py', 'app.py'],
  ])('%s of %j is %j', (comm, commandLine, expected) => {
    expect(shortName(comm, commandLine)).toBe(expected)
  })

  it('begins with the name whatever the command line, and is never longer than one argument more', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (comm, rest) => {
        const name = shortName(comm, `python3 ${rest}`)
        expect(name.startsWith(comm)).toBe(true)
        expect(name.length).toBeLessThanOrEqual(comm.length + 1 + rest.length)
      }),
    )
  })
})
