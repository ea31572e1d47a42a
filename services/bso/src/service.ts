import { webcrypto } from 'node:crypto'
import { join } from 'node:path'
import { defineService } from '@gatehouse/http/service'
import { pageRefusals, registerPages } from '@gatehouse/pages/register-pages'
import { Type } from 'typebox'
import { addCbsvRoutes } from './cbsv/routes.ts'
import { verifyThrough } from './cbsv/verifications.ts'
import { opaqueCookie } from './cookies.ts'
import { failurePage, refusals } from './failure-pages.ts'
import { mainMenuPage } from './main-menu/page.ts'
import { createSessions } from './sessions/sessions.ts'
import { sessionOf, signedInOnly } from './sessions/signed-in.ts'
import { createSessionStore } from './sessions/store.ts'
import { createPendingSignIns } from './sign-in/pending-sign-ins.ts'
import { createRelyingParty } from './sign-in/relying-party.ts'
import { addSignInRoutes } from './sign-in/routes.ts'
import { welcomePage } from './welcome/page.ts'

export const service = defineService({
  name: 'bso',
  summary: 'The Business Services Online website: welcome page, main menu and the pages of CBSV',
  configuration: Type.Object({}),
  refusals: { ...pageRefusals, ...refusals },
  errorPage: failurePage,
  async build(app, { configuration, publicUrl, urls, keyValue, secrets, serviceKey, fetch, audit, log }) {
    const sessionCookie = opaqueCookie('bso-session', publicUrl)
    const browserCookie = opaqueCookie('bso-sign-in', publicUrl)
    await registerPages(app, {
      service: 'bso',
      publicUrl,
      cookieSecret: secrets.key('cookies'),
      // Logging out goes on to sign-in, and a form may only go where the page's policy lets it.
      formAction: [urls['sign-in']],
      assets: join(import.meta.dirname, 'assets'),
      sessionOf: (request) => sessionCookie.read(request),
    })

    const relyingParty = createRelyingParty({
      issuer: urls['sign-in'],
      clientId: 'bso',
      privateKey: await webcrypto.subtle.importKey(
        'jwk',
        serviceKey,
        { name: 'ECDSA', namedCurve: 'P-256' },
        false,
        ['sign'],
      ),
      keyId: serviceKey.kid ?? '',
      publicUrl,
      fetch,
      allowHttp: configuration.PROFILE === 'test',
    })
    const store = createSessionStore(keyValue, secrets)
    const sessions = createSessions({ store, relyingParty, audit, log })
    const signedIn = signedInOnly(app, sessions, sessionCookie)

    app.get('/', { schema: { hide: true } }, async (_request, reply) => reply.page(welcomePage()))
    const pendingSignIns = createPendingSignIns(keyValue, secrets)
    addSignInRoutes(app, { relyingParty, pendingSignIns, sessions, sessionCookie, browserCookie, keyValue })
    app.get('/main-menu', { preHandler: signedIn, schema: { hide: true } }, async (request, reply) =>
      reply.page(mainMenuPage({ person: sessionOf(request).person, csrf: reply.csrfToken() })),
    )
    addCbsvRoutes(app, { signedIn, sessions, verify: verifyThrough(urls.gateway, fetch) })
  },
})
