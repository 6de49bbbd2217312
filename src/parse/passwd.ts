/** /etc/passwd (passwd(5)), lines such as `daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin` → uid by name; the first of two counts. */
export const parsePasswd = (text: string): Map<string, number> => {
  const uids = new Map<string, number>()
  for (const line of text.split('\n')) {
    const [name, , uid = ''] = line.split(':', 3)
    if (name && /^\d{1,10}$/.test(uid) && !uids.has(name)) uids.set(name, Number(uid))
  }
  return uids
}
