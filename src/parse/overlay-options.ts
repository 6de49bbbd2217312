/**
 * The folders that an overlay is made of, from its options in mountinfo (overlayfs.rst of the kernel), such as
 * `rw,lowerdir=/a:/b\:c,upperdir=/u,workdir=/w`, `lowerdir+=/a,datadir+=/b`. Docker and podman write the lower ones as paths from
 * the folder in which the others lie: `lowerdir=l/AB:l/CD,upperdir=/var/lib/docker/overlay2/ID/diff`.
 */
export const overlayFolders = (options: string): string[] => {
  const upper: string[] = []
  const lower: string[] = []
  for (const option of options.split(',')) {
    const equals = option.indexOf('=')
    const [name, text] = [option.slice(0, equals), option.slice(equals + 1)]
    if (name === 'upperdir' || name === 'workdir') upper.push(unescaped(text))
    if (name === 'lowerdir+' || name === 'datadir+') lower.push(unescaped(text))
    if (name === 'lowerdir') lower.push(...text.split(/(?<!\\):/).map(unescaped))
  }
  const base = upper[0] === undefined ? null : folderOf(folderOf(upper[0]))
  return [
    ...upper,
    ...lower.map((path) => (isWhole(path) || base === null ? path : `${base}/${path}`)),
  ].filter(isWhole)
}

const unescaped = (text: string): string => text.replace(/\\(.)/g, '$1')

const isWhole = (path: string): boolean => path.startsWith('/')

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))
