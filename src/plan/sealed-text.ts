import { checksum } from '../core/checksum.ts'

const words = 'Written by oratio-health install'
const headLine = /^# Written by oratio-health install \(sum ([0-9a-f]{8})\)/

/** A whole file of ours: its first line says so, and with which content it was written. */
export const sealed = (body: string): string =>
  `# ${words} (sum ${checksum(body)}); change the config and install again, \`oratio-health uninstall\` takes it away.\n${body}`

/** `edited`: ours, and changed by somebody since; `foreign`: not written by install. */
export type Seal = 'intact' | 'edited' | 'foreign'

export const sealOf = (text: string): Seal => {
  const sum = headLine.exec(text)?.[1]
  if (sum === undefined) return 'foreign'
  return checksum(text.slice(text.indexOf('\n') + 1)) === sum ? 'intact' : 'edited'
}
