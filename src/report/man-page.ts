/** A command or option as the manual page shows it. */
export interface ManualEntry {
  /** As it is typed: `check [service...]`, `-c, --config <file>`. */
  usage: string
  help: string
}

export interface ManualCommand extends ManualEntry {
  aliases: readonly string[]
  options: readonly ManualEntry[]
}

export interface Manual {
  version: string
  commands: readonly ManualCommand[]
  everywhere: readonly ManualEntry[]
}

/** The manual page in roff, with the man macros that groff and mandoc both have. */
export const manPage = ({ version, commands, everywhere }: Manual): string =>
  [
    `.TH ORATIO\\-HEALTH 1 "" "oratio\\-health ${roff(version)}" "User Commands"`,
    // No hyphenation and no stretched lines: names of files and options stay as they are typed.
    '.nh',
    '.ad l',
    section('NAME'),
    'oratio\\-health \\- health checks for hosts with memory leaks',
    section('SYNOPSIS'),
    '.B oratio\\-health',
    '.RI [ options ]',
    '.I command',
    '.RI [ options ]',
    section('DESCRIPTION'),
    paragraph(
      'Looks at the host and its containers, units and processes, judges them, acts where the config allows it, and records what it saw. It is made to be run by cron or by timers of systemd: there it prints nothing while all is well, and the exit status tells. Without a config it looks at everything that runs and changes nothing.',
    ),
    section('COMMANDS'),
    ...commands.flatMap(command),
    section('OPTIONS OF ALL COMMANDS'),
    'They work before and after the command.',
    ...everywhere.flatMap(entry),
    section('EXIT STATUS'),
    ...exitStatuses.flatMap(([status, meaning]) => tagged(`.B ${status}`, meaning)),
    section('ENVIRONMENT'),
    ...environment.flatMap(([name, meaning]) => tagged(`.B ${name}`, meaning)),
    section('FILES'),
    ...files.flatMap(([path, meaning]) => tagged(`.I ${roff(path)}`, meaning)),
    section('EXAMPLES'),
    ...examples.flatMap(([line, meaning]) => tagged(`.B ${roff(line)}`, meaning)),
    section('SEE ALSO'),
    '.BR crontab (5),',
    '.BR systemd.timer (5),',
    '.BR journald.conf (5)',
    '',
  ].join('\n')

const section = (title: string): string => `.SH ${title}`

const command = ({ usage, help, aliases, options }: ManualCommand): string[] => [
  `.SS ${typed(usage)}`,
  paragraph(sentence(aliases.length === 0 ? help : `${help} (also: ${aliases.join(', ')})`)),
  ...options.flatMap(entry),
]

const entry = ({ usage, help }: ManualEntry): string[] => tagged(typed(usage), sentence(help))

const tagged = (tag: string, text: string): string[] => ['.TP', tag, paragraph(text)]

/** `-c, --config <file>`: what is typed as it is in bold, what stands for something in italics. */
const typed = (usage: string): string =>
  roff(usage).replace(/<([\w.|\\-]+)>|\[([\w.|\\-]+)\]|([^\s<[\],]+)/g, (_, value, optional, word) => {
    if (value !== undefined) return `\\fI${value}\\fR`
    return optional === undefined ? `\\fB${word}\\fR` : `[\\fI${optional}\\fR]`
  })

const sentence = (text: string): string => {
  const first = `${text.charAt(0).toUpperCase()}${text.slice(1)}`
  // A name that is typed in small letters stays so.
  const begun = /^(?:md|text|cron|mtime)\b/.test(text) ? text : first
  return /[.?!]$/.test(begun) ? begun : `${begun}.`
}

const paragraph = (text: string): string => roff(text).replace(/^(?=[.'])/, '\\&')

const special: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
  '"': '\\(dq',
  '’': '\\(cq',
  '–': '\\(en',
  '…': '...',
}

/** Text that roff prints as it is; letters beyond ASCII by their number. */
const roff = (text: string): string =>
  text
    .replace(/[\\'`^~"’–…-]/g, (character) => special[character] ?? character)
    .replace(
      /[\u0080-\u{10ffff}]/gu,
      (character) => `\\[u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    )

const exitStatuses: readonly [string, string][] = [
  ['0', 'Fine; there was nothing to do, or it is done.'],
  ['1', 'A warning; or it was done in part, and what is left is named.'],
  ['2', 'Critical; or it could not be done.'],
  ['3', 'Unknown: something could not be measured. Never reported as fine.'],
  ['64', 'Wrong usage.'],
  ['75', 'Another run of the same command holds the lock; nothing was done.'],
  ['77', 'The permission for it is missing.'],
  ['78', 'The config is invalid; each error is named with its line.'],
  ['130, 143', 'Ended by SIGINT or SIGTERM; the state is whole.'],
]

const environment: readonly [string, string][] = [
  ['ORATIO_CONFIG', 'The config file; --config goes before it.'],
  ['ORATIO_STATE_DIR', 'The folder of state and history; --state-dir goes before it.'],
  ['ORATIO_LOG_DIR', 'The folder of the logs; --log-dir goes before it.'],
  ['DOCKER_HOST', 'The socket of the container engine, e.g. unix:///run/user/1000/podman/podman.sock.'],
  ['NO_COLOR', 'No colour, whatever its value.'],
]

const files: readonly [string, string][] = [
  [
    '/etc/oratio-health/config.yaml',
    'The config. Of a user: oratio-health/config.yaml in $XDG_CONFIG_HOME or ~/.config.',
  ],
  [
    '/var/lib/oratio-health/',
    'State and history. Of a user: oratio-health/ in $XDG_STATE_HOME or ~/.local/state.',
  ],
  [
    '/var/log/oratio-health/',
    'Logs, kept for 30 days and 200 MiB. Of a user: logs/ in the folder of the state.',
  ],
  [
    '/var/cache/oratio-health/',
    'The compiled program. Of a user: oratio-health/ in $XDG_CACHE_HOME or ~/.cache.',
  ],
  [
    '/run/oratio-health/',
    'What was told, while the state cannot be written. Of a user: oratio-health/ in $XDG_RUNTIME_DIR.',
  ],
]

const examples: readonly [string, string][] = [
  ['oratio-health check -v', 'A picture of the host.'],
  ['oratio-health install -n', 'What install would set up, as a difference.'],
  ['oratio-health install --scheduler systemd --every 30s', 'Check every 30 seconds, by a timer.'],
  ['oratio-health crash-report --since 7d', 'What crashed in the last week, and who is to blame.'],
  ['oratio-health trend app.csv --limit 6G', 'Is it a leak, and when is the limit reached?'],
]
