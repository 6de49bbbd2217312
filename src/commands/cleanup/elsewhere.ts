import { clip } from '../../core/escape.ts'
import { valueOrNull } from '../../core/reading.ts'
import { type Cleaned, mostListed } from '../../report/cleanup-text.ts'
import type { RunContext } from '../command.ts'
import type { ReadyRule } from './rules.ts'
import type { ToldRule } from './wanted.ts'

/** What stands before a rule in the arguments of the process that cleans it. */
export const ruleFollows = '-'

/** Kept for the end of that process, and for giving it up, when the time is up. */
const [endMs, giveUpMs] = [3000, 1200]
const mostOutputBytes = 16 * 1024 * 1024

/**
 * Cleans a folder on a network or FUSE file system in a process of its own. When the server dies in the middle of it a call never
 * returns, and no signal ends who has made it; so it is not this program that waits, and the process is left behind.
 * Its state is its own, since it has to hold a lock.
 */
export const cleanElsewhere = async (
  { host, global, loaded, remainingMs }: RunContext,
  { wanted, path, root, isAdHoc }: Pick<ReadyRule, 'wanted' | 'path' | 'root' | 'isAdHoc'>,
): Promise<Partial<Cleaned>> => {
  const leftMs = Math.min(remainingMs(), 86_400_000)
  const told: ToldRule = { rule: { ...wanted, path: root ?? path }, isAdHoc }
  // It runs in another folder than this one.
  const wholePath = (given: string): string => valueOrNull(host.files.resolve(given))?.path ?? given
  if (!global.dryRun) host.save.ensureFolder(global.logDir)
  const answer = await host.run(
    [
      ...host.program,
      ...['cleanup-tmp', '--json', '--timeout', `${Math.round(Math.max(leftMs - endMs, leftMs / 3, 1))}ms`],
      ...['--state-dir', `${wholePath(global.stateDir)}/remote`, '--log-dir', wholePath(global.logDir)],
      ...(loaded?.path ? ['-c', wholePath(loaded.path)] : []),
      ...(global.dryRun ? ['-n'] : []),
      ...[ruleFollows, JSON.stringify(told)],
    ] as [string, ...string[]],
    { timeoutMs: Math.max(leftMs - giveUpMs, leftMs / 2), maxOutputBytes: mostOutputBytes },
  )
  if (answer.kind === 'failed' && answer.cause === 'timeout')
    return {
      blind: [
        `${path}: its file system stopped answering in the middle; what was removed until then is in the log`,
      ],
      isUnfinished: true,
    }
  if (answer.kind !== 'value')
    return {
      blind: [`${path}: it could not be cleaned: ${answer.kind === 'failed' ? answer.detail : answer.what}`],
    }
  const { stdout, stderr, exitCode, signal } = answer.value
  return (
    cleanedOf(stdout) ?? {
      blind: [
        `${path}: the process that cleans it ended with ${signal ?? exitCode}: ${clip(errorOf(stdout) ?? stderr, 300)}`,
      ],
    }
  )
}

const errorOf = (text: string): string | null => {
  try {
    return JSON.parse(text).error.message
  } catch {
    return null
  }
}

/** Of its document; null: there is none. */
const cleanedOf = (text: string): Partial<Cleaned> | null => {
  try {
    const {
      removed,
      removedBytes,
      kept,
      paths,
      skipped,
      skippedCount,
      failed,
      failedCount,
      failedAgainCount,
      unfinished,
      notDone,
    } = JSON.parse(text)
    if (typeof removed !== 'number') return null
    const told = failedCount - failedAgainCount
    return {
      ...{ removed, removedBytes, kept, paths, skipped, skippedCount, failedCount, failedAgainCount },
      // In this order.
      ...{ failed: failed.slice(0, told), failedAgain: failed.slice(told) },
      ...{ isUnfinished: unfinished, blind: notDone },
    }
  } catch {
    return null
  }
}

const counts = ['removed', 'removedBytes', 'kept', 'skippedCount', 'failedCount', 'failedAgainCount'] as const

export const addCleaned = (to: Cleaned, more: Partial<Cleaned>): void => {
  for (const count of counts) to[count] += more[count] ?? 0
  to.isUnfinished ||= more.isUnfinished ?? false
  to.paths.push(...(more.paths ?? []).slice(0, mostListed - to.paths.length))
  to.skipped.push(...(more.skipped ?? []).slice(0, mostListed - to.skipped.length))
  to.failed.push(...(more.failed ?? []).slice(0, mostListed - to.failed.length))
  to.failedAgain.push(...(more.failedAgain ?? []).slice(0, mostListed - to.failedAgain.length))
  to.blind.push(...(more.blind ?? []))
}
