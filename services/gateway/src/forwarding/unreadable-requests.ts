import { randomUUID } from 'node:crypto'
import { type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyBaseLogger } from 'fastify'

/** What Node's parser gives up on, by its error code; everything else of its errors is a 400. */
const STATUSES: Record<string, number> = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 }

/**
 * Answers what Node's parser refuses before there is a request (a bare LF, a space before a colon, length and chunked together …)
 * with a problem document, and closes the connection: what follows on it cannot be told apart from the refused.
 *
 * @param answering the answer under way on a connection, into which nothing may be written
 */
export function answerUnreadableRequests(
  server: Server,
  answering: WeakMap<Socket, ServerResponse>,
  log: FastifyBaseLogger,
): void {
  server.removeAllListeners('clientError')
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    const status = STATUSES[error.code ?? ''] ?? 400
    log.info({ reason: error.code, status }, 'unreadable request')
    const underWay = answering.get(socket)
    if (!underWay?.headersSent || underWay.writableFinished) socket.write(problemAnswer(status))
    socket.destroySoon()
  })
}

function problemAnswer(status: number): string {
  const problem = {
    type: 'urn:gatehouse:problem:unreadable_request',
    title: 'The request cannot be read',
    status,
    code: 'unreadable_request',
    requestId: randomUUID(),
  }
  const body = JSON.stringify(problem)
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    'connection: close',
    '',
    body,
  ].join('\r\n')
}
