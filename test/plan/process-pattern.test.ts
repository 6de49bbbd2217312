import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { regexProblem } from '../../src/config/regex.ts'
import { processPattern } from '../../src/plan/process-pattern.ts'

describe('processPattern', () => {
  it.each([
    ['python3 -u /app/capture_monitor.py --all', 'capture_monitor.py'],
    ['/usr/bin/python3.11 -X dev -m gunicorn app', 'gunicorn'],
    ['/opt/node/bin/node --require ./x.js server.js', 'server.js'],
    ['/bin/sh /usr/local/bin/start.sh', 'start.sh'],
    ['java -Xmx2g -jar /opt/app/indexer.jar --port 1', 'indexer.jar'],
    ['/usr/lib/chromium/chromium --type=renderer', 'chromium'],
    ['postgres: writer process', 'postgres'],
    ['nginx', 'nginx'],
    ['/app/foo) Z ', 'foo)'],
  ])('%j: %s', (line, name) => {
    expect(processPattern(line)?.name).toBe(name)
  })

  it.each([
    '-bash',
    'bash',
    'python3',
    'python3 -c print(1)',
    'java -cp x Main',
    '',
    ' ',
    '/',
    `/${'x'.repeat(200)}`,
  ])('%j has no name of its own', (line) => {
    expect(processPattern(line)).toBeNull()
  })

  it('fits its own process and not one that only sounds alike', () => {
    const monitor = new RegExp(processPattern('python3 /app/monitor.py')?.match ?? '')
    expect(monitor.test('python3 -u /srv/monitor.py x')).toBe(true)
    expect(monitor.test('python3 /app/monitorxpy')).toBe(false)
    expect(monitor.test('python3 /app/capture_monitor.py')).toBe(false)
    const nginx = new RegExp(processPattern('nginx: worker')?.match ?? '')
    expect(nginx.test('nginx: master process /usr/sbin/nginx')).toBe(true)
    expect(nginx.test('vim nginx.conf')).toBe(false)
  })

  it('always fits the line it came from, whatever is in it, and is an expression that the config takes', () => {
    const word = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom(
        'python3',
        'java',
        '-jar',
        '-m',
        '/a/b',
        'x(',
        '[',
        '\\',
        '$' + '{X}',
        '*',
        'node',
        'foo)',
        '-',
        ':',
      ),
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (words) => {
        const line = words.join(' ')
        const pattern = processPattern(line)
        if (pattern === null) return
        expect(regexProblem(pattern.match)).toBeNull()
        expect(new RegExp(pattern.match).test('')).toBe(false)
        expect(new RegExp(pattern.match).test(line)).toBe(true)
      }),
      { numRuns: 150 },
    )
  })
})
