// curl -fsS -X DELETE, for a root without curl; by node:http, which is there sooner than fetch.
require('node:http')
  .request(process.argv[2], { method: 'DELETE', agent: false }, (answer) => {
    if (answer.statusCode >= 400) console.error(`The requested URL returned error: ${answer.statusCode}`)
    process.exit(answer.statusCode >= 400 ? 22 : 0)
  })
  .on('error', () => process.exit(7))
  .end()
