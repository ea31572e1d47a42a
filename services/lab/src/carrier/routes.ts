// The part of Twilio's REST API that its own Node client uses for texts and calls. One encapsulated scope: the errors,
// the form bodies with repeated fields and the basic authentication in here are Twilio's, not the suite's.
import { timingSafeEqual } from 'node:crypto'
import type { App } from '@gatehouse/http/service'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { isServed } from '../phone-numbers.ts'
import type { Application, Message } from '../phones/messages.ts'
import type { MessageStore } from '../phones/store.ts'
import type { Calls } from './calls.ts'
import { API_VERSION, callResource, messageResource } from './resources.ts'
import type { Texts } from './texts.ts'
import { asTwilioError, errorBody, TwilioError, type TwilioErrorCode } from './twilio-errors.ts'
import { MAXIMUM_TWIML_BYTES } from './twiml.ts'

interface Dependencies {
  accountSid: string
  authToken: string
  store: MessageStore
  texts: Texts
  calls: Calls
}

/** Twilio's limit for one message, in characters. */
const MAXIMUM_BODY = 1_600
const CALL_EVENTS = ['initiated', 'ringing', 'answered', 'completed']
const NUMBER = /^\+[1-9][0-9]{6,14}$/
const SHORT_CODE = /^[0-9]{5,6}$/
/** The lab's own: a sender that the account does not own, so that this failure can be tried too. */
const FOREIGN_SENDER = /^\+1[2-9][0-9]{2}5550196$/

const Params = Type.Object({ accountSid: Type.String(), sid: Type.Optional(Type.String()) })

function urlOf(value: string | null, errorCode: TwilioErrorCode): string | undefined {
  if (!value) return undefined
  const url = URL.parse(value)
  if (!url || !/^https?:$/.test(url.protocol) || value.length > 4_000) throw new TwilioError(errorCode)
  return value
}

function methodOf(value: string | null): 'GET' | 'POST' | undefined {
  return value === null ? undefined : value.toUpperCase() === 'GET' ? 'GET' : 'POST'
}

/** Checks `To` and `From` as Twilio does, with its codes for what is missing, malformed or not ours. */
function endpoints(
  form: URLSearchParams,
  codes: { noTo: 21604 | 21201; noFrom: 21603 | 21213; foreign: 21606 | 21210 },
) {
  const to = form.get('To')
  const from = form.get('From')
  if (!to) throw new TwilioError(codes.noTo)
  if (!isServed(to)) throw new TwilioError(21211)
  if (!from) throw new TwilioError(codes.noFrom)
  if (!NUMBER.test(from) && !SHORT_CODE.test(from)) throw new TwilioError(21212)
  if (FOREIGN_SENDER.test(from)) throw new TwilioError(codes.foreign)
  return { to, from }
}

function callApplication(form: URLSearchParams): Application {
  const twiml = form.get('Twiml')
  const url = urlOf(form.get('Url'), 21205)
  if (!url && !twiml) throw new TwilioError(21205)
  // Twilio's own limit for TwiML in the request is lower; the lab's documents have one limit everywhere.
  if (twiml && twiml.length > MAXIMUM_TWIML_BYTES) throw new TwilioError(20413)
  const statusCallbackEvents = form.getAll('StatusCallbackEvent')
  if (statusCallbackEvents.some((event) => !CALL_EVENTS.includes(event))) throw new TwilioError(21626)
  const method = methodOf(form.get('Method'))
  const statusCallback = urlOf(form.get('StatusCallback'), 21502)
  const statusCallbackMethod = methodOf(form.get('StatusCallbackMethod'))
  return {
    ...(url ? { url } : {}),
    ...(method ? { method } : {}),
    ...(twiml && !url ? { twiml } : {}),
    ...(statusCallback ? { statusCallback } : {}),
    ...(statusCallbackMethod ? { statusCallbackMethod } : {}),
    ...(statusCallbackEvents.length > 0 ? { statusCallbackEvents } : {}),
  }
}

export function addCarrierRoutes(
  app: App,
  { accountSid, authToken, store, texts, calls }: Dependencies,
): void {
  const expected = Buffer.from(`Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`)

  function isAuthentic(request: FastifyRequest): boolean {
    const given = Buffer.from(request.headers.authorization ?? '')
    return given.length === expected.length && timingSafeEqual(given, expected)
  }

  app.register(
    async (api: App) => {
      api.removeContentTypeParser('application/x-www-form-urlencoded')
      api.addContentTypeParser(
        'application/x-www-form-urlencoded',
        { parseAs: 'string' },
        (_request, body, done) => done(null, new URLSearchParams(String(body))),
      )
      api.addHook('onRequest', async (request, reply) => {
        if (isAuthentic(request)) return
        reply.header('www-authenticate', 'Basic realm="Twilio API"')
        throw new TwilioError(20003)
      })
      api.setErrorHandler<Error & { statusCode?: number }>((error, request, reply) => {
        const known = asTwilioError(error)
        if (known.status >= 500) request.log.error({ err: error }, 'carrier request failed')
        return reply.code(known.status).send(errorBody(known))
      })
      api.setNotFoundHandler(() => {
        throw new TwilioError(20404)
      })

      function formOf(request: { body: unknown; params: { accountSid: string } }): URLSearchParams {
        if (request.params.accountSid !== accountSid) throw new TwilioError(20404)
        if (!(request.body instanceof URLSearchParams)) throw new TwilioError(20415)
        const names = [...request.body.keys()].filter((name) => name !== 'StatusCallbackEvent')
        if (new Set(names).size !== names.length) throw new TwilioError(20001)
        return request.body
      }

      async function found(params: { accountSid: string; sid?: string }, channel: Message['channel']) {
        const message = params.accountSid === accountSid ? await store.find(params.sid ?? '') : undefined
        if (message?.channel !== channel) throw new TwilioError(20404)
        return message
      }

      const route = { schema: { hide: true, params: Params }, config: { csrf: false } } as const

      api.post('/Accounts/:accountSid/Messages.json', route, async (request, reply) => {
        const form = formOf(request)
        const numbers = endpoints(form, { noTo: 21604, noFrom: 21603, foreign: 21606 })
        const body = form.get('Body')
        if (!body) throw new TwilioError(21602)
        if (body.length > MAXIMUM_BODY) throw new TwilioError(21617)
        const statusCallback = urlOf(form.get('StatusCallback'), 21609)
        const text = await texts.send({ ...numbers, body, ...(statusCallback ? { statusCallback } : {}) })
        return reply.code(201).send(messageResource(text, accountSid))
      })
      api.get('/Accounts/:accountSid/Messages/:sid.json', route, async ({ params }) =>
        messageResource(await found(params, 'text'), accountSid),
      )
      api.post('/Accounts/:accountSid/Calls.json', route, async (request, reply) => {
        const form = formOf(request)
        const numbers = endpoints(form, { noTo: 21201, noFrom: 21213, foreign: 21210 })
        const call = await calls.place({ ...numbers, application: callApplication(form) })
        return reply.code(201).send(callResource(call, accountSid))
      })
      api.get('/Accounts/:accountSid/Calls/:sid.json', route, async ({ params }) =>
        callResource(await found(params, 'call'), accountSid),
      )
    },
    { prefix: `/${API_VERSION}` },
  )
}
