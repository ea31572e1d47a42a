import { oneTimeCodes } from '@gatehouse/contracts/one-time-codes'
import { ConfigurationError } from '@gatehouse/http/configuration'
import { defineService } from '@gatehouse/http/service'
import { errorPage } from '@gatehouse/pages/error-page'
import { pageRefusals, registerPages } from '@gatehouse/pages/register-pages'
import { Type } from 'typebox'
import { addAccountRoutes } from './account/routes.ts'
import { createAccounts } from './accounts/accounts.ts'
import { seedPersonas } from './accounts/personas.ts'
import { sqlAccountStore } from './accounts/store.ts'
import { addCaching } from './browser/caching.ts'
import { createShow, SITE } from './browser/frame.ts'
import { LOCALE_PREFIXES } from './browser/language.ts'
import { addNotFound } from './browser/not-found.ts'
import { addBrowserRoutes, createVisits } from './browser/visits.ts'
import { readClients } from './clients/client-file.ts'
import { sqlConsents } from './consent/consents.ts'
import { addConsentRoutes } from './consent/routes.ts'
import { migrations } from './migrations.ts'
import { addAuthorizeRoutes } from './openid-connect/authorize-routes.ts'
import { sharedAttributes } from './openid-connect/claims.ts'
import { addDiscoveryRoutes } from './openid-connect/discovery-routes.ts'
import { sqlGrants } from './openid-connect/grants.ts'
import { addLeavingRoutes } from './openid-connect/leaving-routes.ts'
import { createLogoutRules } from './openid-connect/logout-request.ts'
import { addLogoutRoutes } from './openid-connect/logout-routes.ts'
import { createDestinations, waitingRequest } from './openid-connect/pending-request.ts'
import { loadSigningKeys } from './openid-connect/signing-keys.ts'
import { sqlSubjects } from './openid-connect/subjects.ts'
import { createTokenRules } from './openid-connect/token-request.ts'
import { addTokenRoutes } from './openid-connect/token-routes.ts'
import { createPasswordStep } from './password/password-step.ts'
import { addPasswordRoutes } from './password/routes.ts'
import { addSecondFactorRoutes } from './second-factor/routes.ts'
import { createSecondFactorStep } from './second-factor/second-factor-step.ts'
import { createSessions, type Session } from './sessions/sessions.ts'
import { sqlSessionStore } from './sessions/store.ts'

export const service = defineService({
  name: 'login-gov',
  summary: 'A mock of Login.gov: sign-in with a password and a code, as an OpenID provider',
  configuration: Type.Object({
    CLIENTS_FILE: Type.String({ description: 'the relying services: a JSON array, fields as in the README' }),
    PERSONAS_FILE: Type.Optional(
      Type.String({ description: 'people who get an account at start, unless they have one' }),
    ),
    FORM_ACTION_ORIGINS: Type.Optional(
      Type.String({
        description: 'origins, space separated, to which a relying service may redirect on at once',
      }),
    ),
  }),
  migrations,
  refusals: pageRefusals,
  errorPage: (problem) => errorPage(problem, SITE),
  async build(app, { configuration, publicUrl, database, keyValue, secrets, calls, audit }) {
    // Whoever has the file of personas could sign in as any of them.
    if (configuration.PROFILE !== 'test')
      throw new ConfigurationError('this mock runs where PROFILE is test only')
    const secure = publicUrl.startsWith('https:')
    const clients = await readClients(configuration.CLIENTS_FILE)
    const accounts = createAccounts(sqlAccountStore(database, secrets))
    const [keys] = await Promise.all([
      loadSigningKeys(database, secrets),
      configuration.PERSONAS_FILE && seedPersonas(configuration.PERSONAS_FILE, accounts),
    ])

    const sessions = createSessions(sqlSessionStore(database), (secret) => secrets.digest('session', secret))
    const passwordStep = createPasswordStep(accounts, keyValue)
    const secondFactor = createSecondFactorStep({
      codes: oneTimeCodes(calls),
      sender: 'Login.gov',
      origin: new URL(publicUrl).hostname,
    })
    const consents = sqlConsents(database)
    const grants = sqlGrants(database)
    const subjects = sqlSubjects(database)
    const digestCode = (code: string) => secrets.digest('authorization code', code)
    const digestToken = (token: string) => secrets.digest('access token', token)

    await registerPages(app, {
      service: 'login-gov',
      publicUrl,
      cookieSecret: secrets.key('cookies').toString('base64url'),
      formAction: originsIn(configuration.FORM_ACTION_ORIGINS ?? ''),
      // Not before the password: a sign-in page may stay open for longer than a session that nobody is in.
      sessionOf: ({ visit }) => (visit?.session?.accountId ? visit.session.key : undefined),
    })
    addCaching(app)
    const visits = createVisits(sessions, { secure })
    const destinations = createDestinations(clients)
    const show = createShow(destinations)

    addDiscoveryRoutes(app, publicUrl, keys)
    addTokenRoutes(app, {
      issuer: `${publicUrl}/`,
      rules: createTokenRules({
        grants,
        clients,
        digestCode,
        tokenEndpoint: `${publicUrl}/api/openid_connect/token`,
      }),
      grants,
      subjects,
      accounts,
      clients,
      sessions,
      keys,
      digestCode,
      digestToken,
      audit,
    })
    const logoutRules = createLogoutRules({ clients, keys, subjects, grants })
    const confirmationOf = (session: Session) => secrets.digest('logout confirmation', session.key)
    addBrowserRoutes(app, visits, LOCALE_PREFIXES, (scope) => {
      addAuthorizeRoutes(scope, {
        visits,
        show,
        accounts,
        clients,
        consents,
        grants,
        digestCode,
        secure,
        audit,
      })
      addPasswordRoutes(scope, { visits, show, passwordStep, destinations, audit })
      addSecondFactorRoutes(scope, { visits, show, accounts, secondFactor, destinations, audit })
      addConsentRoutes(scope, {
        visits,
        show,
        accounts,
        consents,
        destinations,
        sharedWith(session, account) {
          const waiting = waitingRequest(session, clients)
          return waiting ? sharedAttributes({ ...waiting, account }) : []
        },
        audit,
      })
      addAccountRoutes(scope, { visits, show, accounts, audit })
      addLeavingRoutes(scope, { visits, show, clients })
      addLogoutRoutes(scope, { visits, show, rules: logoutRules, grants, confirmationOf, audit })
    })
    addNotFound(app, show)
  },
})

function originsIn(text: string): string[] {
  const origins = text.split(/\s+/).filter(Boolean)
  if (!origins.every((origin) => URL.canParse(origin) && /^https?:/i.test(origin))) {
    throw new ConfigurationError('FORM_ACTION_ORIGINS must be http or https origins, separated by spaces')
  }
  return origins
}
