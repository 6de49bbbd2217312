const interpreter =
  /^(?:python|pypy|node|nodejs|ruby|perl|php|java|bash|sh|dash|mono|dotnet|beam\.smp)[\d.]*$/

/**
 * A process's name, with the script's where an interpreter runs it: `python3 capture_monitor.py`. Nothing more of the
 * command line, since passwords stand there.
 *
 * @param comm up to 15 bytes, as /proc/PID/stat has it; a thread of the main program may have set it to anything
 * @param commandLine arguments joined by a space; empty where it cannot be read
 */
export const shortName = (comm: string, commandLine: string): string => {
  const [program = '', ...rest] = commandLine.split(' ', 12)
  if (!interpreter.test(fileName(program))) return comm
  const script = scriptIn(rest)
  return script === null || fileName(script) === comm ? comm : `${comm} ${fileName(script)}`
}

/** `-m http.server`, `-jar app.jar`, or the first that is no option; null where `-c` or `-e` gives the program itself. */
const scriptIn = (args: readonly string[]): string | null => {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? ''
    if (arg === '-m' || arg === '-jar') return args[i + 1] ?? null
    if (programText.test(arg)) return null
    if (withValue.has(arg)) i++
    else if (arg !== '' && !arg.startsWith('-')) return arg
  }
  return null
}

// `sh -lc 'PGPASSWORD=… psql'`, `node -e`, `node --eval`, `node -p`.
const programText = /^(?:-[A-Za-z]*[ceE]|-p|--eval|--print|--command)$/

const withValue = new Set('-cp -classpath --class-path -r --require --import -W -X -I -O -o'.split(' '))

const fileName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
