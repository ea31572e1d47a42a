import { join } from 'node:path'
import { activations } from '@gatehouse/contracts/service-activations'
import { defineService } from '@gatehouse/http/service'
import { pageRefusals, registerPages } from '@gatehouse/pages/register-pages'
import { addBackChannelLogout } from '@gatehouse/relying-party/back-channel-logout'
import { opaqueCookie } from '@gatehouse/relying-party/opaque-cookie'
import { createRelyingParty } from '@gatehouse/relying-party/relying-party'
import { addSignInRoutes } from '@gatehouse/relying-party/sign-in-routes'
import { Type } from 'typebox'
import { addCbsvRoutes } from './cbsv/routes.ts'
import { verifyThrough } from './cbsv/verifications.ts'
import { failurePage, refusals } from './failure-pages.ts'
import { addMainMenuRoute } from './main-menu/routes.ts'
import { addManageServicesRoutes } from './manage-services/routes.ts'
import { placeOf } from './places.ts'
import { createSessions } from './sessions/sessions.ts'
import { signedInOnly } from './sessions/signed-in.ts'
import { createSessionStore } from './sessions/store.ts'
import { arrivalNotices } from './sign-in/notices.ts'
import { registration } from './sign-in/registration.ts'
import { welcomePage } from './welcome/page.ts'

export const service = defineService({
  name: 'bso',
  summary: 'The Business Services Online website: welcome page, main menu and the pages of CBSV',
  configuration: Type.Object({}),
  refusals: { ...pageRefusals, ...refusals },
  errorPage: failurePage,
  async build(app, ground) {
    const { publicUrl, urls, keyValue, secrets, fetch, audit, log } = ground
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

    const relyingParty = createRelyingParty(ground, registration)
    const { hasEnded } = addBackChannelLogout(app, ground, registration)
    const store = createSessionStore(keyValue, secrets)
    const sessions = createSessions({ store, relyingParty, hasEnded, audit, log })
    const signedIn = signedInOnly(app, sessions, sessionCookie)

    app.get('/', { schema: { hide: true } }, async (_request, reply) => reply.page(welcomePage()))
    addSignInRoutes(app, ground, {
      relyingParty,
      sessionCookie,
      browserCookie,
      sessions: { ...sessions, isEnough: sessions.exists, end: (id) => sessions.end(id, 'logout') },
      placeOf,
      welcomePage: (arrival) => welcomePage(arrival && arrivalNotices[arrival]),
      signOutPath: '/logout',
    })
    const services = activations(ground.calls)
    addMainMenuRoute(app, { signedIn, services })
    addManageServicesRoutes(app, { signedIn, services, audit })
    addCbsvRoutes(app, { signedIn, sessions, verify: verifyThrough(urls.gateway, fetch) })
  },
})
