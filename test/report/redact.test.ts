import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { redact } from '../../src/report/redact.ts'

// In parts, so that nobody's scanner takes them for real ones.
const secret = 'hunter2Zq8'
const long = 'aB3'.repeat(14)
const jwt = `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.${long}`
const pem = (kind: string) =>
  `-----BEGIN ${kind}-----\nMIIEvQIBADANBg${secret}\nkqhkiG9w0BAQEF\n-----END ${kind}-----`

describe('redact hides', () => {
  it.each([
    ['an environment', `DB_PASSWORD=${secret} HOME=/root`, 'DB_PASSWORD=*** HOME=/root'],
    ['a quoted value', `export API_KEY="${secret} two" x`, 'export API_KEY="***" x'],
    ['a single-quoted value', `token='${secret} two' x`, "token='***' x"],
    ['MYSQL_PWD', `MYSQL_PWD=${secret}`, 'MYSQL_PWD=***'],
    ['PGPASSWORD', `PGPASSWORD=${secret}`, 'PGPASSWORD=***'],
    ['AWS', `AWS_SECRET_ACCESS_KEY=${secret}/+=`, 'AWS_SECRET_ACCESS_KEY=***'],
    ['an option', `app --password ${secret} --port 80`, 'app --password *** --port 80'],
    ['an option with =', `app --rpc-token=${secret} -v`, 'app --rpc-token=*** -v'],
    ['a Java property', `java -Ddb.password=${secret} -jar a.jar`, 'java -Ddb.password=*** -jar a.jar'],
    ['camel case', `authToken=${secret}`, 'authToken=***'],
    ['JSON', `{"password": "${secret} \\" two", "user": "bob"}`, '{"password": "***", "user": "bob"}'],
    ['YAML', `  password: ${secret}`, '  password: ***'],
    [
      'JSON in a log line',
      `msg="{\\"token\\":\\"${secret}\\",\\"n\\":1}"`,
      'msg="{\\"token\\":\\"***\\",\\"n\\":1}"',
    ],
    [
      'what stands in the value of another',
      `cmd="run --password ${secret}" x=a:TOKEN=${secret}`,
      'cmd="run --password *** x=a:TOKEN=***',
    ],
    ['a URL', `postgres://bob:${secret}@db:5432/x`, 'postgres://bob:***@db:5432/x'],
    ['a URL with @ in its password', `postgres://bob:a@${secret}@db/x`, 'postgres://bob:***@db/x'],
    ['a URL without a user', `redis://:${secret}@cache`, 'redis://:***@cache'],
    ['a token for a user', `https://${long}@example.org/x.git`, 'https://***@example.org/x.git'],
    ['a query', `GET /x?user=bob&access_token=${secret}&n=1`, 'GET /x?user=bob&access_token=***&n=1'],
    ['a header', `Authorization: Bearer ${secret}`, 'Authorization: ***'],
    ['a header of curl', `curl -H "X-Api-Key: ${secret}" http://x`, 'curl -H "X-Api-Key: ***" http://x'],
    ['a cookie', `Cookie: a=${secret}; b=${secret}`, 'Cookie: ***'],
    ['bearer alone', `sent bearer ${secret} to x`, 'sent bearer *** to x'],
    ['basic alone', 'sent Basic Ym9iOmh1bnRlcjI= to x', 'sent Basic *** to x'],
    ['curl -u', `curl -u bob:${secret} http://x`, 'curl -u bob:*** http://x'],
    ['sshpass', `sshpass -p ${secret} ssh x`, 'sshpass -p *** ssh x'],
    ['mysql', `mysqldump -u bob -p${secret} shop`, 'mysqldump -u bob -p*** shop'],
    ['redis-cli', `redis-cli -h x -a ${secret} ping`, 'redis-cli -h x -a *** ping'],
    ['AWS key id', `id AKIA${'ABCD1234'.repeat(2)} used`, 'id *** used'],
    ['GitHub', `ghp_${long} and github_pat_${long}`, '*** and ***'],
    ['Slack', `xoxb-${long}`, '***'],
    [
      'a Slack web hook',
      'https://hooks.slack.com/services/T00/B00/abcDEF',
      'https://hooks.slack.com/services/***',
    ],
    ['JWT', `got ${jwt} ok`, 'got *** ok'],
    ['a private key', `a\n${pem('RSA PRIVATE KEY')}\nb`, 'a\nPRIVATE KEY ***\nb'],
    ['an OpenSSH key', pem('OPENSSH PRIVATE KEY'), 'PRIVATE KEY ***'],
    ['a PGP key', pem('PGP PRIVATE KEY BLOCK'), 'PRIVATE KEY ***'],
    ['a key whose begin is cut off', `${pem('PRIVATE KEY').slice(40)}\nb`, 'PRIVATE KEY ***\nb'],
    ['a key that is cut off', `a\n${pem('PRIVATE KEY').slice(0, 60)}`, 'a\nPRIVATE KEY ***'],
  ])('%s', (_, text, expected) => {
    expect(redact(text)).toBe(expected)
    expect(redact(text)).not.toContain(secret)
  })
})

describe('redact leaves', () => {
  it.each([
    'python3 /app/electron-cash daemon -d --port 7777',
    'postgres: writer process',
    'MemAvailable: 123 kB',
    'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),task_memcg=/system.slice/x.service,task=python3,pid=12,uid=0',
    'app --password-file /etc/x --key-path /etc/y',
    'PASSWORD_FILE=/run/secrets/x',
    'https://example.org:8080/a@b',
    'ssh://git@example.org/x.git',
    'it gave basic information about things',
    'author: Bob, compass: north, monkey: 3',
    'total_cache 12\ntotal_rss 34\nanon 56',
    'Jan 31 03:00:00 host sshd[12]: Connection closed by 1.2.3.4 port 22',
    '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
  ])('%s', (text) => {
    expect(redact(text)).toBe(text)
  })
})

describe('redact, whatever the text', () => {
  const part = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom(
      'password',
      'TOKEN',
      'key',
      'Authorization',
      'cookie',
      'bearer',
      'basic ',
      '--secret',
      '-u ',
      'mysql',
      ' -p',
      'sshpass -p ',
      '=',
      ':',
      ': ',
      '=>',
      ' ',
      '\n',
      '"',
      "'",
      '\\"',
      '\\',
      '&',
      '?',
      '@',
      '://',
      'https://',
      'a:b@',
      '***',
      '-',
      '--',
      '.',
      '_',
      jwt,
      `ghp_${long}`,
      `AKIA${'ABCD1234'.repeat(2)}`,
      pem('PRIVATE KEY'),
      '-----BEGIN PRIVATE KEY-----',
      '-----END PRIVATE KEY-----',
    ),
  )
  const texts = fc.array(part, { maxLength: 14 }).map((parts) => parts.join(''))

  it('is hardly longer than before', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(redact(text).length).toBeLessThanOrEqual(2 * text.length + 10)
      }),
      { numRuns: 2000 },
    )
  })

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const once = redact(text)
        expect(redact(once)).toBe(once)
      }),
      { numRuns: 5000, examples: [['Authorization="'], ['Authorization: "***secret"']] },
    )
  })

  it('hides the secret wherever the assignment stands', () => {
    const around = fc.stringMatching(/^[a-z ,.()]{0,20}$/)
    fc.assert(
      fc.property(around, around, (before, after) => {
        expect(redact(`${before} PASSWORD=${secret} ${after}`)).not.toContain(secret)
        expect(redact(`${before} https://u:${secret}@h ${after}`)).not.toContain(secret)
      }),
    )
  })

  // A megabyte takes 20 to 200 ms here; what is not in proportion takes minutes.
  it.each([
    'a',
    ' ',
    '-',
    '--a ',
    'a.',
    'a=',
    'a:',
    '=',
    '"',
    '\\',
    "'",
    'password=',
    'password="',
    'password: \\"',
    '--password ',
    'https://',
    'https://a:',
    'a:b@',
    'https://a:b',
    'authorization: ',
    'bearer ',
    'basic a',
    'mysql ',
    'mysql a ',
    'redis-cli -h ',
    '-u a',
    '-u a:',
    'eyJ',
    'eyJaaaaaaaaa.',
    'sk-',
    'ghp_',
    '1234567890:',
    '-----BEGIN PRIVATE KEY-----',
    '-----END ',
    '-----BEGIN ',
    '*',
    'key',
    'pass',
    'api',
    '\n',
  ])('a megabyte of %j takes time in proportion', (piece) => {
    const took = (bytes: number): number => {
      const text = piece.repeat(Math.ceil(bytes / piece.length))
      const before = performance.now()
      redact(text)
      return performance.now() - before
    }
    took(10_000)
    expect(took(1_000_000)).toBeLessThan(20_000)
  })
})
