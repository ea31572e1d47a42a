// What stands behind the gateway in the measurement: answers 100 bytes of JSON and does nothing else.
import { createServer } from 'node:http'
import { listening } from './listening.ts'

const BODY = JSON.stringify({
  results: [{ ssn: 'XXXXX4325', firstName: 'MARIA', lastName: 'EXAMPLE', result: 'Yes' }],
})
const server = createServer((request, response) => {
  request.resume()
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(BODY) })
  response.end(BODY)
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as { port: number }
  listening(`http://127.0.0.1:${port}`)
})
