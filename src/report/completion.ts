/** What a shell has to know of a command to complete it. */
export interface CompletedCommand {
  name: string
  summary: string
  options: readonly CompletedOption[]
  /** What its first operand may be; empty: anything, files are offered. */
  words: readonly string[]
}

export interface CompletedOption {
  /** Without its dash; null: it has none. */
  short: string | null
  /** Without its dashes. */
  long: string
  help: string
  /** `file`: files are offered for its value. */
  value: 'none' | 'text' | 'file'
}

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** `--since <time>`, `-c, --config <file>`, `--mark [text]` → an option; null for what is none. */
export const completedOption = (flags: string, help: string): CompletedOption | null => {
  const [, short, long, value] =
    /^(?:-(\w), )?--([\w-]+)(?: [<[]([\w-]+)(?:\.\.\.)?[>\]])?$/.exec(flags) ?? []
  if (long === undefined) return null
  const kind = value === undefined ? 'none' : /^(file|dir)/.test(value) ? 'file' : 'text'
  return { short: short ?? null, long, help, value: kind }
}

export const completionScript = (
  shell: Shell,
  commands: readonly CompletedCommand[],
  everywhere: readonly CompletedOption[],
): string => ({ bash, zsh, fish })[shell](commands, everywhere)

type Writer = (commands: readonly CompletedCommand[], everywhere: readonly CompletedOption[]) => string

const dashed = ({ short, long }: CompletedOption): string[] => [
  ...(short === null ? [] : [`-${short}`]),
  `--${long}`,
]

const bash: Writer = (commands, everywhere) => {
  const taking = (kind: CompletedOption['value']): string =>
    [
      ...new Set(
        [...everywhere, ...commands.flatMap(({ options }) => options)]
          .filter(({ value }) => value === kind)
          .flatMap(dashed),
      ),
    ].join('|')
  const cases = commands.map(({ name, options, words }) => {
    const flags = [...options, ...everywhere].flatMap(dashed)
    return `    ${name}) flags='${flags.join(' ')}' words='${words.join(' ')}' ;;`
  })
  return `# bash completion for oratio-health: oratio-health completion bash > /etc/bash_completion.d/oratio-health
_oratio_health() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command= flags= words= i
  COMPREPLY=()
  case $prev in
    ${taking('file')}) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    ${taking('text')}) return ;;
  esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${taking('file')}|${taking('text')}) ((i++)) ;;
      -*) ;;
      *) command=\${COMP_WORDS[i]}; break ;;
    esac
  done
  case $command in
${cases.join('\n')}
    *) flags='${everywhere.flatMap(dashed).join(' ')}' words='${commands.map(({ name }) => name).join(' ')}' ;;
  esac
  if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W "$flags" -- "$cur"))
  elif [[ -n $words ]]; then COMPREPLY=($(compgen -W "$words" -- "$cur"))
  else COMPREPLY=($(compgen -f -- "$cur")); fi
}
complete -o filenames -F _oratio_health oratio-health
`
}

const quoted = (text: string): string => `'${text.replace(/'/g, `'\\''`)}'`

const zsh: Writer = (commands, everywhere) => {
  const spec = ({ short, long, help, value }: CompletedOption): string => {
    const text = help.replace(/[[\]:\\]/g, '\\$&')
    const action = value === 'none' ? '' : value === 'file' ? ':file:_files' : ':value: '
    const names =
      short === null
        ? quoted(`--${long}[${text}]${action}`)
        : `{-${short},--${long}}${quoted(`[${text}]${action}`)}`
    return names
  }
  const cases = commands.map(({ name, options, words }) => {
    const rest = words.length > 0 ? quoted(`*:word:(${words.join(' ')})`) : quoted('*:file:_files')
    return `    ${name}) _arguments -s ${[...options, ...everywhere].map(spec).join(' ')} ${rest} ;;`
  })
  const list = commands.map(({ name, summary }) => quoted(`${name}:${summary.replace(/[\\:]/g, '\\$&')}`))
  return `#compdef oratio-health
# zsh completion for oratio-health: oratio-health completion zsh > "\${fpath[1]}/_oratio-health"
_oratio_health() {
  local -a commands=(${list.join(' ')})
  local command=\${words[(r)(${commands.map(({ name }) => name).join('|')})]}
  case $command in
${cases.join('\n')}
    *) _arguments -s ${everywhere.map(spec).join(' ')} '*: :->command'; _describe command commands ;;
  esac
}
compdef _oratio_health oratio-health
# From a folder of $fpath this file is the body of the function of its name: then it is asked right now.
if [ "$funcstack[1]" = _oratio-health ]; then _oratio_health; fi
`
}

const fish: Writer = (commands, everywhere) => {
  const line = (condition: string, { short, long, help, value }: CompletedOption): string =>
    [
      'complete -c oratio-health',
      ...(condition === '' ? [] : [`-n ${quoted(condition)}`]),
      ...(short === null ? [] : [`-s ${short}`]),
      `-l ${long} -d ${quoted(help)}`,
      ...(value === 'none' ? [] : [value === 'file' ? '-r -F' : '-x']),
    ].join(' ')
  return [
    '# fish completion for oratio-health: oratio-health completion fish > ~/.config/fish/completions/oratio-health.fish',
    ...everywhere.map((option) => line('', option)),
    ...commands.flatMap(({ name, summary, options, words }) => [
      `complete -c oratio-health -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
      ...options.map((option) => line(`__fish_seen_subcommand_from ${name}`, option)),
      ...(words.length > 0
        ? [
            `complete -c oratio-health -n ${quoted(`__fish_seen_subcommand_from ${name}`)} -f -a ${quoted(words.join(' '))}`,
          ]
        : []),
    ]),
    '',
  ].join('\n')
}
