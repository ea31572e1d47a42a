import { labMail } from '@gatehouse/contracts/lab'
import { oneTimeCodes } from '@gatehouse/contracts/one-time-codes'
import { upgradeCodes } from '@gatehouse/contracts/upgrade-codes'
import { operatorOnly, operatorToken } from '@gatehouse/http/operator'
import { defineService } from '@gatehouse/http/service'
import { sqlAdapter } from '@gatehouse/openid-provider/adapter'
import { mountProvider } from '@gatehouse/openid-provider/mount'
import { errorPage } from '@gatehouse/pages/error-page'
import { pageRefusals, registerPages } from '@gatehouse/pages/register-pages'
import { addAbout } from '@gatehouse/provider/about/about'
import { createAccounts } from '@gatehouse/provider/accounts/accounts'
import { readPersonas } from '@gatehouse/provider/accounts/personas'
import { sqlAccountStore } from '@gatehouse/provider/accounts/store'
import { addCaching } from '@gatehouse/provider/browser/caching'
import { createVisits } from '@gatehouse/provider/browser/visits'
import { readClientFile } from '@gatehouse/provider/clients/client-file'
import { formActionOrigins, forTestOnly, PROVIDER_CONFIGURATION } from '@gatehouse/provider/configuration'
import { addCredentialHolderRoutes } from '@gatehouse/provider/credential-holders/routes'
import { readLimits } from '@gatehouse/provider/limits'
import { createSessions } from '@gatehouse/provider/sessions/sessions'
import { sqlSessionStore } from '@gatehouse/provider/sessions/store'
import type { ClientMetadata } from 'oidc-provider'
import { Type } from 'typebox'
import { DEPARTURES, WIRE } from './about/departures.ts'
import { createFrame } from './browser/frame.ts'
import { addBrowserScope } from './browser/routes.ts'
import { authenticatesBySecret, ClientChange, entryProblems } from './clients/client-entry.ts'
import { addClientRoutes, SECRET_MISSING } from './clients/routes.ts'
import { sqlClients, withRegister } from './clients/store.ts'
import { createHolders } from './credential-holders/holders.ts'
import { createElectronicAccess } from './electronic-access/electronic-access.ts'
import { createExtraSecurity } from './extra-security/extra-security.ts'
import { LIMITS } from './limits.ts'
import { migrations } from './migrations.ts'
import { addInteractionRoutes } from './openid-provider/interaction-routes.ts'
import { endSessionAtLogout } from './openid-provider/logout.ts'
import { createDestinations } from './openid-provider/pending-request.ts'
import { createPeople } from './openid-provider/people.ts'
import { createProvider } from './openid-provider/provider.ts'
import { loadJwks } from './openid-provider/signing-keys.ts'
import { createPages } from './pages.ts'
import { PATHS } from './paths.ts'
import { seedMySsaPersonas } from './personas/seed.ts'
import { SESSION_COOKIE, SITE } from './site.ts'
import { sqlUsernames } from './usernames/store.ts'

export const service = defineService({
  name: 'my-ssa',
  summary: 'A mock of my Social Security as it was: username, password, and extra security by text',
  configuration: Type.Object(PROVIDER_CONFIGURATION),
  migrations,
  refusals: {
    ...pageRefusals,
    sign_in_expired: { status: 400, title: 'This sign-in is over. Go back to the service and sign in again' },
  },
  errorPage: (problem) => errorPage(problem, SITE),
  async build(app, { configuration, publicUrl, urls, database, keyValue, secrets, calls, audit, log }) {
    forTestOnly(configuration)
    const secure = publicUrl.startsWith('https:')
    const limits = readLimits(LIMITS, configuration.LIMITS)
    const requireOperator = operatorOnly(operatorToken('my-ssa', configuration))
    const accounts = createAccounts(sqlAccountStore(database, secrets))
    const usernames = sqlUsernames(database, secrets)
    const letters = upgradeCodes(calls)
    const electronicAccess = createElectronicAccess({ database, secrets })
    const extraSecurity = createExtraSecurity({ database, secrets, accounts, letters })
    const { personas } = configuration.PERSONAS_FILE
      ? await readPersonas(configuration.PERSONAS_FILE)
      : { personas: [] }
    const [keys] = await Promise.all([
      loadJwks(database, secrets),
      seedMySsaPersonas(personas, { usernames, extraSecurity }),
    ])

    const digestSecret = (secret: string) => secrets.digest('client secret', secret)
    const clients = sqlClients(database, digestSecret)
    const people = createPeople({ accounts, usernames, electronicAccess })
    const provider = createProvider({
      publicUrl,
      keys,
      adapter: withRegister(clients, sqlAdapter(database, secrets)),
      people,
      limits,
      secrets,
      digestSecret,
      log,
    })
    // The constructor checks; the types leave it out.
    const Client = provider.Client as unknown as new (metadata: ClientMetadata) => unknown
    const problemsOf = (change: ClientChange) =>
      entryProblems(change, (metadata) => {
        new Client(metadata)
      })
    const entries = await readClientFile(configuration.CLIENTS_FILE, ClientChange, (entry) => {
      const isLacking = authenticatesBySecret(entry) && entry.client_secret === undefined
      return isLacking ? [SECRET_MISSING] : problemsOf(entry)
    })
    await clients.takeFile(entries)

    const sessions = createSessions(
      sqlSessionStore(database),
      (secret) => secrets.digest('session', secret),
      { idleMs: limits.sessionIdleMs, longestMs: limits.sessionLongestMs, oneBrowser: false },
    )
    await registerPages(app, {
      service: 'my-ssa',
      publicUrl,
      cookieSecret: secrets.key('cookies').toString('base64url'),
      formAction: formActionOrigins(configuration),
      // Not before the password: a sign-in page may stay open for longer than a session that nobody is in.
      sessionOf: ({ visit }) => (visit?.session?.accountId ? visit.session.key : undefined),
    })
    addCaching(app)
    app.addHook('onRequest', () => clients.refresh())
    endSessionAtLogout(provider, { sessions, sessionCookie: SESSION_COOKIE, secure, audit })
    await mountProvider(app, () => provider, publicUrl)
    addAbout(app, { site: SITE, departures: DEPARTURES, wire: WIRE })
    addClientRoutes(app, { clients, problemsOf, requireOperator, audit })
    addCredentialHolderRoutes(
      app,
      createHolders({ database, secrets, clients, extraSecurity, signInUrl: urls['sign-in'] }),
    )

    const visits = createVisits(sessions, {
      cookieName: SESSION_COOKIE,
      secure,
      languageOf: () => ({ locale: 'en', lang: 'en', base: '' }),
      paths: { signIn: PATHS.signIn, secondFactor: PATHS.securityCode },
    })
    const destinations = createDestinations(clients)
    const addPages = createPages({
      publicUrl,
      limits,
      database,
      keyValue,
      secrets,
      visits,
      sessions,
      frame: createFrame(destinations),
      destinations,
      accounts,
      usernames,
      electronicAccess,
      extraSecurity,
      codes: oneTimeCodes(calls),
      letters,
      mail: labMail(calls),
      personas,
      requireOperator,
      audit,
    })
    addBrowserScope(app, visits, (scope) => {
      addInteractionRoutes(scope, { provider, visits, people, extraSecurity, audit })
      addPages(scope)
    })
  },
})
