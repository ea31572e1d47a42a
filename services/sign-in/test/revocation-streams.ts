// What the tests of the stream stand on: a service with the stream alone, a client that reads it off the wire, and
// broadcasts that do what a broadcast may do.

import { get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { defineService } from '@gatehouse/http/service'
import { buildForTest } from '@gatehouse/http/testing'
import { type Broadcast, localBroadcast } from '@gatehouse/storage/broadcast'
import { Type } from 'typebox'
import { migrations } from '../src/migrations.ts'
import { addRevocationStreamRoutes } from '../src/revocation-stream/routes.ts'
import { createRuleLog, type RuleLog } from '../src/revocation-stream/rule-log.ts'

const LONGEST_WAIT_MS = 15_000

interface Options {
  databaseUrl?: string
  broadcast?: Broadcast
  longestStreamMs?: number
}

/** A process of sign-in as far as the stream goes, listening on a port of its own. */
export async function startStreaming({ databaseUrl, broadcast, longestStreamMs }: Options = {}) {
  const between = broadcast ?? localBroadcast()
  let ruleLog: RuleLog | undefined
  const built = await buildForTest(
    defineService({
      name: 'sign-in',
      summary: 'The stream of revocations alone',
      configuration: Type.Object({}),
      migrations,
      async build(app, { database, log }) {
        ruleLog = await createRuleLog({ database, broadcast: between, log })
        addRevocationStreamRoutes(app, ruleLog, longestStreamMs ? { longestStreamMs } : {})
        app.addHook('preClose', async () => ruleLog?.close())
        app.addHook('onClose', () => between.close())
      },
    }),
    databaseUrl ? { databaseUrl } : {},
  )
  await built.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = built.app.server.address() as AddressInfo
  const headers = await built.as('gateway', 'revocations.read')

  const openWith = (authorization: Record<string, string>, lastEventId?: string) =>
    openStream(port, { ...authorization, ...(lastEventId ? { 'last-event-id': lastEventId } : {}) })

  return {
    ...built,
    ruleLog: ruleLog as RuleLog,
    port,
    open: (lastEventId?: string) => openWith(headers, lastEventId),
    /** With a token of its own, as the first ends when the clock moves. */
    openWith,
    acknowledge: async (acknowledgement: unknown) =>
      built.app.inject({
        method: 'POST',
        url: '/revocations/acknowledgements',
        headers,
        payload: acknowledgement as object,
      }),
    [Symbol.asyncDispose]: () => built.app.close(),
  }
}

export interface ReceivedEvent {
  event: string
  id: string
  data: Record<string, unknown>
}

export type OpenStream = Awaited<ReturnType<typeof openStream>>

/** Reads a stream off the wire, without any library that would be kinder than a gateway's. */
export async function openStream(port: number, headers: Record<string, string>) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/revocations', headers, agent: false }, resolve).once(
      'error',
      reject,
    )
  })
  const events: ReceivedEvent[] = []
  let unread = ''
  let isOver = false
  /** Whether the other side ended it properly. */
  let isComplete = false
  response.setEncoding('utf8')
  response.on('data', (chunk: string) => {
    unread += chunk
    const blocks = unread.split('\n\n')
    unread = blocks.pop() ?? ''
    for (const block of blocks) events.push(readEvent(block))
  })
  response.on('end', () => {
    isComplete = response.complete
  })
  response.on('error', () => {})
  response.on('close', () => {
    isOver = true
  })
  let read = 0

  return {
    status: response.statusCode,
    headers: response.headers,
    response,
    /** All that came so far. */
    events,
    /** The next event that has not been asked for yet; heartbeats only if they are asked for. */
    async next(event?: string): Promise<ReceivedEvent> {
      const deadline = performance.now() + LONGEST_WAIT_MS
      while (performance.now() < deadline) {
        if (read === events.length) {
          if (isOver) throw new Error('the stream is over')
          await pause(2)
          continue
        }
        const found = events[read++] as ReceivedEvent
        if (event ? found.event === event : found.event !== 'heartbeat') return found
      }
      throw new Error(`no ${event ?? 'event'} in time`)
    },
    /** Waits for its end; whether it was a proper one. */
    async ended(): Promise<boolean> {
      const deadline = performance.now() + LONGEST_WAIT_MS
      while (!isOver && performance.now() < deadline) await pause(2)
      if (!isOver) throw new Error('the stream did not end in time')
      return isComplete
    },
    close: () => response.destroy(),
  }
}

function readEvent(block: string): ReceivedEvent {
  const fields = Object.fromEntries(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(': ') + 2)]),
  )
  return { event: fields.event ?? '', id: fields.id ?? '', data: JSON.parse(fields.data ?? 'null') }
}

export const matchSession = (value: string) => ({
  revocationId: `revocation-${value}`,
  matches: [{ by: 'session' as const, value }],
})

/** A broadcast between rule logs of one test that loses, doubles, delays and swaps messages, or is silent. */
export function faultyBroadcast(fault: (message: unknown, deliver: (message: unknown) => void) => void) {
  const medium = localBroadcast()
  return (): Broadcast => ({
    publish: (message) => fault(message, medium.publish),
    subscribe: medium.subscribe,
    close: async () => {},
  })
}
