import { type CompletedCommand, type CompletedOption, dashed, type Offered, quoted } from './completed.ts'

export const zshCompletion = (
  commands: readonly CompletedCommand[],
  everywhere: readonly CompletedOption[],
): string => {
  const global = everywhere.map(specOf).join(' ')
  const list = commands.flatMap(({ name, aliases, summary }) =>
    [name, ...aliases].map((one) => quoted(`${one}:${summary.replace(/[\\:]/g, '\\$&')}`)),
  )
  const cases = commands.map(({ name, aliases, options, operands: { first, further } }) => {
    const specs = [
      ...options.map(specOf),
      quoted(`1:word:${actionOf(first)}`),
      quoted(`*:word:${actionOf(further)}`),
    ]
    return `    ${[name, ...aliases].join('|')}) _arguments -s ${specs.join(' ')} $everywhere && found=0 ;;`
  })
  const many = commands.flatMap(({ name, aliases, options }) =>
    [name, ...aliases].flatMap((command) =>
      options
        .filter(({ takesMany }) => takesMany)
        .flatMap(dashed)
        .map((flag) => quoted(`${command} ${flag}`)),
    ),
  )
  return `#compdef oratio-health
# zsh completion for oratio-health: oratio-health completion zsh > "\${fpath[1]}/_oratio-health"
_oratio_health() {
  local curcontext=$curcontext state line found=1
  local -A opt_args
  local -a commands=(${list.join(' ')})
  local -a everywhere=(${global})
  # What follows the command is that command's, options too.
  _arguments -C -s $everywhere '(-): :->command' '(-)*:: :->rest' && return 0
  if [[ $state = command ]]; then
    _describe command commands
    return
  fi
  # _arguments knows one value an option: of many the last one stays.
  local -a kept=($words[1])
  local -i i
  local many=
  for ((i = 2; i <= CURRENT; i++)); do
    if [[ $words[i] = -?* ]]; then
      case "$words[1] $words[i]" in
        ${many.join('|')}) many=1 ;;
        *) many= ;;
      esac
    elif [[ -n $many && $words[i-1] != -?* ]]; then kept[-1]=(); fi
    kept+=("$words[i]")
  done
  words=("$kept[@]")
  CURRENT=$#words
  case $words[1] in
${cases.join('\n')}
  esac
  return found
}
compdef _oratio_health oratio-health
# From a folder of $fpath this file is the body of the function of its name: then it is asked right now.
if [ "$funcstack[1]" = _oratio-health ]; then _oratio_health; fi
`
}

/** `'(-c --config)'{-c+,--config=}'[config file]:value:_files'` */
const specOf = ({ short, long, help, value, takesMany }: CompletedOption): string => {
  const text = `[${help.replace(/[[\]:\\]/g, '\\$&')}]`
  const action = value === null ? '' : `:value:${actionOf(value)}`
  const [shortSign, longSign] = value === null ? ['', ''] : ['+', '=']
  const once = takesMany ? '*' : ''
  return short === null
    ? quoted(`${once}--${long}${longSign}${text}${action}`)
    : `${quoted(`(-${short} --${long})`)}{-${short}${shortSign},--${long}${longSign}}${quoted(text + action)}`
}

const actionOf = (offered: Offered): string => {
  if (typeof offered !== 'string') return `(${offered.join(' ')})`
  return { text: ' ', file: '_files', dir: '_files -/' }[offered]
}
