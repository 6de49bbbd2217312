import type { Wording } from './sentence.ts'

/** Wording for findings on a service, by `check.code`. */
export const serviceSentences: Record<string, Wording> = {}
