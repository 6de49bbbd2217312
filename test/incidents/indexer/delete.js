// curl -fsS -X DELETE, for a root without curl.
fetch(process.argv[2], { method: 'DELETE' }).then(
  ({ ok, status }) => {
    if (!ok) console.error(`The requested URL returned error: ${status}`)
    process.exitCode = ok ? 0 : 22
  },
  () => {
    process.exitCode = 7
  },
)
