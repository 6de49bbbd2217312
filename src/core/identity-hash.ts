import { checksum } from './checksum.ts'

/** A lifetime in 32 bits; 0 for none. Two that follow each other are the same once in four thousand million times. */
export const identityHash = (identity: string | null): number =>
  identity === null ? 0 : Number.parseInt(checksum(identity), 16) || 1
