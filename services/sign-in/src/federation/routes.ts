import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import { Refusal } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import type { KeyValue } from '@gatehouse/storage/key-value'
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { onwardPage } from '../steps/provider-pages.ts'
import type { FederatedIdentity } from './identity.ts'
import { FederationDenied, type PendingRequest, type RelyingParty, reasonOf } from './relying-party.ts'

interface Pending extends PendingRequest {
  provider: string
  interactionUid: string
  browser: string
}

/** As long as the interaction itself may take. */
const PENDING_MILLISECONDS = 60 * 60 * 1000

const digest = (text: string) => createHash('sha256').update(text).digest('base64url')

/**
 * The way to a provider and back. Each request is tied to the browser that began it and to one interaction, and its
 * answer is taken once (RFC 9700 §4.7: state against cross-site request forgery).
 */
export function createFederation(relyingParties: RelyingParty[], keyValue: KeyValue, secure: boolean) {
  // Over https no sibling host can plant it: whoever chooses its value could have another person sign in for them.
  const browserCookie = `${secure ? '__Host-' : ''}sign-in-browser`
  const byId = new Map(relyingParties.map((party) => [party.provider.id, party]))

  /** The person may choose again: the interaction is still open. The notice keeps a provider from being tried by itself. */
  function failed(error: unknown, log: FastifyBaseLogger, provider: string, interactionUid: string): Refusal {
    log.error({ reason: reasonOf(error), provider }, 'federation failed')
    return new Refusal('provider_failed', undefined, {
      again: `/interaction/${interactionUid}?notice=failed`,
    })
  }

  return {
    providers: relyingParties.map(({ provider }) => provider),

    /**
     * Sends the person to the provider.
     *
     * @param options.authenticateAgain the person must sign in there anew, where the provider can be told so
     * @param options.signUp the person wants to create an account there
     * @param options.levels the assurance levels that the relying service asks for
     */
    async begin(
      request: FastifyRequest,
      reply: FastifyReply,
      providerId: string,
      interactionUid: string,
      options: { authenticateAgain: boolean; signUp: boolean; levels: readonly string[] },
    ) {
      const party = byId.get(providerId)
      if (!party) throw new Refusal('invalid_request', 'provider is not one of those offered')
      const { url, pending } = await party.begin(options).catch((error: unknown) => {
        throw failed(error, request.log, providerId, interactionUid)
      })
      const browser = request.cookies[browserCookie] ?? randomBytes(32).toString('base64url')
      await keyValue.put(
        `federation:${digest(pending.state)}`,
        { ...pending, provider: providerId, interactionUid, browser: digest(browser) } satisfies Pending,
        now() + PENDING_MILLISECONDS,
      )
      reply.setCookie(browserCookie, browser, {
        // Also where a sign-in begins: a second one, in another tab, keeps the value of the first.
        path: '/',
        httpOnly: true,
        sameSite: 'lax',
        secure,
      })
      if (url.origin === new URL(party.provider.issuer).origin) return reply.redirect(url.href, 303)
      // The page that was posted allows its form to lead to the issuer, and Chromium holds redirects to that as well. To
      // any other origin the browser goes on by itself, or by the link.
      reply.header('refresh', `0; url=${url.href}`)
      return reply.page(onwardPage({ provider: party.provider, href: url.href }))
    },

    /** `GET /federation/:provider/callback`: hands over who came back, or that nobody did. */
    addCallback(
      app: App,
      arrived: (
        request: FastifyRequest,
        reply: FastifyReply,
        interactionUid: string,
        identity: FederatedIdentity | FederationDenied,
      ) => Promise<FastifyReply>,
    ) {
      app.get(
        '/federation/:provider/callback',
        { schema: { hide: true, params: Type.Object({ provider: Type.String({ maxLength: 64 }) }) } },
        async (request, reply) => {
          const query = request.url.split('?')[1] ?? ''
          const state = new URLSearchParams(query).get('state') ?? ''
          const pending = await keyValue.take<Pending>(`federation:${digest(state)}`)
          const browser = digest(request.cookies[browserCookie] ?? '')
          const sameBrowser =
            pending !== undefined && timingSafeEqual(Buffer.from(pending.browser), Buffer.from(browser))
          const party = byId.get(request.params.provider)
          if (!sameBrowser || !party || pending.provider !== party.provider.id) {
            throw new Refusal('sign_in_expired', 'This answer belongs to no sign-in that was begun here.')
          }
          const identity = await party.finish(query, pending).catch((error: unknown) => {
            if (error instanceof FederationDenied) return error
            throw failed(error, request.log, party.provider.id, pending.interactionUid)
          })
          return arrived(request, reply, pending.interactionUid, identity)
        },
      )
    },
  }
}

export type Federation = ReturnType<typeof createFederation>
