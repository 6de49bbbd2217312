import { exitCode, HealthError } from '../../core/errors.ts'
import type { Host } from '../../host/host.ts'
import { dropInPath, isOurDropIn } from '../../plan/journal-limits.ts'

const folder = dropInPath.slice(0, dropInPath.lastIndexOf('/'))

/**
 * The text of our drop-in, null without one. What stands in the way is said before anything is changed: a folder that
 * is a symbolic link would have us write somewhere else, and a file of that name that others wrote is theirs.
 */
export const ownDropIn = (host: Host): string | null => {
  const at = host.files.info(folder)
  if (at.kind === 'value' && at.value.kind !== 'folder')
    throw new HealthError(
      exitCode.critical,
      `${folder} is ${at.value.kind === 'symlink' ? 'a symbolic link' : 'no folder'}; nothing is written through it`,
      'make it a folder',
    )
  const info = host.files.info(dropInPath)
  if (info.kind === 'absent') return null
  const text = info.kind === 'value' && info.value.kind === 'file' ? host.files.readText(dropInPath) : null
  if (text?.kind === 'value' && isOurDropIn(text.value)) return text.value
  if (info.kind === 'failed' || text?.kind === 'failed')
    throw new HealthError(exitCode.noPermission, `${dropInPath} could not be read`, 'run it as root')
  throw new HealthError(
    exitCode.critical,
    `${dropInPath} was not written by oratio-health, so it stays as it is`,
    'move it away, or give it another name',
  )
}

export const notWritten = (detail: string): HealthError => {
  const isDenied = /\((?:EACCES|EPERM)\)/.test(detail)
  return new HealthError(
    isDenied ? exitCode.noPermission : exitCode.critical,
    `${dropInPath}: nothing was changed: ${detail}`,
    isDenied ? 'run it as root' : /EROFS/.test(detail) ? 'remount /etc writable' : null,
  )
}
