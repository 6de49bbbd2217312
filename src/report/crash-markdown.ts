import { type CrashReport, crashText } from './crash-text.ts'

/** Titles as headings, the rest as it stands: the text is made for fixed widths. */
export const crashMarkdown = (report: CrashReport): string => {
  const [title = '', ...lines] = crashText(report).split('\n')
  const body: string[] = []
  let isOpen = false
  const fence = (open: boolean): void => {
    if (open !== isOpen) body.push('```')
    isOpen = open
  }
  for (const line of lines) {
    const isHeading = /^[A-Z][A-Z -]+$/.test(line)
    if (isHeading) {
      fence(false)
      body.push(`## ${line.charAt(0)}${line.slice(1).toLowerCase()}`)
    } else if (line !== '') {
      // A fence of others' text would end ours.
      fence(true)
      body.push(line.replaceAll('```', "'''"))
    }
  }
  fence(false)
  return `# ${title}\n\n${body.join('\n')}\n`
}
