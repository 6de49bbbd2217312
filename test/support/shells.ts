import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** For each line what the shell offers at its end, sorted, as the words would stand there. */
export type Asked = (lines: readonly string[]) => Map<string, string[]>

/** `file`: the script of this shell; `folder`: where it is asked. */
export const askers: Readonly<Record<'bash' | 'zsh' | 'fish', (file: string, folder: string) => Asked>> = {
  bash: (file, folder) => (lines) => {
    // readline reads a pipe as it does a terminal: all that is offered is put into the line (M-*), which is run then.
    const typed = lines.map((line) => `oratio-health ${line}\u001b*\n`).join('')
    const script = `PS1=; source ${file}; oratio-health() { printf '%s\\0' "$@" OVER; }\n`
    const out = run('bash', ['--norc', '--noprofile', '-i'], folder, `${script}${typed}exit\n`)
    const runs = out.split('OVER\0').map((text) => text.split('\0').slice(0, -1))
    return byLine(lines, (line, i) => {
      const words = runs[i]?.slice(line.split(' ').length - 1) ?? []
      // Nothing was offered: the line is as it was.
      return words.length === 1 && words[0] === line.split(' ').at(-1) ? [] : words
    })
  },
  zsh: (file, folder) => (lines) => {
    const functions = mkdtempSync(`${file}-functions-`)
    copyFileSync(file, join(functions, '_oratio-health'))
    writeFileSync(join(functions, 'init'), zshInit(functions))
    const out = run('zsh', ['-f', '-c', zshAsk(functions, lines)], folder)
    const answers = out.split('\u0001').slice(1)
    return byLine(lines, (_, i) => (answers[i]?.split('\u0002')[0] ?? '').split(/\r?\n/))
  },
  fish: (file, folder) => (lines) => {
    const script = [
      `source ${file}`,
      ...lines.flatMap((line) => [`complete -C ${JSON.stringify(`oratio-health ${line}`)}`, 'echo OVER']),
    ].join('\n')
    const answers = run('fish', ['--no-config', '-c', script], folder).split('OVER\n')
    return byLine(lines, (_, i) => (answers[i] ?? '').split('\n').map((text) => text.split('\t')[0] ?? ''))
  },
}

const run = (shell: string, args: string[], cwd: string, input?: string): string => {
  const env = { PATH: process.env.PATH, HOME: cwd, INPUTRC: '/dev/null', TERM: 'dumb', LC_ALL: 'C.UTF-8' }
  return spawnSync(shell, args, {
    encoding: 'utf8',
    timeout: 60_000,
    cwd,
    env,
    ...(input === undefined ? {} : { input }),
  }).stdout
}

/** A value may come with its option before it, and a folder with its slash. */
const byLine = (
  lines: readonly string[],
  answer: (line: string, i: number) => string[],
): Map<string, string[]> =>
  new Map(
    lines.map((line, i) => {
      const words = answer(line, i).map((word) => word.replace(/^--[\w-]+=/, '').replace(/\/$/, ''))
      return [line, [...new Set(words.filter((word) => word !== ''))].sort()]
    }),
  )

/** Of a shell on a terminal of its own: what is added to the list is printed instead of shown. */
const zshInit = (functions: string): string => `
PROMPT=
fpath=(${functions} $fpath)
autoload -Uz compinit
compinit -D -u
bindkey -e
bindkey '^I' complete-word
bindkey '^X' kill-whole-line
unsetopt auto_list auto_menu
start() { print -n '\\001'; compprefuncs=(start) }
stop() { print -n '\\002'; comppostfuncs=(stop) }
compprefuncs=(start)
comppostfuncs=(stop)
compadd() {
  if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd "$@"; return; fi
  local -a hits
  builtin compadd -A hits "$@"
  print -rl -- \${(Q)hits}
  builtin compadd "$@"
}
print READY
`

const zshAsk = (functions: string, lines: readonly string[]): string => `
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'stty -echo; source ${functions}/init'
zpty -r -m z out '*READY*'
for line in ${lines.map((line) => `'${line}'`).join(' ')}; do
  zpty -n -w z $'\\x18'"oratio-health $line"$'\\t'
  zpty -r -m z out $'*\\x02'
  print -rn -- $'\\x01'"\${out##*$'\\x01'}"
done
zpty -d z
`
