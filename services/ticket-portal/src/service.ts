import { ConfigurationError } from '@gatehouse/http/configuration'
import { operatorOnly, operatorToken } from '@gatehouse/http/operator'
import { defineService } from '@gatehouse/http/service'
import { pageRefusals, registerPages } from '@gatehouse/pages/register-pages'
import { addBackChannelLogout } from '@gatehouse/relying-party/back-channel-logout'
import { opaqueCookie } from '@gatehouse/relying-party/opaque-cookie'
import { createRelyingParty } from '@gatehouse/relying-party/relying-party'
import { addSignInRoutes, signInRefusals } from '@gatehouse/relying-party/sign-in-routes'
import { Type } from 'typebox'
import { sqlEnrolments } from './enrolments/enrolments.ts'
import { enrolPersonas } from './enrolments/personas.ts'
import { addEnrolmentRoutes } from './enrolments/routes.ts'
import { migrations } from './migrations.ts'
import { extraSecurityPage, failurePage, notifyPage, portalPage, welcomePage } from './pages.ts'
import { registration } from './person.ts'
import { createSessions } from './sessions.ts'

export const service = defineService({
  name: 'ticket-portal',
  summary: 'The Ticket Portal of Employment Networks: a relying service that demands extra security',
  configuration: Type.Object({
    PERSONAS_FILE: Type.Optional(
      Type.String({ description: 'test profile only: people who are enrolled at their first start' }),
    ),
    OPERATOR_TOKEN: Type.Optional(
      Type.String({ minLength: 32, description: 'enrols people; default: made under DATA_DIR' }),
    ),
  }),
  migrations,
  refusals: { ...pageRefusals, ...signInRefusals },
  errorPage: failurePage,
  async build(app, ground) {
    const { configuration, publicUrl, urls, secrets, database, keyValue, audit } = ground
    const enrolments = sqlEnrolments(database)
    if (configuration.PERSONAS_FILE) {
      if (configuration.PROFILE !== 'test')
        throw new ConfigurationError('PERSONAS_FILE is for the test profile only')
      await enrolPersonas(configuration.PERSONAS_FILE, enrolments)
    }
    const requireOperator = operatorOnly(operatorToken('ticket-portal', configuration))
    addEnrolmentRoutes(app, { enrolments, requireOperator, audit })

    const sessionCookie = opaqueCookie('ticket-portal-session', publicUrl)
    await registerPages(app, {
      service: 'ticket-portal',
      publicUrl,
      cookieSecret: secrets.key('cookies'),
      // Signing out goes on to sign-in, and a form may only go where the page's policy lets it.
      formAction: [urls['sign-in']],
      sessionOf: (request) => sessionCookie.read(request),
    })
    const { hasEnded } = addBackChannelLogout(app, ground, registration)
    const sessions = createSessions({ keyValue, secrets, enrolments, hasEnded, audit })
    addSignInRoutes(app, ground, {
      relyingParty: createRelyingParty(ground, registration),
      sessionCookie,
      browserCookie: opaqueCookie('ticket-portal-sign-in', publicUrl),
      // Signing in anew is how who was refused gets in: by extra security, or after an enrolment.
      sessions: { ...sessions, isEnough: async () => false, end: (id) => sessions.end(id, 'sign-out') },
      placeOf: () => '/portal',
      welcomePage,
      signOutPath: '/sign-out',
    })

    app.get('/', { schema: { hide: true } }, async (_request, reply) => reply.page(welcomePage()))
    app.get('/portal', { schema: { hide: true } }, async (request, reply) => {
      const person = await sessions.find(sessionCookie.read(request))
      if (!person) return reply.header('cache-control', 'no-store').redirect('/sign-in', 303)
      const viewer = { person, csrf: reply.csrfToken() }
      if (!person.hasExtraSecurity)
        return reply.page(extraSecurityPage(viewer, urls['my-ssa']), { status: 403 })
      // Asked at every request: an enrolment that was taken away is gone at the next click.
      const enrolment = await enrolments.of(person.username, person.subject)
      if (!enrolment) return reply.page(notifyPage(viewer), { status: 403 })
      return reply.page(portalPage(viewer, enrolment))
    })
  },
})
