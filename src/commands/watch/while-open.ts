import { failed } from '../../core/reading.ts'
import type { Host } from '../../host/host.ts'

/**
 * The same host, which nothing is done to, written on or told of once `isOver`. A round whose time is up cannot be stopped: what it
 * waits for may come when the next round is at work, and it would go on with what it saw long ago. Under cron the process
 * has ended by then.
 */
export const whileOpen = (host: Host, isOver: () => boolean): Host => {
  const refused = (path: string) => failed('refused', path, 'the time of this run is up')
  const { save } = host
  const guarded: Partial<Host['save']> = {
    ensureFolder: (path) => (isOver() ? refused(path) : save.ensureFolder(path)),
    append: (path, text) => (isOver() ? refused(path) : save.append(path, text)),
    cut: (path, bounds) => (isOver() ? refused(path) : save.cut(path, bounds)),
    replace: (path, ...rest) => (isOver() ? refused(path) : save.replace(path, ...rest)),
    setAside: (path) => (isOver() ? refused(path) : save.setAside(path)),
    remove: (path) => (isOver() ? refused(path) : save.remove(path)),
    positioned: (path, access, use) =>
      isOver() && access === 'write' ? refused(path) : save.positioned(path, access, use),
  }
  return {
    ...host,
    save: { ...save, ...guarded },
    net: { ...host.net, http: async (...to) => (isOver() ? refused('the network') : host.net.http(...to)) },
    run: async (argv, ...rest) => (isOver() ? refused(argv[0] ?? 'a program') : host.run(argv, ...rest)),
    apply: async (action) =>
      isOver() ? { outcome: 'failed', detail: 'the time of this run is up' } : host.apply(action),
  }
}
