import type { RecordField } from '../core/field.ts'
import type { Status } from '../core/finding.ts'

/** What is told of one run, of others' words too: redacted and escaped. */
export interface Message {
  /** `start` and `end` go to dead man's switches alone. */
  kind: 'news' | 'start' | 'end'
  hostname: string
  /** Of the whole run; of a start `ok`. */
  status: Status
  /** `box: 1 critical, 1 recovered`. */
  title: string
  /** One for each change, the worst first. */
  lines: string[]
  /** ISO 8601. */
  at: string
}

/** What has to be done to tell it; the host does it. */
export type Delivery =
  | {
      by: 'http'
      /** A secret as a whole. */
      url: string
      headers: Readonly<Record<string, string>>
      body: string
    }
  | { by: 'mail'; to: string; text: string }
  | { by: 'shell'; run: string; env: Readonly<Record<string, string>>; input: string }

export interface Notifier<Target> {
  /** Its key in a target of the config. */
  key: string
  field: RecordField<Target>
  /** Describes a delivery and performs nothing; null: this is none of its business. */
  describe(target: Target, message: Message): Delivery | null
}

// biome-ignore lint/suspicious/noExplicitAny: the registry holds notifiers of different targets.
export type AnyNotifier = Notifier<any>

/** Services that take no more cut it themselves, in the middle of a word, or refuse all of it. */
export const cutTo = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 20).replace(/[\ud800-\udbff]$/, '')}\n… (cut here)`
