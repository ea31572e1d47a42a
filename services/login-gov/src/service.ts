import { oneTimeCodes } from '@gatehouse/contracts/one-time-codes'
import { ConfigurationError } from '@gatehouse/http/configuration'
import { defineService } from '@gatehouse/http/service'
import { errorPage } from '@gatehouse/pages/error-page'
import { pageRefusals, registerPages } from '@gatehouse/pages/register-pages'
import { createAccounts } from '@gatehouse/provider/accounts/accounts'
import { seedPersonas } from '@gatehouse/provider/accounts/personas'
import { sqlAccountStore } from '@gatehouse/provider/accounts/store'
import { sqlAuthenticators } from '@gatehouse/provider/authenticators/authenticators'
import { createOneTimeCodeStep } from '@gatehouse/provider/authenticators/one-time-code'
import { addCaching } from '@gatehouse/provider/browser/caching'
import { addBrowserRoutes, createVisits } from '@gatehouse/provider/browser/visits'
import { loadSigningKeys } from '@gatehouse/provider/keys/signing-keys'
import { readLimits } from '@gatehouse/provider/limits'
import { createPasswordStep } from '@gatehouse/provider/password/password-step'
import { createSessions, type Session } from '@gatehouse/provider/sessions/sessions'
import { sqlSessionStore } from '@gatehouse/provider/sessions/store'
import { Type } from 'typebox'
import { addAccountRoutes } from './account/routes.ts'
import { createShow, SITE } from './browser/frame.ts'
import { LOCALE_PREFIXES, languageOf } from './browser/language.ts'
import { addNotFound } from './browser/not-found.ts'
import { readClients } from './clients/client-file.ts'
import { sqlConsents } from './consent/consents.ts'
import { addConsentRoutes } from './consent/routes.ts'
import { LIMITS } from './limits.ts'
import { migrations } from './migrations.ts'
import { addAuthorizeRoutes } from './openid-connect/authorize-routes.ts'
import { sharedAttributes } from './openid-connect/claims.ts'
import { addDiscoveryRoutes } from './openid-connect/discovery-routes.ts'
import { sqlGrants } from './openid-connect/grants.ts'
import { keyId } from './openid-connect/key-id.ts'
import { addLeavingRoutes } from './openid-connect/leaving-routes.ts'
import { createLogoutRules } from './openid-connect/logout-request.ts'
import { addLogoutRoutes } from './openid-connect/logout-routes.ts'
import { createDestinations, waitingRequest } from './openid-connect/pending-request.ts'
import { sqlSubjects } from './openid-connect/subjects.ts'
import { createTokenRules } from './openid-connect/token-request.ts'
import { addTokenRoutes } from './openid-connect/token-routes.ts'
import { addPasswordRoutes } from './password/routes.ts'
import { addSecondFactorRoutes } from './second-factor/routes.ts'

export const service = defineService({
  name: 'login-gov',
  summary: 'A mock of Login.gov: sign-in with a password and a code, as an OpenID provider',
  configuration: Type.Object({
    CLIENTS_FILE: Type.String({ description: 'the relying services: a JSON array, fields as in the README' }),
    PERSONAS_FILE: Type.Optional(
      Type.String({ description: 'people who get an account at start, unless they have one' }),
    ),
    LIMITS: Type.Optional(
      Type.String({ description: 'JSON: other numbers for names of the table in src/limits.ts' }),
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
    const limits = readLimits(LIMITS, configuration.LIMITS)
    const accounts = createAccounts(sqlAccountStore(database, secrets))
    const authenticators = sqlAuthenticators(database, secrets)
    const [keys] = await Promise.all([
      loadSigningKeys(database, secrets, keyId),
      configuration.PERSONAS_FILE &&
        seedPersonas(configuration.PERSONAS_FILE, 'login.gov', { accounts, authenticators }),
    ])

    const sessions = createSessions(
      sqlSessionStore(database),
      (secret) => secrets.digest('session', secret),
      {
        idleMs: limits.sessionIdleMs,
        longestMs: limits.sessionLongestMs,
        oneBrowser: true,
      },
    )
    const passwordStep = createPasswordStep(accounts, keyValue, {
      mostTries: limits.passwordTriesPerSession,
      waitMs: limits.passwordWaitMs,
    })
    const oneTimeCode = createOneTimeCodeStep({
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
    const visits = createVisits(sessions, {
      cookieName: '_identity_idp_session',
      secure,
      languageOf,
      paths: { signIn: '/', secondFactor: '/users/two_factor_authentication' },
    })
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
      addSecondFactorRoutes(scope, {
        visits,
        show,
        accounts,
        authenticators,
        oneTimeCode,
        destinations,
        audit,
      })
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
      addAccountRoutes(scope, { visits, show, accounts, authenticators, audit })
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
