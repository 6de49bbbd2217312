/** What may stand at a place: nothing that is known, a file, a folder, or one of these words. */
export type Offered = 'text' | 'file' | 'dir' | readonly string[]

/** What a shell has to know of a command to complete it. */
export interface CompletedCommand {
  name: string
  aliases: readonly string[]
  summary: string
  options: readonly CompletedOption[]
  operands: { first: Offered; further: Offered }
}

export interface CompletedOption {
  /** Without its dash; null: it has none. */
  short: string | null
  /** Without its dashes. */
  long: string
  help: string
  /** Null: it takes none. */
  value: Offered | null
  /** Takes all words up to the next option. */
  takesMany: boolean
}

export const dashed = ({ short, long }: CompletedOption): string[] => [
  ...(short === null ? [] : [`-${short}`]),
  `--${long}`,
]

/** For any of these shells. */
export const quoted = (text: string): string => `'${text.replace(/'/g, `'\\''`)}'`
