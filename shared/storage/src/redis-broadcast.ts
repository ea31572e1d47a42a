import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from '@redis/client'
import type { Broadcast } from './broadcast.ts'

/** How many messages stay in the stream: what a reader misses while it is away is lost, as the port allows. */
const KEPT_MESSAGES = 1_000
const READ_AT_ONCE = 100
/** Messages on their way at most; more are dropped, since a Redis that lags so far is of no use. */
const LONGEST_QUEUE = 1_000
/** Milliseconds that Redis holds back the answer to a reader for whom there is nothing. */
const BLOCK_MS = 250
/** Milliseconds after which a Redis that does not answer counts as hung. */
const DEADLINE_MS = 1_000
/** Milliseconds to wait before the second attempt; doubled for each one after it. */
const RETRY_MS = 250
const LONGEST_RETRY_MS = 4_000

interface Options {
  /** `redis://…` or `rediss://…`; may hold a password, so it is never logged. */
  url: string
  /** The key of the stream: the same for all processes of one service, and for no other service. */
  stream: string
  log: { warn(details: object, message: string): void; info(message: string): void }
}

type Client = ReturnType<typeof newClient>

/**
 * A broadcast over a Redis stream. Reading and writing have a connection each, because a blocked read holds up what comes after
 * it. Both are made anew in the background whenever Redis is gone or hung; that is logged once, and once when it is over.
 *
 * @throws if `url` is none; not if there is no Redis
 */
export function redisBroadcast({ url, stream, log }: Options): Broadcast {
  // The error of the library would repeat the URL.
  if (!/^rediss?:\/\//.test(url) || !URL.canParse(url))
    throw new Error('REDIS_URL must be redis:// or rediss://')
  const listeners = new Set<(message: unknown) => void>()
  const closing = new AbortController()
  const up = new Set<string>()
  let isUp = true
  let writer: { client: Client; failed: (error: unknown) => void } | undefined
  let underway = 0

  function report(role: string, error?: unknown): void {
    if (error === undefined) up.add(role)
    else up.delete(role)
    if (closing.signal.aborted) return
    if (error !== undefined && isUp) {
      isUp = false
      log.warn({ reason: error instanceof Error ? error.message : 'unknown' }, 'Redis is not there')
    } else if (!isUp && up.size === 2) {
      isUp = true
      log.info('Redis is there again')
    }
  }

  /** Keeps a connection open, and makes another whenever it breaks or `use` gives it up. */
  async function stayConnected(role: string, use: (client: Client) => Promise<unknown>): Promise<void> {
    let retryMs = RETRY_MS
    while (!closing.signal.aborted) {
      const client = newClient(url)
      // Rejects everything that waits for an answer.
      const end = () => client.destroy()
      closing.signal.addEventListener('abort', end, { once: true })
      client.on('error', () => {})
      try {
        await inTime(client.connect())
        report(role)
        retryMs = RETRY_MS
        await use(client)
      } catch (error) {
        report(role, error)
      } finally {
        closing.signal.removeEventListener('abort', end)
        client.destroy()
      }
      await pause(retryMs, undefined, { signal: closing.signal }).catch(() => {})
      retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS)
    }
  }

  async function read(client: Client): Promise<never> {
    const [newest] = (await inTime(client.xRevRange(stream, '+', '-', { COUNT: 1 }))) ?? []
    let after = newest?.id ?? '0-0'
    while (true) {
      const reading = client.xRead({ key: stream, id: after }, { BLOCK: BLOCK_MS, COUNT: READ_AT_ONCE })
      for (const { id, message } of entriesOf(await inTime(reading, BLOCK_MS + DEADLINE_MS))) {
        after = id
        deliver(message.json)
      }
    }
  }

  function deliver(json: string | undefined): void {
    let message: unknown
    try {
      message = JSON.parse(json ?? '')
    } catch {
      // Not from here.
      return
    }
    for (const listener of listeners) listener(message)
  }

  async function write(client: Client): Promise<void> {
    try {
      await new Promise<never>((_resolve, failed) => {
        client.on('error', failed)
        client.on('end', () => failed(new Error('closed')))
        writer = { client, failed }
      })
    } finally {
      writer = undefined
    }
  }

  const loops = [stayConnected('reader', read), stayConnected('writer', write)]

  return {
    publish(message) {
      if (!writer || underway >= LONGEST_QUEUE) return
      const { client, failed } = writer
      underway += 1
      const trim = { TRIM: { strategy: 'MAXLEN', strategyModifier: '~', threshold: KEPT_MESSAGES } } as const
      inTime(client.xAdd(stream, '*', { json: JSON.stringify(message) }, trim))
        .catch(failed)
        .finally(() => {
          underway -= 1
        })
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async close() {
      listeners.clear()
      closing.abort()
      await Promise.all(loops)
    },
  }
}

function newClient(url: string) {
  return createClient({
    url,
    // Whether to wait, and for how long, is decided here and not by the library.
    socket: { connectTimeout: DEADLINE_MS, reconnectStrategy: false },
    disableOfflineQueue: true,
    commandOptions: { timeout: 0 },
    disableClientInfo: true,
    maintNotifications: 'disabled',
  })
}

interface Entry {
  id: string
  message: Record<string, string>
}

function entriesOf(answer: unknown): Entry[] {
  const streams = (answer ?? []) as { messages: Entry[] }[]
  return streams.flatMap(({ messages }) => messages)
}

/** The library does not notice a server that takes commands and answers none. */
async function inTime<T>(promise: Promise<T>, milliseconds = DEADLINE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), milliseconds)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
