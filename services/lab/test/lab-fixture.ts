import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ServiceCalls } from '@gatehouse/contracts/calls'
import { buildForTest } from '@gatehouse/http/testing'
import twilio from 'twilio'
import { service } from '../src/service.ts'

export const ACCOUNT_SID = `AC${'0123456789abcdef'.repeat(2)}`
export const AUTH_TOKEN = 'fedcba9876543210'.repeat(2)
export const environment = { LAB_ACCOUNT_SID: ACCOUNT_SID, LAB_AUTH_TOKEN: AUTH_TOKEN }
export const SENDER = '+12025550100'

/** Twilio's own client with its own HTTP client, which only looks for api.twilio.com at another address. */
export function twilioClient(url: string, token = AUTH_TOKEN) {
  const httpClient = new twilio.RequestClient({ keepAlive: false })
  const request = httpClient.request.bind(httpClient)
  httpClient.request = (options) =>
    request({ ...options, uri: options.uri.replace('https://api.twilio.com', url) })
  return twilio(ACCOUNT_SID, token, { httpClient })
}

/** A lab that listens on a free port. */
export async function startLab(
  options: { databaseUrl?: string; calls?: ServiceCalls; environment?: Record<string, string> } = {},
) {
  const lab = await buildForTest(service, {
    ...options,
    environment: { ...environment, ...options.environment },
    fetch: globalThis.fetch,
  })
  const url = await lab.app.listen({ port: 0, host: '127.0.0.1' })
  return { ...lab, url, client: twilioClient(url), close: () => lab.app.close() }
}

export interface Received {
  path: string
  method: string
  form: Record<string, string>
  signature: string
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}

/** The application behind the carrier: takes callbacks and answers with TwiML. */
export async function startApplication(answer: (received: Received) => { status?: number; body?: string }) {
  const all: Received[] = []
  let wake = Promise.withResolvers<void>()
  const server = createServer(async (request, response) => {
    const received = {
      path: request.url ?? '',
      method: request.method ?? '',
      form: Object.fromEntries(new URLSearchParams(await textOf(request))),
      signature: String(request.headers['x-twilio-signature']),
    }
    all.push(received)
    const { status = 200, body = '' } = answer(received)
    response.writeHead(status, { 'content-type': 'text/xml', connection: 'close' }).end(body)
    wake.resolve()
    wake = Promise.withResolvers<void>()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    all,
    /** Resolves when `enough` of what was received satisfies the condition; rejects after 15 seconds. */
    async until(condition: (all: Received[]) => boolean): Promise<void> {
      const deadline = AbortSignal.timeout(15_000)
      const late = new Promise<never>((_resolve, reject) =>
        deadline.addEventListener('abort', () => reject(new Error('the application was not asked in time'))),
      )
      while (!condition(all)) await Promise.race([wake.promise, late])
    },
    close: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  }
}

export const isSigned = (url: string, { path, form, signature, method }: Received) =>
  twilio.validateRequest(AUTH_TOKEN, signature, url + path, method === 'GET' ? {} : form)

/** What the wait endpoint answers. */
export interface Answer {
  messages: {
    id: string
    cursor: number
    channel: string
    body: string
    code: string | null
    status: string
  }[]
  cursor: number
}

export async function messagesOf(url: string, number: string, query = ''): Promise<Answer> {
  const response = await fetch(`${url}/phones/${number}/messages${query}`, {
    signal: AbortSignal.timeout(10_000),
  })
  return (await response.json()) as Answer
}
