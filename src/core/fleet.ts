import type { Status } from './finding.ts'
import type { GatheredForm, GatheredProblem } from './gathered.ts'

/** What is known of a host: `old` and `ahead` ones told something that says nothing of now, `unread` ones nothing at all. */
export type Freshness = 'fresh' | 'old' | 'ahead' | 'unread'

export interface FleetHost {
  /** As it calls itself, otherwise as its file is called; with its file where two hosts have one name. */
  name: string
  status: Status
  freshness: Freshness
  /** Null: unread. */
  seen: {
    atMs: number
    /** How it was then. */
    status: Status
    form: GatheredForm
    file: string
    version: string | null
  } | null
  /** By status, as they were then. */
  services: Readonly<Record<Status, number>>
  leaks: number
  /** The service that hits its limit first. */
  next: { service: string; seconds: number } | null
  /** The worst first; of the others only how many there are. */
  problems: GatheredProblem[]
  moreProblems: number
  /** What else there is to say of its files. */
  notes: string[]
}

export interface Fleet {
  status: Status
  nowMs: number
  maxAgeMs: number
  hosts: FleetHost[]
  /** What could not be read at all: a folder that is not there. */
  troubles: string[]
}

export const serviceCount = ({ services }: FleetHost): number =>
  services.ok + services.warning + services.critical + services.unknown
