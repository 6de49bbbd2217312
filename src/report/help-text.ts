import { wrapText } from './width.ts'

interface Part {
  head: string
  lines: readonly string[]
}

const parts: readonly Part[] = [
  {
    head: 'Files, as root and as a user:',
    lines: [
      '/etc/oratio-health/config.yaml, ~/.config/oratio-health/config.yaml',
      '/var/lib/oratio-health, ~/.local/state/oratio-health (state and history)',
      '/var/log/oratio-health, ~/.local/state/oratio-health/logs',
    ],
  },
  {
    head: 'Environment:',
    lines: ['ORATIO_CONFIG, ORATIO_STATE_DIR, ORATIO_LOG_DIR, DOCKER_HOST, NO_COLOR'],
  },
  {
    head: 'Exit status:',
    lines: [
      '0 fine, 1 warning or done in part, 2 critical, 3 unknown, 64 wrong usage, 75 another run holds the lock, 77 permission is missing, 78 the config is invalid',
    ],
  },
]

/** What stands below the help of the whole program; the man page says more of each. */
export const helpFooter = (cells: number): string =>
  parts.flatMap((part) => partLines(part, cells)).join('\n')

/** What stands below the help of one command. */
export const commonOptions = (flags: readonly (string | undefined)[], cells: number): string =>
  partLines(
    { head: 'Options of every command, see oratio-health --help:', lines: [flags.join(', ')] },
    cells,
  ).join('\n')

const partLines = ({ head, lines }: Part, cells: number): string[] => [
  '',
  ...wrapText(head, cells),
  ...lines.flatMap((line) => wrapText(line, cells - 2)).map((line) => `  ${line}`),
]
