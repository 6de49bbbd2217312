// Serves streams and keeps each one's buffer for ever; answers every deletion with 500, and counts them.
const http = require('node:http')

const kept = []
let deletions = 0

http
  .createServer((request, response) => {
    if (request.method === 'DELETE') {
      deletions++
      console.log(`RECORD DELETE FAILED ${request.url}`)
      response.writeHead(500).end('record is locked')
    } else if (request.url === '/stream') {
      // Written to, so that the kernel really has to give it.
      kept.push(Buffer.alloc(512 * 1024, kept.length & 255))
      response.end('done')
    } else response.end(String(deletions))
  })
  .listen(Number(process.env.PORT), '127.0.0.1')
