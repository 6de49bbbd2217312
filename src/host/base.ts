/** What every part of the real host needs to know of where it is. */
export interface HostBase {
  /** `/`, or the folder given by --root, without a slash at its end. */
  readonly root: string
  readonly live: boolean
  readonly uid: number
  readonly pid: number
  readonly env: Readonly<Record<string, string | undefined>>
  /** The real path of a path as that host sees it: `/proc/stat` → `/captured/proc/stat`. */
  at(path: string): string
}
