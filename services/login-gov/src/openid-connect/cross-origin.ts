// Which pages of other origins may read the four endpoints for programs (fact sheet 1): those that a registered redirect
// URI lies on. Anybody else gets the same answer without the headers, so that a browser keeps it from the page.

import { now } from '@gatehouse/clock/clock'
import type { App } from '@gatehouse/http/service'
import type { Clients } from '../clients/client.ts'

/** Milliseconds that the list of origins is kept: a client registered meanwhile is found after that. */
const KEPT = 120_000

const READ = { methods: 'GET', withCredentials: false }
const ENDPOINTS = new Map<string, { methods: string; withCredentials: boolean }>([
  ['/.well-known/openid-configuration', READ],
  ['/api/openid_connect/certs', READ],
  ['/api/openid_connect/userinfo', READ],
  ['/api/openid_connect/token', { methods: 'POST, OPTIONS', withCredentials: true }],
])

export function addCrossOrigin(app: App, clients: Clients, ownOrigin: string): void {
  let kept: { origins: Set<string>; until: number } | undefined

  function isAllowed(origin: string): boolean {
    if (!kept || now() >= kept.until) {
      const origins = clients.all().flatMap(({ redirectUris }) => redirectUris.map(originOf))
      kept = { origins: new Set(origins), until: now() + KEPT }
    }
    return origin !== ownOrigin && kept.origins.has(origin)
  }

  app.addHook('onRequest', async (request, reply) => {
    const endpoint = ENDPOINTS.get(request.url.split('?', 1)[0] ?? '')
    if (!endpoint) return
    reply.header('vary', 'Origin')
    const { origin } = request.headers
    if (origin === undefined || !isAllowed(origin)) return
    reply.headers({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': endpoint.methods,
      ...(endpoint.withCredentials ? { 'access-control-allow-credentials': 'true' } : {}),
    })
    const wanted = request.headers['access-control-request-method']
    if (request.method !== 'OPTIONS' || !wanted || !endpoint.methods.split(', ').includes(wanted)) return
    const headers = request.headers['access-control-request-headers']
    if (headers) reply.header('access-control-allow-headers', headers)
    return reply.code(200).send()
  })
}

/** Scheme, host and port as they are registered; an app's own scheme has an origin too. */
function originOf(uri: string): string {
  const [scheme = '', , host = ''] = uri.split('/', 3)
  return `${scheme}//${host.split(/[?#]/, 1)[0]}`
}
