import type { Glyphs } from './status-report.ts'

/**
 * What a terminal can show, by locale(7): LC_ALL beats LC_CTYPE beats LANG. None of them set is the rule in containers
 * and for cron, whose terminals know UTF-8; a locale of another charset, as `C`, says that they do not.
 */
export const glyphsOf = (env: Readonly<Record<string, string | undefined>>): Glyphs => {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || ''
  if (locale !== '' && !/utf-?8/i.test(locale)) return 'ascii'
  return env.TERM === 'linux' ? 'console' : 'unicode'
}

/** Turns a text into what the locale has; most have all, and load nothing for it. */
export const speller = async (env: Parameters<typeof glyphsOf>[0]): Promise<(text: string) => string> =>
  glyphsOf(env) === 'ascii' ? (await import('./ascii.ts')).inAscii : (text) => text
