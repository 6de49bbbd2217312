import * as yaml from 'yaml'
import { type Interpreted, interpret } from '../../src/config/interpret.ts'
import { problemLines } from '../../src/config/problem-lines.ts'
import type { Environment } from '../../src/config/validate.ts'

export const read = (text: string, env: Environment = {}): Interpreted => interpret(yaml, text, env)

/** What is wrong with it, without the file's name: `12:9 services.web.memory.warn: expected …`. */
export const errorsIn = (text: string, env: Environment = {}): string[] =>
  problemLines('', read(text, env).problems).map((line) => line.replace(/^:/, ''))
