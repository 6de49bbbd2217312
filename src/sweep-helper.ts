import { serveSweep } from './host/sweep-helper.ts'
import { judgeOf } from './plan/cleanup.ts'

/** A program of its own (see host/sweep-crew.ts): removes what is stale in the folders it is given. */
serveSweep(judgeOf)
