// The pages of the console: signing in and out, and the sections.

import type { App, Ground } from '@gatehouse/http/service'
import { opaqueCookie } from '@gatehouse/relying-party/opaque-cookie'
import { addSignInRoutes } from '@gatehouse/relying-party/sign-in-routes'
import type { ConsolePages } from '../access/pages.ts'
import { addAuditPages } from '../audit/page-routes.ts'
import { servicesOf } from '../audit/trail.ts'
import { addEnrolmentPages } from '../enrolments/page-routes.ts'
import { addPeoplePages } from '../people/page-routes.ts'
import { addRelyingServicePages } from '../relying-services/page-routes.ts'
import { addActPages } from '../revocations/act-routes.ts'
import { addRevocationPages } from '../revocations/page-routes.ts'
import { addSigningKeyPages } from '../signing-keys/page-routes.ts'
import { addTermsPages } from '../terms/page-routes.ts'
import { addUserIdPages } from '../user-ids/page-routes.ts'
import { addExportRoutes } from './exports.ts'
import { placeOf } from './places.ts'
import { SIGN_OUT_PATH } from './site.ts'
import { welcomePage } from './welcome-page.ts'

export async function addPages(
  app: App,
  { keyValue, secrets, publicUrl, configuration }: Ground,
  pages: ConsolePages,
): Promise<void> {
  const { relyingParty, sessions, sessionCookie } = pages
  addSignInRoutes(
    app,
    { keyValue, secrets },
    {
      relyingParty,
      sessionCookie,
      browserCookie: opaqueCookie('admin-sign-in', publicUrl),
      sessions: {
        start: sessions.start,
        end: sessions.end,
        isEnough: async (id) => (await sessions.find(id)) !== undefined,
      },
      placeOf,
      welcomePage,
      signOutPath: SIGN_OUT_PATH,
    },
  )

  // Who is signed in is at work; whoever is not learns here what the console is.
  app.get('/', { schema: { hide: true } }, async (request, reply) => {
    const id = sessionCookie.read(request)
    if (id && (await sessions.find(id))) return reply.redirect(placeOf(undefined), 303)
    return reply.page(welcomePage())
  })

  addPeoplePages(app, pages)
  addUserIdPages(app, pages)
  addRevocationPages(app, pages)
  addActPages(app, pages)
  addEnrolmentPages(app, pages)
  addTermsPages(app, pages)
  addRelyingServicePages(app, pages)
  addSigningKeyPages(app, pages)
  addAuditPages(app, pages, servicesOf(configuration.PROFILE))
  addExportRoutes(app, pages)
}
