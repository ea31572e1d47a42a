import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { now } from '@gatehouse/clock/clock'
import { HEARTBEAT_MS } from '@gatehouse/contracts/revocations'

/** A stream of revocations that makes rules as fast as one gateway takes them, and keeps none. */
export interface RuleSource {
  answer(request: IncomingMessage, response: ServerResponse): boolean
  /** Sends so many rules, each for a session of its own; resolves when the gateway has acknowledged the last. */
  send(count: number): Promise<void>
  /** Sends so many heartbeats in a row, each of which lets the gateway drop some of what is old. */
  beat(count: number): Promise<void>
  /** Milliseconds by which the instants of rules are ahead of the clock. */
  ahead: number
  close(): void
}

const RULES_PER_WRITE = 2_000

export function createRuleSource(): RuleSource {
  const epoch = randomUUID()
  let sequence = 0
  let acknowledged = 0
  let stream: ServerResponse | undefined

  const event = (name: string, data: object) =>
    `event: ${name}\nid: ${epoch}.${sequence}\ndata: ${JSON.stringify(data)}\n\n`
  const heartbeat = () => stream?.write(event('heartbeat', { sequence }))
  const timer = setInterval(heartbeat, HEARTBEAT_MS)
  const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

  const source: RuleSource = {
    ahead: 0,
    answer(request, response) {
      if (request.url === '/revocations') {
        stream = response.writeHead(200, { 'content-type': 'text/event-stream' })
        const lastEventId = request.headers['last-event-id']
        if (lastEventId !== `${epoch}.${sequence}`)
          stream.write(event('snapshot', { after: 0, sequence, rules: [], more: false }))
        heartbeat()
        return true
      }
      if (request.url !== '/revocations/acknowledgements') return false
      request.setEncoding('utf8').once('data', (text: string) => {
        acknowledged = (JSON.parse(text) as { sequence: number }).sequence
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ epoch, sequence }))
      })
      return true
    },
    async send(count) {
      const last = sequence + count
      while (sequence < last) {
        let text = ''
        for (let index = 0; index < RULES_PER_WRITE && sequence < last; index += 1) {
          sequence += 1
          text += event('revocation', {
            sequence,
            revocationId: randomUUID(),
            instant: now() + source.ahead,
            matches: [{ by: 'session', value: randomUUID() }],
          })
        }
        stream?.write(text)
        // Only so much at a time: what is measured is what the rules take, not what waits on the way.
        while (acknowledged < sequence) {
          if (!stream || stream.destroyed) throw new Error('the gateway broke off the stream')
          await pause(1)
        }
      }
    },
    async beat(count) {
      for (let index = 0; index < count; index += 1) {
        heartbeat()
        await pause(5)
      }
      await pause(1_000)
    },
    close() {
      clearInterval(timer)
      stream?.destroy()
    },
  }
  return source
}
