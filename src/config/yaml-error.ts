import { clip } from '../core/escape.ts'
import type { YamlPackage } from './load.ts'

type YAMLError = InstanceType<YamlPackage['YAMLError']>

/** What the YAML package's error codes mean to somebody who writes a config. */
const plainWords: Partial<Record<YAMLError['code'], string>> = {
  TAB_AS_INDENT: 'a tab is used to indent; YAML takes spaces only',
  MULTIPLE_DOCS: 'a second YAML document begins here; a config is one document',
  BAD_SCALAR_START: 'text that begins with @, ` or % needs quotes',
  BAD_ALIAS: 'text that begins with * or & needs quotes',
  BAD_DIRECTIVE: 'a line that begins with % is a YAML directive, and this one is not understood',
  BAD_DQ_ESCAPE:
    'in "double quotes" a backslash begins an escape, and this is none; \'single quotes\' take it as it is',
  BLOCK_AS_IMPLICIT_KEY: 'a second `key:` on the same line; text that holds ": " needs quotes',
  MULTILINE_IMPLICIT_KEY: 'a key without `:` behind it, or text that goes on in a second line by accident',
  // The package's own message quotes the file here.
  UNEXPECTED_TOKEN:
    'something stands here that does not fit: often a quote, comma or bracket is missing before it, or it is indented wrongly',
  TAG_RESOLVE_FAILED: 'tags such as !text mean nothing here; text that begins with ! needs quotes',
  RESOURCE_EXHAUSTION: 'nested too deep',
}

/** One line without any text of the file, which could be a secret. */
export const explainYamlError = ({ code, message }: YAMLError): string =>
  plainWords[code] ?? `not valid YAML: ${clip(message.charAt(0).toLowerCase() + message.slice(1), 120)}`
