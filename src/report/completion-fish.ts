import { type CompletedCommand, type CompletedOption, dashed, type Offered, quoted } from './completed.ts'

export const fishCompletion = (
  commands: readonly CompletedCommand[],
  everywhere: readonly CompletedOption[],
): string => {
  const behind = (command: string, option: CompletedOption): string[] => {
    if (option.value === null) return []
    const words = dashed(option).map((flag) => quoted(`${command} ${flag}`))
    return [`        case ${words.join(' ')}; echo ${option.takesMany ? 'many' : 'one'}`]
  }
  const cases = [
    ...everywhere.flatMap((option) => behind('*', option)),
    ...commands.flatMap(({ name, options }) => options.flatMap((option) => behind(name, option))),
  ]
  const aliases = commands.flatMap(({ name, aliases }) =>
    aliases.map((alias) => `            case ${alias}; set word ${name}`),
  )
  return `# fish completion for oratio-health: oratio-health completion fish > ~/.config/fish/completions/oratio-health.fish
# How many words this command's option takes: none, one or many.
function __oratio_health_takes
    switch $argv[1]
${cases.join('\n')}
    end
end
# A line each: the command and option whose value is next, or nothing; the command; its operands.
function __oratio_health_line
    set -l takes
    set -l option
    set -l words
    set -l tokens (commandline -opc)
    set -e tokens[1]
    for word in $tokens
        if string match -rq -- '^-.' $word
            set takes (__oratio_health_takes "$words[1] $word")
            set option "$words[1] $word"
        else if test -n "$takes"
            test $takes = many; or set takes
        else if set -q words[1]
            set -a words $word
        else
            switch $word
${aliases.join('\n')}
            end
            set words $word
        end
    end
    test -n "$takes"; and echo $option; or echo
    string join \\n -- $words
end
function __oratio_health_is_command
    set -l line (__oratio_health_line)
    test -z "$line[1]"; and not set -q line[2]
end
function __oratio_health_of
    set -l line (__oratio_health_line)
    test "$line[2]" = $argv[1]
end
function __oratio_health_first_of
    set -l line (__oratio_health_line)
    test -z "$line[1]" -a "$line[2]" = $argv[1]; and not set -q line[3]
end
function __oratio_health_further_of
    set -l line (__oratio_health_line)
    test -z "$line[1]" -a "$line[2]" = $argv[1]; and set -q line[3]
end
function __oratio_health_behind
    set -l line (__oratio_health_line)
    contains -- "$line[1]" $argv
end
complete -c oratio-health -f
${[...everywhere.map((option) => optionLine(null, option)), ...commands.flatMap(linesOf)].join('\n')}
`
}

const linesOf = ({
  name,
  aliases,
  summary,
  options,
  operands: { first, further },
}: CompletedCommand): string[] => [
  ...[name, ...aliases].map((one) => `${line('__oratio_health_is_command')} -a ${one} -d ${quoted(summary)}`),
  ...options.flatMap((option) => [
    optionLine(`__oratio_health_of ${name}`, option),
    ...(option.takesMany ? furtherValues(name, option) : []),
  ]),
  ...offers(`__oratio_health_first_of ${name}`, first),
  ...offers(`__oratio_health_further_of ${name}`, further),
]

const line = (condition: string): string => `complete -c oratio-health -n ${quoted(condition)}`

/** fish itself takes the first word alone for its value. */
const furtherValues = (command: string, option: CompletedOption): string[] => {
  const words = dashed(option).map((flag) => `"${command} ${flag}"`)
  return option.value === null ? [] : offers(`__oratio_health_behind ${words.join(' ')}`, option.value)
}

const offers = (condition: string, offered: Offered): string[] =>
  offered === 'text' ? [] : [`${line(condition)} ${offerOf(offered)}`]

const optionLine = (condition: string | null, { short, long, help, value }: CompletedOption): string =>
  [
    condition === null ? 'complete -c oratio-health' : line(condition),
    ...(short === null ? [] : [`-s ${short}`]),
    `-l ${long} -d ${quoted(help)}`,
    ...(value === null ? [] : ['-r', offerOf(value)]),
  ].join(' ')

const offerOf = (offered: Offered): string => {
  if (typeof offered !== 'string') return `-f -a ${quoted(offered.join(' '))}`
  return { text: '-f', file: '-F', dir: `-f -a '(__fish_complete_directories)'` }[offered]
}
