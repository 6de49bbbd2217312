export type Expanded = { text: string; usesVariables: boolean } | { problem: string }

/**
 * `${NAME}` becomes the environment's NAME, `$${` stays `${`. A variable that is not set is a problem, since an empty
 * password or path would be a silent one; `$NAME` without braces is left alone.
 */
export const expandVariables = (
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): Expanded => {
  let problem: string | null = null
  let usesVariables = false
  const expanded = text.replaceAll(
    /(\$?)\$\{([A-Za-z_][A-Za-z0-9_]*\})?/g,
    (whole, dollar: string, rest?: string) => {
      if (dollar) return whole.slice(1)
      const name = rest?.slice(0, -1)
      const value = name === undefined ? undefined : env[name]
      usesVariables = true
      if (value === undefined) problem ??= problemWith(name)
      return value ?? ''
    },
  )
  return problem === null ? { text: expanded, usesVariables } : { problem }
}

const problemWith = (name: string | undefined): string =>
  name === undefined
    ? `only \${NAME} is understood; write $\${ for a plain \${`
    : `the environment variable ${name} is not set; write $\${${name}} for the text itself`
