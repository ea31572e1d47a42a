import { labApprovals, labMail } from '@gatehouse/contracts/lab'
import { oneTimeCodes } from '@gatehouse/contracts/one-time-codes'
import { operatorOnly, operatorToken } from '@gatehouse/http/operator'
import { defineService } from '@gatehouse/http/service'
import { errorPage } from '@gatehouse/pages/error-page'
import { pageRefusals, registerPages } from '@gatehouse/pages/register-pages'
import { addAbout } from '@gatehouse/provider/about/about'
import { createAccounts } from '@gatehouse/provider/accounts/accounts'
import { seedPersonas } from '@gatehouse/provider/accounts/personas'
import { sqlAccountStore } from '@gatehouse/provider/accounts/store'
import { sqlAuthenticators } from '@gatehouse/provider/authenticators/authenticators'
import { sqlLookUpSecrets } from '@gatehouse/provider/authenticators/look-up-secrets'
import { addCaching } from '@gatehouse/provider/browser/caching'
import { addBrowserRoutes, createVisits } from '@gatehouse/provider/browser/visits'
import { readClientFile } from '@gatehouse/provider/clients/client-file'
import { formActionOrigins, forTestOnly, PROVIDER_CONFIGURATION } from '@gatehouse/provider/configuration'
import { addCredentialHolderRoutes } from '@gatehouse/provider/credential-holders/routes'
import { loadSigningKeys } from '@gatehouse/provider/keys/signing-keys'
import { readLimits } from '@gatehouse/provider/limits'
import { createSessions } from '@gatehouse/provider/sessions/sessions'
import { sqlSessionStore } from '@gatehouse/provider/sessions/store'
import { Type } from 'typebox'
import { DEPARTURES, WIRE } from './about/departures.ts'
import { createFrame } from './browser/frame.ts'
import { LOCALES, languageOf } from './browser/language.ts'
import { createNextStep, type SharedWith } from './browser/next-step.ts'
import { entryProblems, NewClientEntry } from './clients/client-entry.ts'
import { addClientRoutes } from './clients/routes.ts'
import { sqlClients } from './clients/store.ts'
import { sqlConsents } from './consent/consents.ts'
import { createHolders } from './credential-holders/holders.ts'
import { LIMITS } from './limits.ts'
import { migrations } from './migrations.ts'
import { addAuthorizeRoutes } from './oauth/authorize-routes.ts'
import { sharedNames } from './oauth/claims.ts'
import { addDiscoveryRoutes } from './oauth/discovery-routes.ts'
import { sqlGrants } from './oauth/grants.ts'
import { keyId } from './oauth/key-id.ts'
import { addLeavingRoutes } from './oauth/leaving-routes.ts'
import { createDestinations, waitingRequest } from './oauth/pending-request.ts'
import { createPersonTokens } from './oauth/person-token.ts'
import { createTokenRules } from './oauth/token-request.ts'
import { addTokenRoutes } from './oauth/token-routes.ts'
import { addUserInfoRoutes } from './oauth/userinfo-routes.ts'
import { createPages } from './pages.ts'
import { PATHS } from './paths.ts'
import { SESSION_COOKIE, SITE } from './site.ts'

export const service = defineService({
  name: 'id-me',
  summary: 'A mock of ID.me: sign-in with a password and a second factor, over OAuth 2.0 and OpenID Connect',
  configuration: Type.Object(PROVIDER_CONFIGURATION),
  migrations,
  refusals: pageRefusals,
  errorPage: (problem) => errorPage(problem, SITE),
  async build(app, { configuration, publicUrl, urls, database, keyValue, secrets, calls, audit }) {
    forTestOnly(configuration)
    const digests = {
      secret: (text: string) => secrets.digest('client secret', text),
      code: (text: string) => secrets.digest('authorization code', text),
      access: (text: string) => secrets.digest('access token', text),
      refresh: (text: string) => secrets.digest('refresh token', text),
    }
    const clients = sqlClients(database, digests.secret)
    await clients.takeFile(await readClientFile(configuration.CLIENTS_FILE, NewClientEntry, entryProblems))
    const requireOperator = operatorOnly(operatorToken('id-me', configuration))
    const limits = readLimits(LIMITS, configuration.LIMITS)
    const accounts = createAccounts(sqlAccountStore(database, secrets))
    const authenticators = sqlAuthenticators(database, secrets)
    const [keys] = await Promise.all([
      loadSigningKeys(database, secrets, keyId, 1),
      configuration.PERSONAS_FILE &&
        seedPersonas(configuration.PERSONAS_FILE, 'id.me', { accounts, authenticators }),
    ])
    const sessions = createSessions(
      sqlSessionStore(database),
      (secret) => secrets.digest('session', secret),
      { idleMs: limits.sessionIdleMs, longestMs: limits.sessionLongestMs, oneBrowser: false },
    )
    const consents = sqlConsents(database)
    const grants = sqlGrants(database)
    const personTokens = createPersonTokens({
      issuer: `${publicUrl}/oidc`,
      keys,
      lifetimeMs: limits.userInfoMs,
    })

    await registerPages(app, {
      service: 'id-me',
      publicUrl,
      cookieSecret: secrets.key('cookies').toString('base64url'),
      formAction: formActionOrigins(configuration),
      // Not before the password: a sign-in page may stay open for longer than a session that nobody is in.
      sessionOf: ({ visit }) => (visit?.session?.accountId ? visit.session.key : undefined),
    })
    addCaching(app)
    app.addHook('onRequest', () => clients.refresh())
    const visits = createVisits(sessions, {
      cookieName: SESSION_COOKIE,
      secure: publicUrl.startsWith('https:'),
      languageOf,
      paths: { signIn: PATHS.signIn, secondFactor: PATHS.secondFactor },
    })
    const destinations = createDestinations(clients)
    const frame = createFrame(destinations)
    const hasSecondFactor = async (accountId: string) => (await authenticators.of(accountId)).length > 0
    const sharedWith: SharedWith = (session, account) => {
      const waiting = waitingRequest(session, clients)
      return waiting ? sharedNames(account, waiting.wanted.client, waiting.wanted.asked) : []
    }
    const nextStep = createNextStep({ accounts, consents, hasSecondFactor, sharedWith })

    addAbout(app, { site: SITE, departures: DEPARTURES, wire: WIRE })
    addDiscoveryRoutes(app, publicUrl, keys)
    addClientRoutes(app, { clients, requireOperator, audit })
    addCredentialHolderRoutes(app, createHolders({ accounts, authenticators }))
    addTokenRoutes(app, {
      rules: createTokenRules({ clients, grants, accounts, digests }),
      grants,
      authenticators,
      personTokens,
      digests,
      lifetimes: limits,
      audit,
    })
    addUserInfoRoutes(app, {
      clients,
      grants,
      accounts,
      authenticators,
      personTokens,
      digestToken: digests.access,
    })
    const addPages = createPages({
      publicUrl,
      labUrl: urls.lab,
      limits,
      visits,
      frame,
      sessions,
      accounts,
      authenticators,
      lookUpSecrets: sqlLookUpSecrets(database, secrets),
      consents,
      destinations,
      nextStep,
      hasSecondFactor,
      sharedWith,
      codes: oneTimeCodes(calls),
      mail: labMail(calls),
      approvals: labApprovals(calls),
      keyValue,
      secrets,
      audit,
    })
    addBrowserRoutes(app, visits, LOCALES, (scope) => {
      addPages(scope)
      addAuthorizeRoutes(scope, {
        visits,
        frame,
        accounts,
        clients,
        destinations,
        nextStep,
        sharedWith,
        grants,
        digestCode: digests.code,
        codeLifetimeMs: limits.codeLifetimeMs,
        audit,
      })
      addLeavingRoutes(scope, { visits, frame, clients, audit })
    })
  },
})
