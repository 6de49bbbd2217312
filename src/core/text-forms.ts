import type { ScalarField } from './field.ts'

/** Forms of text that several sections share. Values that become arguments of a program never begin with `-`. */
type Form = Pick<ScalarField<string>, 'pattern' | 'expects'>

export const webAddress: Form = {
  pattern: /^https?:\/\/[^\s/?#]+\S*$/,
  expects: 'an address such as http://127.0.0.1:8080/health',
}

/** Docker's rule for names is `[a-zA-Z0-9][a-zA-Z0-9_.-]+`; with a slash it is compose's project and service. */
export const containerName: Form = {
  pattern: /^[A-Za-z0-9][\w.-]*(\/[A-Za-z0-9][\w.-]*)?$/,
  expects: "a container's name, the start of its id, or PROJECT/SERVICE of compose",
}

/** Characters by systemd.unit(5). */
export const unitName: Form = {
  pattern: /^[A-Za-z0-9_:.\\@][A-Za-z0-9_:.\\@-]*$/,
  expects: 'a unit such as nginx.service',
}

export const userName: Form = { pattern: /^[^\s:/-][^\s:/]*$/, expects: 'a user name or number' }

/** Short enough for a file name, and without what means something in one. */
export const ruleName: Form = {
  pattern: /^[A-Za-z0-9][A-Za-z0-9._@:-]{0,99}$/,
  expects: 'a name such as web-1 (letters, digits, . _ @ : -)',
}
