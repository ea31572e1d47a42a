// In the place of sign-in's stream, for tests and benchmarks: says what the script has it say, well or badly. Never loaded by a service.

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { now } from '@gatehouse/clock/clock'
import { type Acknowledgement, HEARTBEAT_MS, type RevocationRule } from '@gatehouse/contracts/revocations'

/** What goes wrong, from now on and until it is set back. */
export interface Faults {
  /** Connections stay open and nothing comes on them, nor on new ones. */
  silent: boolean
  /** Streams are answered with this status. */
  refusedWith: 401 | 503 | undefined
  /** Milliseconds that every event of a stream is late. */
  lateMs: number
  /** Every event comes twice. */
  duplicating: boolean
  /** Of two rules the second comes first. */
  reordering: boolean
  /** Rules are stored and not sent; heartbeats know nothing of them. */
  losing: boolean
  acknowledgements: 'answered' | 'hanging' | 'failing'
}

interface History {
  epoch: string
  rules: RevocationRule[]
}

export interface ScriptedStream {
  faults: Faults
  /** Every acknowledgement that came in, also those that were not answered. */
  acknowledgements: Acknowledgement[]
  /** The `Last-Event-ID` of every stream that was asked for. */
  openings: (string | undefined)[]
  readonly sequence: number
  /** Stores the next rule and sends it. Its instant is now, unless given in milliseconds. */
  revoke(matches: RevocationRule['matches'], instant?: number): RevocationRule
  /** Ends all open streams, `in order` or by resetting the connection. */
  cut(how?: 'in order'): void
  /** Another history, as of a database from a backup: what was stored is gone, and sequences begin anew. */
  startNewHistory(): void
  /** What a later stream must be given to go on where this one was. */
  history(): History
  /** Answers `GET /revocations` and `POST /revocations/acknowledgements`. @returns false for anything else, which is left alone */
  answer(request: IncomingMessage, response: ServerResponse): boolean
  close(): void
}

/** Rules in one part of a snapshot, so that a few are enough for several parts. */
const RULES_PER_PART = 3

export function createScriptedStream(history?: History): ScriptedStream {
  const faults: Faults = {
    silent: false,
    refusedWith: undefined,
    lateMs: 0,
    duplicating: false,
    reordering: false,
    losing: false,
    acknowledgements: 'answered',
  }
  const acknowledgements: Acknowledgement[] = []
  const openings: (string | undefined)[] = []
  const streams = new Set<ServerResponse>()
  let epoch = history?.epoch ?? randomUUID()
  let stored: RevocationRule[] = history?.rules ?? []
  let held: (() => void) | undefined

  function send(response: ServerResponse, event: string, sequence: number, data: object): void {
    const text = `event: ${event}\nid: ${epoch}.${sequence}\ndata: ${JSON.stringify(data)}\n\n`
    const write = () => {
      if (!faults.silent && !response.destroyed) response.write(faults.duplicating ? text + text : text)
    }
    if (faults.lateMs > 0) setTimeout(write, faults.lateMs).unref()
    else write()
  }

  const heartbeat = (response: ServerResponse, sequence = stored.length) =>
    send(response, 'heartbeat', sequence, { sequence })

  function open(request: IncomingMessage, response: ServerResponse): void {
    const lastEventId = request.headers['last-event-id'] as string | undefined
    openings.push(lastEventId)
    if (faults.refusedWith) return void response.writeHead(faults.refusedWith).end()
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    streams.add(response)
    response.once('close', () => streams.delete(response))
    const [, from] = new RegExp(`^${epoch}\\.(\\d+)$`).exec(lastEventId ?? '') ?? []
    if (from === undefined) sendSnapshot(response)
    else for (const rule of stored.slice(Number(from))) send(response, 'revocation', rule.sequence, rule)
    heartbeat(response)
  }

  function sendSnapshot(response: ServerResponse): void {
    for (let start = 0; start === 0 || start < stored.length; start += RULES_PER_PART) {
      const rules = stored.slice(start, start + RULES_PER_PART)
      const sequence = start + rules.length
      const more = sequence < stored.length
      send(response, 'snapshot', sequence, { after: start, sequence, rules, more })
    }
  }

  async function acknowledge(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    acknowledgements.push(JSON.parse(Buffer.concat(chunks).toString()) as Acknowledgement)
    if (faults.acknowledgements === 'hanging') return
    if (faults.acknowledgements === 'failing') return void response.writeHead(500).end('{}')
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ epoch, sequence: stored.length }))
  }

  const beat = setInterval(() => {
    const known = faults.losing ? 0 : stored.length
    for (const response of streams) heartbeat(response, known)
  }, HEARTBEAT_MS).unref()

  function sendRule(rule: RevocationRule): void {
    if (faults.losing) return
    const pass = () => {
      for (const response of streams) send(response, 'revocation', rule.sequence, rule)
    }
    if (faults.reordering && !held) {
      held = pass
      return
    }
    pass()
    held?.()
    held = undefined
  }

  return {
    faults,
    acknowledgements,
    openings,
    get sequence() {
      return stored.length
    },
    revoke(matches, instant = now()) {
      const rule = { sequence: stored.length + 1, revocationId: randomUUID(), instant, matches }
      stored.push(rule)
      sendRule(rule)
      return rule
    },
    cut(how) {
      for (const response of streams) {
        if (how === 'in order') response.end()
        else response.destroy()
      }
    },
    startNewHistory() {
      epoch = randomUUID()
      stored = []
    },
    history: () => ({ epoch, rules: stored }),
    answer(request, response) {
      if (request.method === 'GET' && request.url === '/revocations') open(request, response)
      else if (request.method === 'POST' && request.url === '/revocations/acknowledgements')
        // A client that went away in the middle of its acknowledgement.
        acknowledge(request, response).catch(() => response.destroy())
      else return false
      return true
    },
    close() {
      clearInterval(beat)
      for (const response of streams) response.destroy()
    },
  }
}

/** A scripted stream on a port of loopback: any that is free, unless given. */
export async function startScriptedStream({
  history,
  port = 0,
}: {
  history?: History
  port?: number
} = {}): Promise<ScriptedStream & { origin: string }> {
  const stream = createScriptedStream(history)
  const server = createServer((request, response) => {
    if (!stream.answer(request, response)) response.writeHead(404).end()
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const { close } = stream
  return Object.assign(stream, {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      close()
      server.closeAllConnections()
      server.close()
    },
  })
}
