import { fileURLToPath } from 'node:url'
import { labMail } from '@gatehouse/contracts/lab'
import { oneTimeCodes } from '@gatehouse/contracts/one-time-codes'
import { operatorOnly, operatorToken } from '@gatehouse/http/operator'
import { defineService } from '@gatehouse/http/service'
import { errorPage } from '@gatehouse/pages/error-page'
import { pageRefusals, registerPages } from '@gatehouse/pages/register-pages'
import { addAbout } from '@gatehouse/provider/about/about'
import { createAccountEvents } from '@gatehouse/provider/accounts/account-events'
import { createAccounts } from '@gatehouse/provider/accounts/accounts'
import { seedPersonas } from '@gatehouse/provider/accounts/personas'
import { sqlAccountStore } from '@gatehouse/provider/accounts/store'
import { sqlAuthenticators } from '@gatehouse/provider/authenticators/authenticators'
import { createTestCertificates } from '@gatehouse/provider/authenticators/certificates'
import { sqlLookUpSecrets } from '@gatehouse/provider/authenticators/look-up-secrets'
import { addCaching } from '@gatehouse/provider/browser/caching'
import { addBrowserRoutes, createVisits } from '@gatehouse/provider/browser/visits'
import { readClientFile } from '@gatehouse/provider/clients/client-file'
import { sqlClientRegister } from '@gatehouse/provider/clients/client-register'
import { formActionOrigins, forTestOnly, PROVIDER_CONFIGURATION } from '@gatehouse/provider/configuration'
import { addCredentialHolderRoutes } from '@gatehouse/provider/credential-holders/routes'
import { loadSigningKeys } from '@gatehouse/provider/keys/signing-keys'
import { readLimits } from '@gatehouse/provider/limits'
import { sqlRememberedBrowsers } from '@gatehouse/provider/sessions/remembered-browsers'
import { createSessions, type Session } from '@gatehouse/provider/sessions/sessions'
import { sqlSessionStore } from '@gatehouse/provider/sessions/store'
import { Type } from 'typebox'
import { departures } from './about/departures.ts'
import { sqlAccountResets } from './account-reset/store.ts'
import { createAccountStanding } from './administration/account-standing.ts'
import { addAdministrationRoutes, administrationRefusals } from './administration/routes.ts'
import { createShow, SITE } from './browser/frame.ts'
import { addFormLanguage, LOCALES, languageOf } from './browser/language.ts'
import { addNotFound } from './browser/not-found.ts'
import { ClientEntry, clientOf, entryProblems } from './clients/client-entry.ts'
import { addClientRoutes } from './clients/routes.ts'
import { sqlConsents } from './consent/consents.ts'
import { createHolders } from './credential-holders/holders.ts'
import { LIMITS } from './limits.ts'
import { sqlMailLanguages } from './mail/mail-language.ts'
import { migrations } from './migrations.ts'
import { addAuthorizeRoutes } from './openid-connect/authorize-routes.ts'
import { sqlConnections } from './openid-connect/connections.ts'
import { addCrossOrigin } from './openid-connect/cross-origin.ts'
import { addDiscoveryRoutes } from './openid-connect/discovery-routes.ts'
import { sqlGrants } from './openid-connect/grants.ts'
import { keyId } from './openid-connect/key-id.ts'
import { addLeavingRoutes } from './openid-connect/leaving-routes.ts'
import { createLogoutRules } from './openid-connect/logout-request.ts'
import { addLogoutRoutes } from './openid-connect/logout-routes.ts'
import { createDestinations } from './openid-connect/pending-request.ts'
import { createSendAway } from './openid-connect/sending-away.ts'
import { sqlSubjects } from './openid-connect/subjects.ts'
import { createTokenRules } from './openid-connect/token-request.ts'
import { addTokenRoutes } from './openid-connect/token-routes.ts'
import { createPages } from './pages.ts'
import { addRequestLimit } from './rate-limits/requests.ts'
import { isProfileLocked } from './reauthentication/recent-authentication.ts'
import { addRisc } from './risc/risc.ts'

export const service = defineService({
  name: 'login-gov',
  summary: 'A mock of Login.gov: sign-in with a password and a code, as an OpenID provider',
  configuration: Type.Object({
    ...PROVIDER_CONFIGURATION,
    REDIRECT_MODE: Type.Union([Type.Literal('server'), Type.Literal('client')], {
      default: 'server',
      description: 'how people go back to a relying service: by an HTTP redirect, or by a page with a script',
    }),
    FACIAL_MATCH_AVAILABLE: Type.Boolean({
      default: true,
      description: 'whether anybody may ask for a face match',
    }),
    UNAUTHORIZED_SCOPE_ENABLED: Type.Boolean({
      default: false,
      description: 'scopes above the level asked for are an error instead of being dropped',
    }),
    AUTH_TIME_ATTRIBUTE_ENABLED: Type.Boolean({ default: false, description: 'tells the claim auth_time' }),
    REJECT_ID_TOKEN_HINT_IN_LOGOUT: Type.Boolean({
      default: false,
      description: 'logout takes client_id alone; an id_token_hint is an error',
    }),
    PUSH_NOTIFICATIONS_ENABLED: Type.Boolean({
      default: true,
      description: 'pushes security events to relying services, as the real sandbox does',
    }),
  }),
  migrations,
  refusals: { ...pageRefusals, ...administrationRefusals },
  errorPage: (problem) => errorPage(problem, SITE),
  async build(
    app,
    { configuration, publicUrl, urls, database, keyValue, secrets, calls, audit, fetch, log },
  ) {
    forTestOnly(configuration)
    const secure = publicUrl.startsWith('https:')
    const clients = sqlClientRegister(database, clientOf)
    await clients.takeFile(await readClientFile(configuration.CLIENTS_FILE, ClientEntry, entryProblems))
    const requireOperator = operatorOnly(operatorToken('login-gov', configuration))
    const limits = readLimits(LIMITS, configuration.LIMITS)
    const events = createAccountEvents()
    const accounts = createAccounts(sqlAccountStore(database, secrets))
    const authenticators = sqlAuthenticators(database, secrets)
    const [keys, personas] = await Promise.all([
      loadSigningKeys(database, secrets, keyId, 2),
      configuration.PERSONAS_FILE
        ? seedPersonas(configuration.PERSONAS_FILE, 'login.gov', { accounts, authenticators })
        : [],
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
    const rememberedBrowsers = sqlRememberedBrowsers(database, (secret) =>
      secrets.digest('remembered browser', secret),
    )
    const consents = sqlConsents(database, limits.consentMs)
    const grants = sqlGrants(database)
    const subjects = sqlSubjects(database)
    const connections = sqlConnections(database)
    const standing = createAccountStanding({ accounts, sessions, connections, events })
    const digestCode = (code: string) => secrets.digest('authorization code', code)
    const digestToken = (token: string) => secrets.digest('access token', token)

    await registerPages(app, {
      service: 'login-gov',
      publicUrl,
      cookieSecret: secrets.key('cookies').toString('base64url'),
      formAction: formActionOrigins(configuration),
      assets: fileURLToPath(new URL('./assets', import.meta.url)),
      // Not before the password: a sign-in page may stay open for longer than a session that nobody is in.
      sessionOf: ({ visit }) => (visit?.session?.accountId ? visit.session.key : undefined),
    })
    addCaching(app)
    app.addHook('onRequest', async ({ url }) => {
      if (!url.startsWith('/assets/') && !url.startsWith('/health/')) await clients.refresh()
    })
    addCrossOrigin(app, clients, new URL(publicUrl).origin)
    const visits = createVisits(sessions, {
      cookieName: '_identity_idp_session',
      secure,
      languageOf,
      paths: { signIn: '/', secondFactor: '/users/two_factor_authentication' },
    })
    const destinations = createDestinations(clients)
    const show = createShow(destinations, limits.sessionWarningMs)
    addRequestLimit(app, show, {
      most: limits.requestsPerAddress,
      windowMs: limits.requestsWindowMs,
      digest: (address) => secrets.digest('network address', address),
    })
    const addPages = createPages(app, {
      publicUrl,
      labUrl: urls.lab,
      secure,
      limits,
      visits,
      show,
      sessions,
      accounts,
      personas,
      authenticators,
      certificates: createTestCertificates({ database, secrets, name: SITE.name }),
      lookUpSecrets: sqlLookUpSecrets(database, secrets),
      rememberedBrowsers,
      mailLanguages: sqlMailLanguages(database),
      accountResetStore: sqlAccountResets(database),
      clients,
      consents,
      standing,
      connections,
      destinations,
      events,
      codes: oneTimeCodes(calls),
      mail: labMail(calls),
      keyValue,
      secrets,
      audit,
      log,
    })
    const sendAway = createSendAway(configuration.REDIRECT_MODE, show)

    addClientRoutes(app, { clients, requireOperator, audit })
    addCredentialHolderRoutes(
      app,
      createHolders({ clients, subjects, authenticators, signInUrl: urls['sign-in'] }),
    )
    addAdministrationRoutes(app, {
      accounts,
      authenticators,
      connections,
      standing,
      requireOperator,
      audit,
    })
    addRisc(app, {
      publicUrl,
      database,
      secrets,
      fetch,
      events,
      accounts,
      sessions,
      rememberedBrowsers,
      clients,
      subjects,
      connections,
      key: keys.primary,
      limits,
      pushes: configuration.PUSH_NOTIFICATIONS_ENABLED,
      requireOperator,
      audit,
      log,
    })
    addAbout(app, {
      site: SITE,
      departures,
      wire: 'OpenID Connect with private_key_jwt or PKCE, as Login.gov speaks it',
    })
    addDiscoveryRoutes(app, publicUrl, keys)
    addTokenRoutes(app, {
      issuer: `${publicUrl}/`,
      rules: createTokenRules({
        grants,
        clients,
        digestCode,
        tokenEndpoint: `${publicUrl}/api/openid_connect/token`,
        codeLifetimeMs: limits.codeLifetimeMs,
      }),
      grants,
      subjects,
      accounts,
      clients,
      sessions,
      keys,
      digestCode,
      digestToken,
      sharedEmail: consents.sharedEmail,
      tellsAuthTime: configuration.AUTH_TIME_ATTRIBUTE_ENABLED,
      audit,
    })
    const logoutRules = createLogoutRules({
      clients,
      keys,
      subjects,
      grants,
      rejectsHint: configuration.REJECT_ID_TOKEN_HINT_IN_LOGOUT,
    })
    const confirmationOf = (session: Session) => secrets.digest('logout confirmation', session.key)
    addBrowserRoutes(app, visits, LOCALES, (scope) => {
      addFormLanguage(scope)
      addAuthorizeRoutes(scope, {
        visits,
        show,
        sendAway,
        rules: {
          facialMatchAvailable: configuration.FACIAL_MATCH_AVAILABLE,
          refusesUnauthorizedScope: configuration.UNAUTHORIZED_SCOPE_ENABLED,
        },
        accounts,
        clients,
        consents,
        grants,
        digestCode,
        isProfileLocked: (session) => isProfileLocked(session, limits.profileOpenMs),
        secure,
        audit,
      })
      addPages(scope)
      addLeavingRoutes(scope, { visits, show, clients })
      addLogoutRoutes(scope, { visits, show, sendAway, rules: logoutRules, grants, confirmationOf, audit })
    })
    addNotFound(app, show)
  },
})
