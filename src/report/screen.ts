const csi = '\u001b['

/** What xterm and all its kin understand: the other screen, so that what was there before comes back at the end. */
export const enterScreen = `${csi}?1049h${csi}?25l${csi}2J`

export const leaveScreen = `${csi}?25h${csi}?1049l`

/**
 * A text over what is shown: each line ends with "clear the rest", so that nothing is blank in between, and terminals
 * that know synchronized output (mode 2026) show it at once.
 */
export const redrawn = (text: string): string => {
  const lines = text.replace(/\n$/, '').split('\n')
  const body = lines.map((line) => `${line}${csi}K`).join('\n')
  return `${csi}?2026h${csi}H${body}${csi}J${csi}?2026l`
}
