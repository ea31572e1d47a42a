// The pages of people, wired: what they share is made here, once, and each capability gets its part of it.

import type { Audit } from '@gatehouse/audit/audit'
import type { Mail } from '@gatehouse/contracts/lab'
import type { oneTimeCodes } from '@gatehouse/contracts/one-time-codes'
import type { App } from '@gatehouse/http/service'
import type { AccountEvents } from '@gatehouse/provider/accounts/account-events'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Authenticators } from '@gatehouse/provider/authenticators/authenticators'
import type { TestCertificates } from '@gatehouse/provider/authenticators/certificates'
import type { LookUpSecrets } from '@gatehouse/provider/authenticators/look-up-secrets'
import { createOneTimeCodeStep } from '@gatehouse/provider/authenticators/one-time-code'
import { createTries } from '@gatehouse/provider/authenticators/tries'
import { createWebAuthn } from '@gatehouse/provider/authenticators/webauthn'
import type { Destinations } from '@gatehouse/provider/browser/destination'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { Limits } from '@gatehouse/provider/limits'
import { createPasswordStep } from '@gatehouse/provider/password/password-step'
import type { RememberedBrowsers } from '@gatehouse/provider/sessions/remembered-browsers'
import type { Sessions } from '@gatehouse/provider/sessions/sessions'
import type { KeyValue } from '@gatehouse/storage/key-value'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { FastifyBaseLogger } from 'fastify'
import { addAccountPages } from './account/account-pages.ts'
import { createAddedEmails } from './account/added-emails.ts'
import { createAccountResets } from './account-reset/account-resets.ts'
import { grantLetter } from './account-reset/letters.ts'
import { CANCEL, DELETION } from './account-reset/paths.ts'
import { addAccountResetRoutes } from './account-reset/routes.ts'
import type { AccountResetStore } from './account-reset/store.ts'
import { addAccountResetTimer } from './account-reset/timer.ts'
import type { AccountStanding } from './administration/account-standing.ts'
import { addAuthenticatorRoutes } from './authenticators/routes.ts'
import type { Show } from './browser/frame.ts'
import { SITE } from './browser/frame.ts'
import { createLink } from './browser/links.ts'
import type { Clients } from './clients/client.ts'
import type { Consents } from './consent/consents.ts'
import { addConsentRoutes } from './consent/routes.ts'
import { addCreateAccountRoutes } from './create-account/routes.ts'
import { createSignUps } from './create-account/sign-ups.ts'
import type { LIMITS } from './limits.ts'
import type { MailLanguages } from './mail/mail-language.ts'
import { createPost } from './mail/post.ts'
import { isAuthenticatedAs } from './openid-connect/assurance-levels.ts'
import { sharedAttributes } from './openid-connect/claims.ts'
import type { Connections } from './openid-connect/connections.ts'
import { waitingRequest } from './openid-connect/pending-request.ts'
import { createProofingDemands } from './openid-connect/proofing-demand.ts'
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
import { createRecentAuthentication } from './reauthentication/recent-authentication.ts'
import { addReauthenticationRoutes } from './reauthentication/routes.ts'
import { addRulesOfUseRoutes } from './rules-of-use/routes.ts'
import { createLockOut } from './second-factor/lock-out.ts'
import { createRememberedBrowser } from './second-factor/remembered-browser.ts'
import { addSecondFactorRoutes } from './second-factor/routes.ts'

export interface PagesParts {
  publicUrl: string
  /** The lab's address as a browser sees it. */
  labUrl: string
  /** Whether cookies go over TLS alone. */
  secure: boolean
  limits: Limits<typeof LIMITS>
  visits: Visits
  show: Show
  sessions: Sessions
  accounts: Accounts
  /** Accounts of personas: their certificates are there to choose from. */
  personas: readonly string[]
  authenticators: Authenticators
  certificates: TestCertificates
  lookUpSecrets: LookUpSecrets
  rememberedBrowsers: RememberedBrowsers
  mailLanguages: MailLanguages
  accountResetStore: AccountResetStore
  clients: Clients
  consents: Consents
  standing: AccountStanding
  connections: Connections
  destinations: Destinations
  events: AccountEvents
  codes: ReturnType<typeof oneTimeCodes>
  mail: Mail
  keyValue: KeyValue
  secrets: Secrets
  audit: Audit
  log: FastifyBaseLogger
}

/**
 * @param app has the timer of letters that are due
 * @returns what adds the routes to a scope, for each language
 */
export function createPages(app: App, given: PagesParts): (scope: App) => void {
  const { publicUrl, labUrl, secure, limits, visits, show, sessions, accounts, personas, authenticators } =
    given
  const { rememberedBrowsers, mailLanguages, clients, consents, standing, connections, destinations } = given
  const { events, codes, keyValue, secrets, audit, log } = given
  const passwordStep = createPasswordStep(accounts, keyValue, {
    mostTries: limits.passwordTriesPerSession,
    waitMs: limits.passwordWaitMs,
  })
  const oneTimeCode = createOneTimeCodeStep({
    codes,
    sender: SITE.name,
    origin: new URL(publicUrl).hostname,
  })
  const tries = createTries(codes)
  const webAuthn = createWebAuthn({
    rpName: SITE.name,
    publicUrl,
    authenticators,
    most: limits.securityKeys,
  })
  const rememberedBrowser = createRememberedBrowser(rememberedBrowsers, {
    lastsMs: limits.rememberedBrowserMs,
    secure,
  })
  const lockOut = createLockOut({ visits, show, destinations, events, keyValue, audit })
  const recent = createRecentAuthentication(visits, limits.reauthenticationWindowMs)
  const post = createPost(given.mail, (error) => log.warn({ err: error }, 'a letter could not be sent'))
  const link = createLink(publicUrl)
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
  const accountResets = createAccountResets({
    store: given.accountResetStore,
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
  })
  addAccountResetTimer(app, accountResets)
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

  const parts = {
    ...given,
    lab: { url: labUrl, publicUrl },
    oneTimeCode,
    webAuthn,
    tries,
    rememberedBrowser,
    lockOut,
    recent,
    post,
    link,
    passwordAttempts,
    attemptPassword: passwordAttempts.attempt,
    newPasswords,
    changePassword,
    accountResets,
    entrance,
    purge: standing.purge,
    warnAt: limits.triesLeftWarning,
    warnFrom: limits.codeWarningMs,
  }

  return (scope) => {
    addPasswordRoutes(scope, parts)
    addRulesOfUseRoutes(scope, parts)
    addCreateAccountRoutes(scope, {
      ...parts,
      signUps: createSignUps({
        accounts,
        keyValue,
        digest: (token) => secrets.digest('sign-up link', token),
        linkMs: limits.emailConfirmationMs,
      }),
      letters: confirmations,
    })
    addPasswordResetRoutes(scope, {
      ...parts,
      resetLinks: createResetLinks({
        keyValue,
        digest: (token) => secrets.digest('password reset link', token),
        linkMs: limits.passwordResetLinkMs,
      }),
      letters: createAllowance(keyValue, digestPerson, {
        name: 'password-reset-letters',
        most: limits.passwordResetMails,
        windowMs: limits.passwordResetMailsWindowMs,
      }),
    })
    addReauthenticationRoutes(scope, parts)
    addAccountResetRoutes(scope, {
      ...parts,
      requests: createAllowance(keyValue, digestPerson, {
        name: 'account-reset-requests',
        most: limits.accountResetRequests,
        windowMs: limits.accountResetRequestsWindowMs,
      }),
      waitMs: limits.accountResetWaitMs,
    })
    const step = addSecondFactorRoutes(scope, {
      ...parts,
      async cardHolders() {
        return [...new Set([...personas, ...(await authenticators.holders('certificate', 20))])]
      },
      isAuthenticatedAs,
      backupCodes: limits.backupCodes,
    })
    addAuthenticatorRoutes(scope, { ...parts, step })
    addConsentRoutes(scope, {
      ...parts,
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
    })
    addAccountPages(scope, {
      ...parts,
      ...recent,
      addedEmails: createAddedEmails(
        keyValue,
        (token) => secrets.digest('added email link', token),
        limits.emailConfirmationMs,
      ),
      voidTokens: connections.voidTokens,
      letters: confirmations,
      emailId: (email) => secrets.digest('email id', email).slice(0, 22),
      mostEmails: limits.emailAddresses,
    })
    addProofingRoutes(scope, {
      ...parts,
      demandOf: createProofingDemands(clients),
      progress: createProgressKeeping(secrets),
      attempts: createProofingAttempts(keyValue, {
        most: limits.proofingAttempts,
        windowMs: limits.proofingAttemptsWindowMs,
      }),
    })
  }
}
