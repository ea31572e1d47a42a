// The seam between Fastify and oidc-provider, which is an application of its own: our schemas and error handler do not
// reach in there, and no decision about access is made on this side.

import type { App } from '@gatehouse/http/service'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type Provider from 'oidc-provider'

const ROUTES = [
  ['GET', '/.well-known/openid-configuration'],
  ['GET', '/.well-known/oauth-authorization-server'],
  ['GET', '/jwks'],
  ['GET', '/authorize'],
  ['POST', '/authorize'],
  ['GET', '/authorize/:uid'],
  ['POST', '/request'],
  ['POST', '/token'],
  ['GET', '/userinfo'],
  ['POST', '/userinfo'],
  ['POST', '/registration'],
  ['GET', '/logout'],
  ['POST', '/logout'],
  ['POST', '/logout/confirm'],
  ['GET', '/logout/success'],
] as const

type Route = readonly [method: 'GET' | 'POST', path: string]

/**
 * The library answers some steps, such as `response_mode=form_post`, with a form that a script of its own sends; it adds
 * the digest of that script where it finds `script-src`, which without one allows none. Pages with our layout replace the whole header.
 */
const SELF_SENDING_FORM = "default-src 'none'; script-src; frame-ancestors 'none'; base-uri 'none'"

/**
 * Hands the provider's routes to oidc-provider.
 *
 * @param current the provider as it is now: it changes when the signing keys rotate
 * @param more routes of the library that only this service offers
 */
export async function mountProvider(
  app: App,
  current: () => Provider,
  publicUrl: string,
  more: readonly Route[] = [],
): Promise<void> {
  const { host, protocol } = new URL(publicUrl)

  async function handle(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    reply.hijack()
    const { raw } = request
    // Addresses in answers come from the configured public URL, never from a Host or forwarding header of a client.
    raw.headers.host = host
    raw.headers['x-forwarded-host'] = host
    raw.headers['x-forwarded-proto'] = protocol.slice(0, -1)
    delete raw.headers['x-forwarded-for']
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) reply.raw.setHeader(name, value)
    }
    reply.raw.setHeader('content-security-policy', SELF_SENDING_FORM)
    reply.raw.setHeader('x-request-id', request.id)
    await current().callback()(raw, reply.raw)
  }

  await app.register(async (scope) => {
    // oidc-provider reads bodies itself.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    for (const [method, url] of [...ROUTES, ...more]) {
      scope.route({ method, url, handler: handle, schema: { hide: true }, config: { csrf: false } })
    }
  })
}
