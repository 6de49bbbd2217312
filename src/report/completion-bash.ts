import { type CompletedCommand, type CompletedOption, dashed, type Offered, quoted } from './completed.ts'

/**
 * Files are left to readline, which knows names with blanks. Bash takes `--config=FILE` apart at `=`, a word of its own.
 */
export const bashCompletion = (
  commands: readonly CompletedCommand[],
  everywhere: readonly CompletedOption[],
): string => {
  const names = commands.flatMap(({ name, aliases }) => [name, ...aliases])
  const aliases = commands.flatMap(({ name, aliases }) =>
    aliases.map((alias) => `${alias}) command=${name} ;;`),
  )
  const flags = commands.map(
    ({ name, options }) =>
      `    ${name}) flags=${quoted([...options, ...everywhere].flatMap(dashed).join(' '))} ;;`,
  )
  return `# bash completion for oratio-health: oratio-health completion bash > /etc/bash_completion.d/oratio-health
# What may stand behind this command and option, or as its operand of this number: file, dir, text or =words; +: many.
_oratio_health_kind() {
  kind=
  case $1 in
${kindCases(commands, everywhere).join('\n')}
  esac
}
_oratio_health() {
  local IFS=$' \\t\\n' cur=\${COMP_WORDS[COMP_CWORD]} command= kind= flags= word i operands=0
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
      =) ;;
      -*=*) kind= ;;
      -?*) _oratio_health_kind "$command $word" ;;
      *)
        if [[ -n $kind ]]; then [[ $kind == *+ ]] || kind=
        elif [[ -n $command ]]; then ((operands++))
        else
          command=$word
          case $command in ${aliases.join(' ')} esac
        fi ;;
    esac
  done
  if [[ $cur == = ]]; then cur=
  elif [[ $cur == -* && ( -z $kind || $kind == *+ ) ]]; then
    case $command in
${flags.join('\n')}
      *) flags=${quoted(everywhere.flatMap(dashed).join(' '))} ;;
    esac
    COMPREPLY=($(compgen -W "$flags" -- "$cur"))
    return
  fi
  if [[ -z $kind && -z $command ]]; then kind=${quoted(`=${names.join(' ')}`)}
  elif [[ -z $kind ]]; then _oratio_health_kind "$command $((operands + 1))"; fi
  case $kind in
    =*) COMPREPLY=($(compgen -W "\${kind#=}" -- "$cur")) ;;
    file*) compopt -o default ;;
    dir*) compopt -o dirnames ;;
  esac
}
complete -F _oratio_health oratio-health
`
}

const kindCases = (
  commands: readonly CompletedCommand[],
  everywhere: readonly CompletedOption[],
): string[] => {
  const behind = (command: string, option: CompletedOption): string[] => {
    if (option.value === null) return []
    const patterns = dashed(option).map((flag) =>
      command === '' ? `*' ${flag}'` : quoted(`${command} ${flag}`),
    )
    return [
      `    ${patterns.join('|')}) kind=${quoted(kindOf(option.value) + (option.takesMany ? '+' : ''))} ;;`,
    ]
  }
  return [
    ...everywhere.flatMap((option) => behind('', option)),
    ...commands.flatMap(({ name, options, operands: { first, further } }) => [
      ...options.flatMap((option) => behind(name, option)),
      `    ${quoted(`${name} 1`)}) kind=${quoted(kindOf(first))} ;;`,
      `    ${quoted(`${name} `)}[0-9]*) kind=${quoted(kindOf(further))} ;;`,
    ]),
  ]
}

const kindOf = (offered: Offered): string => (typeof offered === 'string' ? offered : `=${offered.join(' ')}`)
