import { createServer } from 'node:net'

// Listens and never accepts: once the queue of the kernel is full, a connection gets no answer at all.
const server = createServer()
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  process.stdout.write(`${(server.address() as { port: number }).port}\n`, () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  })
})
