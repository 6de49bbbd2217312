const suffix = /\.(?:service|socket|target|timer|mount|automount|path|scope|slice|swap|device)$/

/** As systemctl completes a name: `monitor` is `monitor.service`, and so is `my.app` `my.app.service`. */
export const fullUnitName = (name: string): string => (suffix.test(name) ? name : `${name}.service`)
