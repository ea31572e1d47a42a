// Where identity providers push their security events (RFC 8935): one address for each, registered there.

import { now } from '@gatehouse/clock/clock'
import { Refusal } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import { createKeySource, type KeySource, KeysUnavailable } from '@gatehouse/tokens/key-source'
import type { FastifyBaseLogger, FastifyError } from 'fastify'
import { Type } from 'typebox'
import type { RelyingParty } from '../federation/relying-party.ts'
import { createDeliveryLanes, type DeliveryLanes } from './delivery-lanes.ts'
import { createProviderEventTokens, ProviderEventRefused } from './provider-event-token.ts'
import type { ReceivedEvent, ReceivedEvents } from './received-events.ts'

const FIRST_WAIT = 1_000
const LONGEST_WAIT = 60_000
/** Milliseconds: a revocation waits a second for the gateways. What is taken longer was lost with its process. */
const LOST_AFTER = 15_000

interface Parts {
  publicUrl: string
  relyingParties: readonly RelyingParty[]
  received: ReceivedEvents
  act(event: ReceivedEvent): Promise<string | undefined>
  fetch: typeof fetch
  log: Pick<FastifyBaseLogger, 'info' | 'error' | 'warn'>
}

/** Where this provider pushes to. */
const securityEventsUrl = (publicUrl: string, providerId: string) =>
  `${publicUrl}/federation/${providerId}/security-events`

/** Adds the addresses; acts upon what arrived, in the order of its arrival. */
export function addProviderEventRoutes(app: App, parts: Parts): DeliveryLanes {
  const { publicUrl, relyingParties, received, act, fetch, log } = parts

  /** The keys of its ID tokens sign its security events too (facts: login-gov §7.1). */
  function keysOf(party: RelyingParty): () => Promise<KeySource> {
    let source: { jwksUri: string; keys: KeySource } | undefined
    return async () => {
      const jwksUri = await party.jwksUri().catch(() => {
        throw new KeysUnavailable('no metadata of the provider')
      })
      if (source?.jwksUri !== jwksUri) source = { jwksUri, keys: createKeySource({ jwksUri, fetch }) }
      return source.keys
    }
  }

  const readers = new Map(
    relyingParties.flatMap((party) => {
      const { id, issuer, clientId, securityEvents } = party.provider
      if (!securityEvents) return []
      const audience = securityEvents.audience === 'url' ? securityEventsUrl(publicUrl, id) : clientId
      return [[id, createProviderEventTokens({ issuer, audience, keys: keysOf(party) })]]
    }),
  )

  const lanes = createDeliveryLanes({
    what: 'security events of providers',
    dueLanes: () => received.dueProviders(now()),
    async next(idp) {
      const event = await received.take(idp, now(), now() + LOST_AFTER)
      if (!event) return false
      try {
        await received.done(event, await act(event))
      } catch (error) {
        log.error({ err: error, idp, jti: event.jti }, 'a security event could not be acted upon')
        const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (event.attempts - 1))
        await received.giveBack(event, now() + wait)
        return false
      }
      return true
    },
    log,
  })

  app.register(async (scope) => {
    // Whatever the body calls itself, it is a token or it is none.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
    scope.setErrorHandler<FastifyError | ProviderEventRefused>(async (error, request, reply) => {
      if (error instanceof KeysUnavailable)
        throw new Refusal('service_unavailable', undefined, {}, { 'retry-after': '5' })
      if (!(error instanceof ProviderEventRefused)) throw error
      request.log.warn({ reason: error.err, description: error.message }, 'security event refused')
      return reply
        .code(400)
        .header('cache-control', 'no-store')
        .header('content-language', 'en')
        .send({ err: error.err, description: error.message })
    })
    scope.post(
      '/federation/:provider/security-events',
      {
        config: { csrf: false },
        schema: {
          tags: ['shared signals'],
          summary: 'Takes a security event token of an identity provider (RFC 8935)',
          params: Type.Object({ provider: Type.String({ maxLength: 64 }) }),
        },
      },
      async (request, reply) => {
        const { provider } = request.params as { provider: string }
        const read = readers.get(provider)
        if (!read) throw new Refusal('not_found')
        const token = await read(typeof request.body === 'string' ? request.body.trim() : '')
        // One that was received before is accepted again, and nothing follows from it (RFC 8935 §2).
        const added = await received.put(provider, token)
        request.log.info({ idp: provider, jti: token.jti, isNew: added > 0 }, 'security event received')
        if (added > 0) lanes.wake()
        return reply.code(202).send()
      },
    )
  })
  return lanes
}
