/** What can start commands again and again. */
export const schedulers = ['cron', 'systemd'] as const
export type Scheduler = (typeof schedulers)[number]

export const schedulerOf = (name: unknown): Scheduler | null => schedulers.find((one) => one === name) ?? null

/** The one that it is not. */
export const otherScheduler: Record<Scheduler, Scheduler> = { cron: 'systemd', systemd: 'cron' }
