import { exitCode, HealthError } from '../../core/errors.ts'
import { localStamp } from '../../core/stamp.ts'
import { formatDuration } from '../../core/units.ts'
import type { EndSignal, HostScreen } from '../../host/host.ts'
import { inkFor } from '../../report/color.ts'
import { enterScreen, leaveScreen, redrawn } from '../../report/screen.ts'
import { lineCells } from '../../report/view.ts'
import { fitText } from '../../report/width.ts'
import type { RunContext } from '../command.ts'

export type Draw = (size: { columns: number; rows: number }) => Promise<string>

/**
 * Shows it again and again on the terminal's other screen, until a signal; what was there before is back then, whatever
 * ends it. @throws HealthError 64 where there is no terminal to redraw
 */
export const watchStatus = async (
  { host, global }: RunContext,
  intervalMs: number,
  draw: Draw,
): Promise<EndSignal> => {
  const screen = screenOf(host.out.screen, global.json)
  const bell = { ended: null as EndSignal | null, ring: (): void => {} }
  host.onEndSignal((signal) => {
    bell.ended = signal
    bell.ring()
  })
  screen.onResize(() => bell.ring())
  const ink = inkFor(host.out.color)
  let isEntered = false
  try {
    while (bell.ended === null) {
      const { columns, rows } = screen.size()
      // With hundreds of services the first picture takes seconds; till then the terminal stays as it was.
      const drawn = await draw({ columns, rows: rows - 1 })
      if (!isEntered) host.out.stdout(enterScreen)
      isEntered = true
      const foot = `${localStamp(host.now())}, every ${formatDuration(intervalMs / 1000)}; Ctrl-C ends it`
      const text = drawn
        .replace(/\n$/, '')
        .split('\n')
        .slice(0, rows - 1)
      host.out.stdout(
        redrawn([...text, ink('dim', fitText(foot, Math.min(columns, lineCells(columns))))].join('\n')),
      )
      if (bell.ended !== null) break
      const timer = host.timer(intervalMs)
      await new Promise<void>((resolve) => {
        bell.ring = resolve
        timer.done.then(resolve)
      })
      timer.cancel()
    }
    return bell.ended
  } finally {
    if (isEntered) host.out.stdout(leaveScreen)
  }
}

const screenOf = (screen: HostScreen | undefined, json: boolean): HostScreen => {
  if (screen !== undefined && !json) return screen
  throw new HealthError(
    exitCode.usage,
    json
      ? '--watch is for people, and --json for programs'
      : '--watch redraws a terminal, and this output is none',
    'leave --watch out: `oratio-health status` says it once',
  )
}
