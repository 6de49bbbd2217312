import { email } from './email.ts'
import type { AnyNotifier } from './notifier.ts'
import { ping } from './ping.ts'
import { run } from './run.ts'
import { webhook } from './webhook.ts'

/** One line a notifier; the config's targets derive from it. */
export const notifiers: readonly AnyNotifier[] = [webhook, ping, email, run]
