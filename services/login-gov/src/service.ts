import { fileURLToPath } from 'node:url'
import { labMail } from '@gatehouse/contracts/lab'
import { oneTimeCodes } from '@gatehouse/contracts/one-time-codes'
import { ConfigurationError } from '@gatehouse/http/configuration'
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
import { createOneTimeCodeStep } from '@gatehouse/provider/authenticators/one-time-code'
import { createTries } from '@gatehouse/provider/authenticators/tries'
import { createWebAuthn } from '@gatehouse/provider/authenticators/webauthn'
import { addCaching } from '@gatehouse/provider/browser/caching'
import { addBrowserRoutes, createVisits } from '@gatehouse/provider/browser/visits'
import { loadSigningKeys } from '@gatehouse/provider/keys/signing-keys'
import { readLimits } from '@gatehouse/provider/limits'
import { createPasswordStep } from '@gatehouse/provider/password/password-step'
import { sqlRememberedBrowsers } from '@gatehouse/provider/sessions/remembered-browsers'
import { createSessions, type Session } from '@gatehouse/provider/sessions/sessions'
import { sqlSessionStore } from '@gatehouse/provider/sessions/store'
import { Type } from 'typebox'
import { departures } from './about/departures.ts'
import { addAccountPages } from './account/account-pages.ts'
import { createAddedEmails } from './account/added-emails.ts'
import { createAccountResets } from './account-reset/account-resets.ts'
import { grantLetter } from './account-reset/letters.ts'
import { CANCEL, DELETION } from './account-reset/paths.ts'
import { addAccountResetRoutes } from './account-reset/routes.ts'
import { sqlAccountResets } from './account-reset/store.ts'
import { addAccountResetTimer } from './account-reset/timer.ts'
import { createAccountStanding } from './administration/account-standing.ts'
import { addAdministrationRoutes, administrationRefusals } from './administration/routes.ts'
import { addAuthenticatorRoutes } from './authenticators/routes.ts'
import { createShow, SITE } from './browser/frame.ts'
import { addFormLanguage, LOCALE_PREFIXES, languageOf } from './browser/language.ts'
import { createLink } from './browser/links.ts'
import { addNotFound } from './browser/not-found.ts'
import { readClientFile } from './clients/client-file.ts'
import { addClientRoutes } from './clients/routes.ts'
import { sqlClients } from './clients/store.ts'
import { sqlConsents } from './consent/consents.ts'
import { addConsentRoutes } from './consent/routes.ts'
import { addCreateAccountRoutes } from './create-account/routes.ts'
import { createSignUps } from './create-account/sign-ups.ts'
import { LIMITS } from './limits.ts'
import { sqlMailLanguages } from './mail/mail-language.ts'
import { createPost } from './mail/post.ts'
import { migrations } from './migrations.ts'
import { isAuthenticatedAs } from './openid-connect/assurance-levels.ts'
import { addAuthorizeRoutes } from './openid-connect/authorize-routes.ts'
import { sharedAttributes } from './openid-connect/claims.ts'
import { sqlConnections } from './openid-connect/connections.ts'
import { addCrossOrigin } from './openid-connect/cross-origin.ts'
import { addDiscoveryRoutes } from './openid-connect/discovery-routes.ts'
import { sqlGrants } from './openid-connect/grants.ts'
import { keyId } from './openid-connect/key-id.ts'
import { addLeavingRoutes } from './openid-connect/leaving-routes.ts'
import { createLogoutRules } from './openid-connect/logout-request.ts'
import { addLogoutRoutes } from './openid-connect/logout-routes.ts'
import { createDestinations, waitingRequest } from './openid-connect/pending-request.ts'
import { createProofingDemands } from './openid-connect/proofing-demand.ts'
import { createSendAway } from './openid-connect/sending-away.ts'
import { sqlSubjects } from './openid-connect/subjects.ts'
import { createTokenRules } from './openid-connect/token-request.ts'
import { addTokenRoutes } from './openid-connect/token-routes.ts'
import { createPasswordAttempts } from './password/attempts.ts'
import { createEntrance } from './password/entrance.ts'
import { createNewPasswords } from './password/new-password.ts'
import { createPasswordChange } from './password/password-change.ts'
import { addPasswordRoutes } from './password/routes.ts'
import { createResetLinks } from './password-reset/reset-links.ts'
import { addPasswordResetRoutes } from './password-reset/routes.ts'
import { createProofingAttempts } from './proofing/attempts.ts'
import { createProgressKeeping } from './proofing/progress.ts'
import { addProofingRoutes } from './proofing/routes.ts'
import { createAllowance } from './rate-limits/allowance.ts'
import { addRequestLimit } from './rate-limits/requests.ts'
import { createRecentAuthentication, isProfileLocked } from './reauthentication/recent-authentication.ts'
import { addReauthenticationRoutes } from './reauthentication/routes.ts'
import { addRisc } from './risc/risc.ts'
import { addRulesOfUseRoutes } from './rules-of-use/routes.ts'
import { createLockOut } from './second-factor/lock-out.ts'
import { createRememberedBrowser } from './second-factor/remembered-browser.ts'
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
    OPERATOR_TOKEN: Type.Optional(
      Type.String({ minLength: 32, description: 'administers this mock; default: made under DATA_DIR' }),
    ),
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
    // Whoever has the file of personas could sign in as any of them.
    if (configuration.PROFILE !== 'test')
      throw new ConfigurationError('this mock runs where PROFILE is test only')
    const secure = publicUrl.startsWith('https:')
    const clients = sqlClients(database)
    await clients.takeFile(await readClientFile(configuration.CLIENTS_FILE))
    const requireOperator = operatorOnly(operatorToken('login-gov', configuration))
    const limits = readLimits(LIMITS, configuration.LIMITS)
    const events = createAccountEvents()
    const accounts = createAccounts(sqlAccountStore(database, secrets))
    const authenticators = sqlAuthenticators(database, secrets)
    const [keys, personas] = await Promise.all([
      loadSigningKeys(database, secrets, keyId),
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
    const passwordStep = createPasswordStep(accounts, keyValue, {
      mostTries: limits.passwordTriesPerSession,
      waitMs: limits.passwordWaitMs,
    })
    const codes = oneTimeCodes(calls)
    const oneTimeCode = createOneTimeCodeStep({
      codes,
      sender: 'Login.gov',
      origin: new URL(publicUrl).hostname,
    })
    const tries = createTries(codes)
    const webAuthn = createWebAuthn({
      rpName: 'Login.gov',
      publicUrl,
      authenticators,
      most: limits.securityKeys,
    })
    const certificates = createTestCertificates({ database, secrets, name: 'Login.gov' })
    const lookUpSecrets = sqlLookUpSecrets(database, secrets)
    const rememberedBrowsers = sqlRememberedBrowsers(database, (secret) =>
      secrets.digest('remembered browser', secret),
    )
    const rememberedBrowser = createRememberedBrowser(rememberedBrowsers, {
      lastsMs: limits.rememberedBrowserMs,
      secure,
    })
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
      formAction: originsIn(configuration.FORM_ACTION_ORIGINS ?? ''),
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
    const lockOut = createLockOut({ visits, show, destinations, events, keyValue, audit })
    const recent = createRecentAuthentication(visits, limits.reauthenticationWindowMs)
    const post = createPost(labMail(calls), (error) => log.warn({ err: error }, 'a letter could not be sent'))
    addRequestLimit(app, show, {
      most: limits.requestsPerAddress,
      windowMs: limits.requestsWindowMs,
      digest: (address) => secrets.digest('network address', address),
    })
    const link = createLink(publicUrl)
    const mailLanguages = sqlMailLanguages(database)
    const digestPerson = (text: string) => secrets.digest('rate limit', text)
    const passwordAttempts = createPasswordAttempts({
      step: passwordStep,
      accounts,
      keyValue,
      digest: digestPerson,
      limits,
    })
    const newPasswords = createNewPasswords(limits.shortestPassword)
    const changePassword = createPasswordChange({ accounts, sessions, events, post, link, audit })
    const confirmations = createAllowance(keyValue, digestPerson, {
      name: 'confirmation-letters',
      most: limits.emailConfirmationMails,
      windowMs: limits.emailConfirmationMailsWindowMs,
    })
    const accountResets = addAccountResetTimer(
      app,
      createAccountResets({
        store: sqlAccountResets(database),
        accounts,
        digest: (purpose, text) => secrets.digest(purpose, text),
        sendGrant: (account, tokens, lang) => {
          const links = [
            link(DELETION, lang, { token: tokens.delete }),
            link(CANCEL, lang, { token: tokens.cancel }),
          ]
          return post.send(account.emails, grantLetter(links[0] ?? '', links[1] ?? '', lang), lang)
        },
        failed: (error) => log.warn({ err: error }, 'the letter about a deletion could not be sent'),
        waitMs: limits.accountResetWaitMs,
        linkMs: limits.accountResetLinkMs,
      }),
    )
    events.listen(async ({ kind, accountId }) => {
      if (kind !== 'purged') return
      await accountResets.cancel(accountId)
      await mailLanguages.remove(accountId)
    })
    const entrance = createEntrance({
      visits,
      show,
      destinations,
      tries,
      lockOut,
      accountResets,
      rulesOfUseMs: limits.rulesOfUseMs,
      audit,
    })
    const sendAway = createSendAway(configuration.REDIRECT_MODE, show)

    addClientRoutes(app, { clients, requireOperator, audit })
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
    addBrowserRoutes(app, visits, LOCALE_PREFIXES, (scope) => {
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
      addPasswordRoutes(scope, { visits, show, accounts, passwordAttempts, entrance, destinations, audit })
      addRulesOfUseRoutes(scope, { visits, show, accounts, destinations, audit })
      addCreateAccountRoutes(scope, {
        visits,
        show,
        accounts,
        signUps: createSignUps({
          accounts,
          keyValue,
          digest: (token) => secrets.digest('sign-up link', token),
          linkMs: limits.emailConfirmationMs,
        }),
        mailLanguages,
        newPasswords,
        destinations,
        post,
        link,
        letters: confirmations,
        audit,
      })
      addPasswordResetRoutes(scope, {
        visits,
        show,
        accounts,
        resetLinks: createResetLinks({
          keyValue,
          digest: (token) => secrets.digest('password reset link', token),
          linkMs: limits.passwordResetLinkMs,
        }),
        changePassword,
        newPasswords,
        mailLanguages,
        destinations,
        events,
        post,
        link,
        letters: createAllowance(keyValue, digestPerson, {
          name: 'password-reset-letters',
          most: limits.passwordResetMails,
          windowMs: limits.passwordResetMailsWindowMs,
        }),
        audit,
      })
      addReauthenticationRoutes(scope, { visits, show, accounts, passwordAttempts, destinations, audit })
      addAccountResetRoutes(scope, {
        visits,
        show,
        accounts,
        accountResets,
        entrance,
        destinations,
        mailLanguages,
        purge: standing.purge,
        post,
        link,
        requests: createAllowance(keyValue, digestPerson, {
          name: 'account-reset-requests',
          most: limits.accountResetRequests,
          windowMs: limits.accountResetRequestsWindowMs,
        }),
        waitMs: limits.accountResetWaitMs,
        audit,
      })
      const step = addSecondFactorRoutes(scope, {
        visits,
        show,
        accounts,
        authenticators,
        lookUpSecrets,
        oneTimeCode,
        webAuthn,
        certificates,
        async cardHolders() {
          return [...new Set([...personas, ...(await authenticators.holders('certificate', 20))])]
        },
        tries,
        lockOut,
        entrance,
        rememberedBrowser,
        destinations,
        isAuthenticatedAs,
        audit,
        lab: { url: urls.lab, publicUrl },
        backupCodes: limits.backupCodes,
        warnAt: limits.triesLeftWarning,
        warnFrom: limits.codeWarningMs,
      })
      addAuthenticatorRoutes(scope, {
        step,
        visits,
        show,
        accounts,
        authenticators,
        lookUpSecrets,
        oneTimeCode,
        webAuthn,
        certificates,
        rememberedBrowsers,
        lockOut,
        recent,
        destinations,
        events,
        post,
        keyValue,
        secrets,
        audit,
        lab: { url: urls.lab, publicUrl },
        limits,
      })
      addConsentRoutes(scope, {
        visits,
        show,
        accounts,
        consents,
        destinations,
        async sharedWith(session, account) {
          const waiting = waitingRequest(session, clients)
          if (!waiting) return []
          return sharedAttributes({
            ...waiting,
            account,
            certificate: session.authentication?.certificate,
            sharedEmail: await consents.sharedEmail(account.id, waiting.client.clientId),
          })
        },
        audit,
      })
      addAccountPages(scope, {
        ...recent,
        visits,
        show,
        accounts,
        clients,
        consents,
        addedEmails: createAddedEmails(
          keyValue,
          (token) => secrets.digest('added email link', token),
          limits.emailConfirmationMs,
        ),
        mailLanguages,
        passwordAttempts,
        newPasswords,
        changePassword,
        purge: standing.purge,
        voidTokens: connections.voidTokens,
        events,
        post,
        link,
        letters: confirmations,
        emailId: (email) => secrets.digest('email id', email).slice(0, 22),
        mostEmails: limits.emailAddresses,
        audit,
      })
      addProofingRoutes(scope, {
        visits,
        show,
        accounts,
        authenticators,
        lookUpSecrets,
        oneTimeCode,
        lockOut,
        destinations,
        demandOf: createProofingDemands(clients),
        progress: createProgressKeeping(secrets),
        attempts: createProofingAttempts(keyValue, {
          most: limits.proofingAttempts,
          windowMs: limits.proofingAttemptsWindowMs,
        }),
        attemptPassword: passwordAttempts.attempt,
        events,
        keyValue,
        audit,
        warnAt: limits.triesLeftWarning,
        warnFrom: limits.codeWarningMs,
      })
      addLeavingRoutes(scope, { visits, show, clients })
      addLogoutRoutes(scope, { visits, show, sendAway, rules: logoutRules, grants, confirmationOf, audit })
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
