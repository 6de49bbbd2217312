import type { AnyHostCheck, AnyServiceCheck } from './check.ts'
import { cpu } from './cpu.ts'
import { disks } from './disks.ts'
import { folders } from './folders.ts'
import { memory } from './memory.ts'
import { pressure } from './pressure.ts'
import { serviceFiles } from './service-files.ts'
import { serviceLimit } from './service-limit.ts'
import { serviceMemory } from './service-memory.ts'
import { serviceOom } from './service-oom.ts'
import { serviceProcesses } from './service-processes.ts'
import { serviceRestartSettings } from './service-restart-settings.ts'
import { serviceRestarts } from './service-restarts.ts'
import { serviceState } from './service-state.ts'
import { serviceThreads } from './service-threads.ts'
import { swap } from './swap.ts'

/** In the order in which they are read and shown. */
export const hostChecks: readonly AnyHostCheck[] = [memory, swap, cpu, pressure, disks, folders]

export const serviceChecks: readonly AnyServiceCheck[] = [
  serviceState,
  serviceMemory,
  serviceLimit,
  serviceProcesses,
  serviceOom,
  serviceRestarts,
  serviceRestartSettings,
  serviceFiles,
  serviceThreads,
]

/**
 * Every finding that the checks make, `CHECK CODE` with its unit and args, for report/sentence.ts. `yes`/`no` are 1
 * and 0. Of any check: `unreadable {cause, what, detail}` (unknown; `ok` for a folder without thresholds),
 * `defect {message, stack}` (unknown), and of the host's `absent {what}` (ok); of none but the look-out for services: `containers unreadable`, `units unreadable`.
 */
export const findingCodes = {
  memory: { level: 'percent {usedBytes, totalBytes, of: host|container, estimated}' },
  swap: { level: 'percent {usedBytes, totalBytes}' },
  cpu: {
    level: 'percent {overSeconds}: mean since the run before',
    'since-boot': 'percent {overSeconds: null}: mean since the boot, never judged',
  },
  pressure: { level: 'percent {avg10, avg300, someAvg60}' },
  disks: {
    level: 'percent, item: mount point or path {availableBytes, totalBytes, type, inRam}',
    inodes: 'percent, item {totalInodes, type, inRam}',
    skipped: 'ok, item {type, reason: network|fuse|denied}: not asked',
    'not-found': 'unknown, item {}: a configured path',
  },
  folders: {
    level: 'bytes, item: folder, or FOLDER/…/NAME {files, atLeast}: with atLeast a lower bound',
    incomplete: 'unknown, bytes, item {files, atLeast: 1}: a lower bound that is below the thresholds',
    'not-found': 'unknown with thresholds, else ok; item {}',
  },
  orphans: {
    left: 'count, item: the rule {memoryBytes: null when unknown}: what kill-orphans would end now',
    blind: 'unknown, item {reason}: what the rule is about could not be seen',
    refused: 'unknown, item {reason}: it fits most of what runs',
  },
  cleanup: {
    leftovers:
      'bytes, item: folder of the rule {files, staleSeconds (of the oldest, null: none), atLeast, atMost: where what is open cannot be seen}; by commands/cleanup',
    unseen:
      'unknown, bytes, item {as leftovers, reason}: what could not be seen may make it a warning, or none',
    skipped: 'ok, item {reason}: not looked at, by design',
    refused: 'warning, item {detail}: cleanup-tmp will not do what the rule asks for',
  },
  state: {
    running: '{kind, detail}; detail may be empty, as of all states',
    starting: '{kind, detail}',
    unhealthy: '{kind, detail}: by the health check of its image',
    paused: '{kind, detail}',
    restarting: '{kind, detail}',
    stopped: '{kind, detail}; ok for a oneshot unit between its runs',
    failed: '{kind, detail}',
    missing: '{kind, detail}',
    unknown: '{kind, detail}',
  },
  'service memory': {
    level: 'percent {usedBytes, leakBytes, swapBytes, ceilingBytes, ceilingOf: limit|ram, limitAt}',
    size: 'bytes {as level; ceilingBytes, ceilingOf may be null}',
    'no-ceiling': 'unknown: a share is asked for, and neither a limit nor the RAM is known {as size}',
  },
  growth: {
    leak: 'bytes-per-minute {slopeLow, slopeHigh, onsetAtMs, confidence, reason and its args}',
    growing: 'as leak; a warning at most',
    stable: 'ok, as leak',
    insufficient: 'unknown, as leak: too few samples',
    'no-history': 'unknown {}: nothing is recorded',
  },
  forecast: {
    'time-left':
      'seconds {lowSeconds, highSeconds, limitBytes, ceilingOf: limit|host, limitAt, reason and its args}',
    leak: 'unknown, as time-left: growth without a time',
    growing: 'unknown, as leak',
    stable: 'ok, as leak',
    insufficient: 'unknown, as leak',
    'no-history': 'unknown {}',
    'no-ceiling': 'unknown, as leak: it grows, and no limit is known',
  },
  limit: {
    limit: 'ok, bytes {limitAt, wantedBytes}',
    'no-limit': 'ok, warning when the config wants one; bytes {limitAt: null, wantedBytes}',
  },
  processes: { count: 'count {match} (no match: all)' },
  oom: { kills: 'count {}: OOM kills in this lifetime' },
  restarts: {
    count: 'ok, count {kind}: by the engine or systemd itself',
    masking:
      'count {kind, byTool, byEngine, bySystemd (of 7 days), over: day|week}: up, but restarted again and again',
  },
  restart_settings: {
    hammers: 'warning, seconds: RestartSec {restart, wantedDelaySeconds}',
    endless:
      'warning, seconds: StartLimitIntervalSec {delaySeconds, burst, wantedBurst, wantedIntervalSeconds}: never triggers, or is off (0)',
    outlived: 'warning, as endless {outlivesSeconds, restarts}: it lives too long between two crashes',
  },
  open_files: { count: 'count {}' },
  threads: { count: 'count {}' },
} as const
