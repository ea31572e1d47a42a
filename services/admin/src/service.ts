import { join } from 'node:path'
import { ConfigurationError } from '@gatehouse/http/configuration'
import { operatorOnly, operatorToken } from '@gatehouse/http/operator'
import { defineService, type Ground } from '@gatehouse/http/service'
import { pageRefusals, registerPages } from '@gatehouse/pages/register-pages'
import { addBackChannelLogout } from '@gatehouse/relying-party/back-channel-logout'
import { opaqueCookie } from '@gatehouse/relying-party/opaque-cookie'
import { createRelyingParty } from '@gatehouse/relying-party/relying-party'
import { signInRefusals } from '@gatehouse/relying-party/sign-in-routes'
import { createRevocationFeed, type RevocationFeed } from '@gatehouse/revocations/feed'
import { ADMIN_AUDIENCE } from '@gatehouse/tokens/access-token'
import { createTokenVerifier } from '@gatehouse/tokens/verifier'
import { Type } from 'typebox'
import { createActors } from './access/actors.ts'
import { createAdministration } from './access/administration.ts'
import { createCursors } from './access/cursors.ts'
import { createConsolePages } from './access/pages.ts'
import { consoleRefusals } from './access/refusals.ts'
import { createRepeatedRequests } from './access/repeated-requests.ts'
import { addOperationRoutes } from './access/routes.ts'
import { createCarryingOut } from './acts/carrying-out.ts'
import { createOrders } from './acts/orders.ts'
import { createActStore } from './acts/store.ts'
import { sqlAdministrators } from './administrators/administrators.ts'
import { addPersonas } from './administrators/personas.ts'
import { addAdministratorRoutes } from './administrators/routes.ts'
import { servicesOf } from './audit/trail.ts'
import { failurePage } from './console/failure-page.ts'
import { createLabels } from './console/labels.ts'
import { addPages } from './console/routes.ts'
import { migrations } from './migrations.ts'
import { createOperations } from './operations.ts'
import { consoleName } from './revocations/console-name.ts'
import { claimsOfSignIn } from './sessions/access-tokens.ts'
import { registration } from './sessions/identity.ts'
import { createSessions, SWEEP_EVERY } from './sessions/sessions.ts'
import { createSessionStore } from './sessions/store.ts'

/** Milliseconds between two looks for acts that were left half done. */
const RESUME_EVERY = 5_000

type CreateFeed = (
  ground: Ground,
) => Pick<RevocationFeed, 'refuses' | 'blindness' | 'sight' | 'ready' | 'close'>

const streamOfSignIn: CreateFeed = ({ urls, publicUrl, fetch, serviceTokens, log }) =>
  createRevocationFeed({
    signInUrl: urls['sign-in'],
    fetch,
    token: () => serviceTokens.token('sign-in', 'revocations.read'),
    onTokenRefused: (token) => serviceTokens.refused('sign-in', 'revocations.read', token),
    name: consoleName(publicUrl),
    log,
  })

/** @param createFeed another source of what is revoked, for tests */
export function adminService(createFeed: CreateFeed = streamOfSignIn) {
  return defineService({
    name: 'admin',
    summary: 'The administrators’ console and its API',
    configuration: Type.Object({
      PERSONAS_FILE: Type.Optional(
        Type.String({ description: 'test profile only: people who are administrators at their first start' }),
      ),
      OPERATOR_TOKEN: Type.Optional(
        Type.String({ minLength: 32, description: 'names administrators; default: made under DATA_DIR' }),
      ),
    }),
    migrations,
    refusals: { ...pageRefusals, ...signInRefusals, ...consoleRefusals },
    errorPage: failurePage,
    securitySchemes: {
      administrator: {
        type: 'http',
        scheme: 'bearer',
        description: `an access token of sign-in for the resource ${ADMIN_AUDIENCE}, with the scope admin`,
      },
      operator: { type: 'http', scheme: 'bearer', description: 'the operator’s token of this service' },
    },
    async build(app, ground) {
      const { configuration, publicUrl, urls, secrets, database, keyValue, calls, audit, log } = ground
      const administrators = sqlAdministrators(database)
      if (configuration.PERSONAS_FILE) {
        if (configuration.PROFILE !== 'test')
          throw new ConfigurationError('PERSONAS_FILE is for the test profile only')
        await addPersonas(configuration.PERSONAS_FILE, administrators)
      }
      const sessionCookie = opaqueCookie('admin-session', publicUrl)
      await registerPages(app, {
        service: 'admin',
        publicUrl,
        cookieSecret: secrets.key('cookies'),
        // Signing out goes on to sign-in, and a form may only go where the page's policy lets it.
        formAction: [urls['sign-in']],
        assets: join(import.meta.dirname, 'assets'),
        sessionOf: (request) => sessionCookie.read(request),
      })
      const requireOperator = operatorOnly(operatorToken('admin', configuration))
      addAdministratorRoutes(app, { administrators, requireOperator, audit })

      const feed = createFeed(ground)
      ground.readiness.push({
        name: 'revocations',
        check() {
          if (!feed.ready()) throw new Error('revocations are not known')
        },
      })
      const verifier = createTokenVerifier({
        issuer: urls['sign-in'],
        keys: ground.signInKeys,
        audience: ADMIN_AUDIENCE,
      })
      const { hasEnded } = addBackChannelLogout(app, ground, { clientId: registration.clientId })
      const sessions = createSessions({
        store: createSessionStore(database, secrets),
        administrators,
        feed,
        verify: claimsOfSignIn(verifier),
        hasEnded,
        audit,
      })
      const actors = createActors({ verifier, feed, administrators, audit })

      const store = createActStore(database)
      const carryingOut = createCarryingOut({ store, calls, audit, log })
      const orders = createOrders({ store, carryingOut, administrators, calls, secrets, audit })
      const operations = createOperations({
        calls,
        administrators,
        orders,
        store,
        cursors: createCursors(secrets),
        services: servicesOf(configuration.PROFILE),
      })
      const repeated = createRepeatedRequests(keyValue, secrets)
      const administration = createAdministration(operations, { audit, repeated })
      addOperationRoutes(app, operations, administration, actors)

      await addPages(
        app,
        ground,
        createConsolePages({
          operations,
          administration,
          relyingParty: createRelyingParty(ground, registration),
          sessionCookie,
          sessions,
          actors,
          administrators,
          labelsOf: createLabels(calls),
        }),
      )

      const failed = (error: unknown) => log.error({ err: error }, 'work in the background failed')
      const timers = [
        setInterval(() => void sessions.sweep().catch(failed), SWEEP_EVERY),
        setInterval(() => void carryingOut.resume().catch(failed), RESUME_EVERY),
      ]
      for (const timer of timers) timer.unref()
      app.addHook('onClose', async () => {
        for (const timer of timers) clearInterval(timer)
        await feed.close()
      })
    },
  })
}

export const service = adminService()
