/** What stands where a secret was. */
export const redacted = '***'

/**
 * The text without what looks like a secret: passwords in URLs and command lines, values of keys such as `DB_PASSWORD`,
 * authorization headers, tokens of known shapes, private keys. Cautious: it hides a harmless `--key` too. What has no
 * shape (a bare password as the last argument) cannot be known. Takes time in proportion to the text; of what is
 * redacted already it changes nothing.
 */
export const redact = (text: string): string =>
  rules.reduce((soFar, rule) => rule(soFar), withoutPrivateKeys(text))

type Rule = (text: string) => string

const replacing =
  (pattern: RegExp, by: string | ((match: string, ...groups: string[]) => string)): Rule =>
  (text) =>
    typeof by === 'string' ? text.replace(pattern, by) : text.replace(pattern, by)

/** Such a key has about 3,300 bytes at 4096 bits; a line of a log may have its stamp before it. */
const longestKey = 16_384
const keyMark = /-----(BEGIN|END) [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----/g
const endMark = /-----END [A-Z0-9 ]{0,30}-----/

/** One without its end or its begin is cut off, or the log was: all that may be of it goes. */
const withoutPrivateKeys = (text: string): string => {
  const kept: string[] = []
  let at = 0
  keyMark.lastIndex = 0
  for (let mark = keyMark.exec(text); mark !== null; mark = keyMark.exec(text)) {
    const afterMark = keyMark.lastIndex
    const begins = mark[1] === 'BEGIN'
    kept.push(
      text.slice(at, begins ? mark.index : Math.max(at, mark.index - longestKey)),
      `PRIVATE KEY ${redacted}`,
    )
    at = begins ? endOfKey(text, afterMark) : afterMark
    keyMark.lastIndex = at
  }
  return at === 0 ? text : kept.join('') + text.slice(at)
}

const endOfKey = (text: string, from: number): number => {
  const body = text.slice(from, from + longestKey)
  const end = endMark.exec(body)
  return from + (end === null ? body.length : end.index + end[0].length)
}

/** `scheme://user:password@host`; of `scheme://TOKEN@host` what is too long to be a person's name. */
const urlPassword = replacing(
  /(?<![a-z\d+.-])([a-z][a-z\d+.-]{0,30}:\/\/)([^\s/@:]{0,200}):([^\s/]{1,500})@/gi,
  `$1$2:${redacted}@`,
)
const urlToken = replacing(
  /(?<![a-z\d+.-])([a-z][a-z\d+.-]{0,30}:\/\/)[^\s/@:*]{20,500}(?=[:@])/gi,
  `$1${redacted}`,
)

/** To the end of the line or of the quoted argument (`-H "Authorization: Bearer …"`). */
const headers = replacing(
  /(?<![\w-])((?:proxy-)?authorization|x-(?:api-key|auth-token|access-token|amz-security-token|vault-token)|(?:set-)?cookie)(["']?[ \t]{0,4}[:=][ \t]{0,4})(?!["']\*{3}["'])(?:["'][^"'\n]{1,4000}|[^"'\n\s][^"'\n]{0,4000})/gi,
  `$1$2${redacted}`,
)

/** Not `basic information`: what is encoded has a digit, a sign or capitals in it. */
const schemes = replacing(
  /\b(bearer|basic|digest)([ \t]{1,4})([\w.~+/=-]{8,})/gi,
  (match, scheme = '', gap = '', token = '') =>
    /[\d=_./+]|[a-z][A-Z]|[A-Z]{2}/.test(token) ? `${scheme}${gap}${redacted}` : match,
)

// A quoted value, one in escaped quotes (JSON in a log line), or what reaches to the next blank or `&`; not what is
// redacted already.
const value =
  /(?!\\{0,4}["']?\*{3})(?:"(?:[^"\\\n]|\\.){0,4000}"?|'[^'\n]{0,4000}'?|\\{1,4}"[^"\n]{0,4000}"?|[^\s&"'][^\s&]*)/y

/** Hides the value after each head that `isSecret`; what follows another head may hold heads of its own. */
const valuesAfter =
  (heads: RegExp, isSecret: (head: RegExpExecArray) => boolean): Rule =>
  (text) => {
    let kept = ''
    let at = 0
    heads.lastIndex = 0
    for (let head = heads.exec(text); head !== null; head = heads.exec(text)) {
      if (!isSecret(head)) continue
      value.lastIndex = heads.lastIndex
      const [hidden] = value.exec(text) ?? ['']
      if (hidden === '') continue
      const [quote] = /^\\{0,4}["']/.exec(hidden) ?? ['']
      kept += `${text.slice(at, heads.lastIndex)}${quote}${redacted}${quote}`
      at = heads.lastIndex + hidden.length
      heads.lastIndex = at
    }
    return kept + text.slice(at)
  }

/** `KEY=value`, `--key=value`, `key: value`, `"key": "value"`, `?key=value`. */
const assignments = valuesAfter(
  /(?<![\w.-])(-{0,2}[A-Za-z_][\w.-]*)\\{0,4}["']?[ \t]{0,3}(=>|:=|=|:)[ \t]{0,3}/g,
  ([, key = '', sign]) => (sign === ':' ? isSecretWord(key) : isSecretKey(key)),
)

/** `--password x`, `-token x`; what follows may be the next option. */
const options = valuesAfter(/(?<!\S)(-{1,2}[A-Za-z][\w.-]*)[ \t]{1,3}(?!-{1,2}[A-Za-z])/g, ([, key = '']) =>
  isSecretKey(key),
)

/** Where the secret is only told by the program: sshpass(1), mysql(1), curl(1), redis-cli. */
const programs: Rule[] = [
  replacing(/\b(sshpass[ \t]+-p[ \t]*)(\S+)/g, `$1${redacted}`),
  replacing(
    /\b((?:mysql|mariadb)[\w-]{0,20}(?:[ \t]+[^\s]{1,200}){0,20}?[ \t]+-p)([^\s-]\S*)/g,
    `$1${redacted}`,
  ),
  replacing(/\b(redis-cli(?:[ \t]+[^\s]{1,200}){0,20}?[ \t]+-a[ \t]+)(\S+)/g, `$1${redacted}`),
  replacing(/((?<!\S)(?:-u|-U|--user|--proxy-user)[ \t=]+["']?[^\s:"']{1,200}:)([^\s"']+)/g, `$1${redacted}`),
]

/** AWS, GitHub, GitLab, Slack, Stripe, OpenAI, Google, npm, Telegram, JWT; web addresses that are secrets themselves. */
const tokens: Rule[] = [
  replacing(/(?<![A-Za-z\d])(?:AKIA|ASIA|AROA|AIDA)[A-Z\d]{16}(?![A-Za-z\d])/g, redacted),
  replacing(
    /(?<![A-Za-z\d])(?:gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|xapp-|[srp]k_(?:live|test)_|sk-|npm_|hf_|dop_v1_)[\w-]{16,}/g,
    redacted,
  ),
  replacing(/(?<![A-Za-z\d])AIza[\w-]{35}/g, redacted),
  replacing(/(?<![\w-])\d{8,10}:[\w-]{35}(?![\w-])/g, redacted),
  replacing(/(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*){0,3}/g, redacted),
  replacing(
    /(hooks\.slack\.com\/(?:services|workflows|triggers)\/|discord(?:app)?\.com\/api\/webhooks\/)[\w/-]+/g,
    `$1${redacted}`,
  ),
]

/** Part of a name such as `PGPASSWORD`, `authToken`, `MYSQL_PWD`, `aws.secret-access-key`. */
const secretWord =
  /pass(?:word|wd|phrase|code)|passwd|pwd|secret|token|credential|api_?-?key|access_?-?key|private_?-?key|(?:^|[_.-])pass(?:$|[_.-])|cookie|authorization/i
const perhapsSecret = /pass|key|auth|cred|sig(?:$|[_.-])|signature|session|dsn|salt|otp/i
/** It says where the secret is, not what it is. */
const namesAPlace = /[_.-]?(?:file|path|dir|url|uri|name|id|type|ring|space|board|alive)s?$/i

const isSecretWord = (key: string): boolean => secretWord.test(key) && !namesAPlace.test(key)

const isSecretKey = (key: string): boolean =>
  (secretWord.test(key) || perhapsSecret.test(key)) && !namesAPlace.test(key)

const rules: readonly Rule[] = [
  urlPassword,
  urlToken,
  headers,
  schemes,
  assignments,
  options,
  ...programs,
  ...tokens,
]
