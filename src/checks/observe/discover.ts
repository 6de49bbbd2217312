import type { ContainerFacts, UnitFacts } from '../../core/facts.ts'

const recentlyMs = 86_400_000

/** Exit codes of a container that did not end by itself or by being asked to: 137 is SIGKILL, by whomever. */
const endedWell = new Set([0, 130, 143])

/** Containers worth a look when none are configured: those that are up, and those that went down badly today. */
export const discoverContainers = (containers: readonly ContainerFacts[], nowMs: number): ContainerFacts[] =>
  containers.filter((container) => {
    switch (container.state) {
      case 'running':
      case 'restarting':
      case 'paused':
      case 'dead':
      case 'unknown':
        return true
      case 'exited':
        return container.notInspected === undefined && wentDownBadly(container, nowMs)
      default:
        return false
    }
  })

const wentDownBadly = ({ exitCode, oomKilled, finishedAtMs }: ContainerFacts, nowMs: number): boolean =>
  (oomKilled || (exitCode !== null && !endedWell.has(exitCode))) &&
  finishedAtMs !== null &&
  nowMs - finishedAtMs < recentlyMs

/** Units worth a look when none are configured: failed, being restarted, or restarted by systemd before. */
export const discoverUnits = (units: readonly UnitFacts[]): UnitFacts[] =>
  units.filter(
    ({ activeState, subState, restarts }) =>
      activeState === 'failed' || subState.startsWith('auto-restart') || restarts > 0,
  )
