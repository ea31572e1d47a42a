// What the carrier asks and reports. Nothing here has a service's token: the signature of the carrier's account is what
// lets a request pass (Twilio's X-Twilio-Signature over the public URL and the form fields).

import formbody from '@fastify/formbody'
import { now } from '@gatehouse/clock/clock'
import type { Channel } from '@gatehouse/contracts/one-time-codes'
import { Refusal } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import type { CodeOf } from '../challenges/codes.ts'
import type { DeliveryStore } from './store.ts'

interface Dependencies {
  store: DeliveryStore
  codeOf: CodeOf
  publicUrl: string
  authToken: string
}

const OfDelivery = Type.Object({ deliveryId: Type.String({ pattern: '^[\\w-]{1,64}$' }) })
type OfDelivery = { Params: Static<typeof OfDelivery> }
/** A form as Twilio sends it; a repeated field is an array. */
type Fields = Record<string, string | string[] | undefined>

export const twilioPaths = {
  call: (deliveryId: string) => `/twilio/calls/${deliveryId}`,
  keys: (deliveryId: string) => `/twilio/calls/${deliveryId}/keys`,
  status: (deliveryId: string) => `/twilio/status/${deliveryId}`,
}

const fieldsOf = (request: FastifyRequest) => (request.body ?? {}) as Fields

function twiml(reply: FastifyReply, document: string): FastifyReply {
  return reply.type('text/xml; charset=utf-8').header('cache-control', 'no-store').send(document)
}

export async function addDeliveryRoutes(app: App, dependencies: Dependencies): Promise<void> {
  const { store, codeOf, publicUrl, authToken } = dependencies

  async function requireSignature(request: FastifyRequest): Promise<void> {
    const { validateRequest } = await import('twilio/lib/webhooks/webhooks.js')
    const signature = request.headers['x-twilio-signature']
    if (
      typeof signature !== 'string' ||
      !validateRequest(authToken, signature, publicUrl + request.url, fieldsOf(request))
    ) {
      throw new Refusal('signature_not_valid')
    }
  }

  /** TwiML that reads the code of a delivery, or says why not. */
  async function read(deliveryId: string): Promise<string> {
    const { spokenCode, spokenEnd } = await import('./spoken-code.ts')
    const reading = await store.read(deliveryId, now())
    if (!reading) {
      const known = await store.find(deliveryId)
      return spokenEnd(known?.language ?? 'en', known?.isReadOut ? 'goodbye' : 'notValid')
    }
    return spokenCode({
      ...reading,
      code: codeOf(reading.challengeId, reading.sendNumber, reading.length),
      keysUrl: publicUrl + twilioPaths.keys(deliveryId),
    })
  }

  await app.register(async (scope) => {
    // Forms and nothing else: a signature covers form fields only.
    scope.removeAllContentTypeParsers()
    await scope.register(formbody)
    // The signature covers the parsed fields; no schema is checked before it.
    scope.addHook('preValidation', requireSignature)

    scope.post<OfDelivery>(
      twilioPaths.call(':deliveryId'),
      { schema: { summary: 'What a call says (TwiML)', params: OfDelivery } },
      async (request, reply) => twiml(reply, await read(request.params.deliveryId)),
    )
    scope.post<OfDelivery>(
      twilioPaths.keys(':deliveryId'),
      { schema: { summary: 'What a call says after a key was pressed (TwiML)', params: OfDelivery } },
      async (request, reply) => {
        const { deliveryId } = request.params
        if (fieldsOf(request).Digits === '1') return twiml(reply, await read(deliveryId))
        const { spokenEnd } = await import('./spoken-code.ts')
        return twiml(reply, spokenEnd((await store.find(deliveryId))?.language ?? 'en', 'goodbye'))
      },
    )
    scope.post<OfDelivery>(
      twilioPaths.status(':deliveryId'),
      { schema: { summary: 'What became of a text or call', params: OfDelivery } },
      async (request, reply) => {
        const { deliveryId } = request.params
        const { MessageStatus, CallStatus } = fieldsOf(request)
        const [channel, status]: [Channel, Fields[string]] = CallStatus
          ? ['call', CallStatus]
          : ['text', MessageStatus]
        if (typeof status === 'string') await store.report(deliveryId, channel, status)
        return reply.code(204).send()
      },
    )
  })
}
