import {
  count,
  duration,
  list,
  type Parsed,
  path,
  record,
  regex,
  required,
  secret,
  text,
  textOrRegex,
  variants,
} from '../../core/field.ts'
import { webAddress } from '../../core/text-forms.ts'

const patience = {
  timeout: duration('How long an answer may take', 10, { min: 0.1, max: 3600 }),
  retries: count('How often it is tried again before it counts as failed', 0, { max: 10 }),
}

const login = {
  user: text('User name', null),
  password: secret('Password; better kept in password_file or the environment', null),
  password_file: path('File that holds the password', null),
}

export const probe = variants('A question that a healthy service answers', {
  jsonrpc: record('A JSON-RPC call whose answer is no error', {
    jsonrpc: required(text('Address', null, webAddress)),
    method: required(text('Method to call, without parameters', null)),
    ...login,
    ...patience,
  }),
  http: record('A GET request', {
    http: required(text('Address', null, webAddress)),
    expect: record('What the answer must be', {
      status: count('Status; not given: any from 200 to 299', null, { min: 100, max: 599 }),
      body: textOrRegex('Text the body must contain, or /regular expression/', null),
    }),
    ...login,
    ...patience,
  }),
  tcp: record('A connection that is accepted', {
    tcp: required(
      text('HOST:PORT', null, {
        pattern: /^(\[[0-9A-Fa-f:.%]+\]|[^\s:/-][^\s:/]*):\d{1,5}$/,
        expects: 'HOST:PORT such as 127.0.0.1:5432',
      }),
    ),
    ...patience,
  }),
  exec: record('A program that ends with 0', {
    exec: required(
      list('Program and arguments, without a shell', text('Argument', '', { canBeEmpty: true }), {
        notEmpty: true,
      }),
    ),
    ...patience,
  }),
  log: record('Lines in its log: of the container, the journal of the unit, or a file', {
    log: required(regex('Regular expression of the lines that are counted', null, { selective: true })),
    file: path('Log file, where it is neither container nor unit', null),
    within: duration('How far back', 3600, { min: 1 }),
    warn: count('Lines that are a warning', 1, { min: 1, canBeOff: true }),
    crit: count('Lines that are critical', null, { min: 1, canBeOff: true }),
    ...patience,
  }),
})

export const probes = list('Liveness questions', probe)

export type Probe = Parsed<typeof probe>
