// The pages of people, wired: what they share is made here, once, and each capability gets its part of it.

import type { Audit } from '@gatehouse/audit/audit'
import type { Approvals, Mail } from '@gatehouse/contracts/lab'
import type { oneTimeCodes } from '@gatehouse/contracts/one-time-codes'
import type { App } from '@gatehouse/http/service'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Authenticators } from '@gatehouse/provider/authenticators/authenticators'
import type { LookUpSecrets } from '@gatehouse/provider/authenticators/look-up-secrets'
import { createOneTimeCodeStep } from '@gatehouse/provider/authenticators/one-time-code'
import { createTries } from '@gatehouse/provider/authenticators/tries'
import { createWebAuthn } from '@gatehouse/provider/authenticators/webauthn'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { Limits } from '@gatehouse/provider/limits'
import { createMailLimit } from '@gatehouse/provider/mail/mail-limit'
import { createPasswordStep } from '@gatehouse/provider/password/password-step'
import type { Sessions } from '@gatehouse/provider/sessions/sessions'
import type { KeyValue } from '@gatehouse/storage/key-value'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { IdMeDestinations } from './browser/destination.ts'
import type { Frame } from './browser/frame.ts'
import type { NextStep, SharedWith } from './browser/next-step.ts'
import type { Consents } from './consent/consents.ts'
import { addConsentRoutes } from './consent/routes.ts'
import type { LIMITS } from './limits.ts'
import { createLetters } from './mail/letters.ts'
import { createMailedLinks } from './mail/mailed-links.ts'
import { addPasswordRoutes } from './password/routes.ts'
import { createLocked } from './recovery/locked.ts'
import { createRecovery } from './recovery/recovery.ts'
import { addRecoveryRoutes } from './recovery/routes.ts'
import { addSecondFactorRoutes } from './second-factor/routes.ts'
import { createSecondFactorStep } from './second-factor/step.ts'
import { addCodeGeneratorSetUp, addPushSetUp } from './settings/app-set-up.ts'
import { createChanges } from './settings/change.ts'
import { addPhoneSetUp } from './settings/phone-set-up.ts'
import { addSettingsRoutes } from './settings/routes.ts'
import { addPaperSetUp, addSetUpChoice, addWebAuthnSetUp } from './settings/set-up-routes.ts'
import { addSignInRoutes } from './sign-in/routes.ts'
import { addSignUpRoutes } from './sign-up/routes.ts'
import { SITE } from './site.ts'
import { addVerificationRoutes } from './verification/routes.ts'

export interface PagesParts {
  publicUrl: string
  /** The lab's address as a browser sees it. */
  labUrl: string
  limits: Limits<typeof LIMITS>
  visits: Visits
  frame: Frame
  sessions: Sessions
  accounts: Accounts
  authenticators: Authenticators
  lookUpSecrets: LookUpSecrets
  consents: Consents
  destinations: IdMeDestinations
  nextStep: NextStep
  hasSecondFactor(accountId: string): Promise<boolean>
  sharedWith: SharedWith
  codes: ReturnType<typeof oneTimeCodes>
  mail: Mail
  approvals: Approvals
  keyValue: KeyValue
  secrets: Secrets
  audit: Audit
}

/** @returns what adds the routes to a scope, for each language */
export function createPages(given: PagesParts): (scope: App) => void {
  const { publicUrl, labUrl, limits, visits, frame, accounts, authenticators, codes, mail, audit } = given
  const { keyValue, secrets } = given
  const tries = createTries(codes)
  const passwordStep = createPasswordStep(accounts, keyValue, {
    mostTries: limits.passwordTries,
    waitMs: limits.passwordLockMs,
  })
  const oneTimeCode = createOneTimeCodeStep({
    codes,
    sender: SITE.name,
    origin: new URL(publicUrl).hostname,
  })
  const webAuthn = createWebAuthn({
    rpName: SITE.name,
    publicUrl,
    authenticators,
    most: limits.securityKeys,
  })
  const links = createMailedLinks(keyValue, (purpose, text) => secrets.digest(purpose, text))
  const letters = createLetters(mail, publicUrl)
  const mailLimit = createMailLimit(keyValue, limits.mailEveryMs)
  const recovery = createRecovery({
    accounts,
    tries,
    passwordStep,
    links,
    letters,
    mailLimit,
    linkMs: limits.unlockLinkMs,
  })
  const locked = createLocked({ visits, frame, recovery, audit })
  const step = createSecondFactorStep({ ...given, tries, locked })
  const changes = createChanges({ ...given, step, letters, reauthenticationMs: limits.reauthenticationMs })
  const lab = { url: labUrl, publicUrl }
  const parts = {
    ...given,
    tries,
    passwordStep,
    oneTimeCode,
    webAuthn,
    links,
    letters,
    mailLimit,
    recovery,
    locked,
    step,
    changes,
    lab,
    approvalMs: limits.approvalMs,
    backupCodes: limits.backupCodes,
  }
  return (scope) => {
    addSignInRoutes(scope, parts)
    addSecondFactorRoutes(scope, parts)
    addRecoveryRoutes(scope, parts)
    addPasswordRoutes(scope, parts)
    addSignUpRoutes(scope, parts)
    addVerificationRoutes(scope, parts)
    addConsentRoutes(scope, parts)
    addSettingsRoutes(scope, parts)
    addSetUpChoice(scope, parts)
    addPhoneSetUp(scope, { ...parts, most: limits.phones })
    addCodeGeneratorSetUp(scope, parts)
    addPushSetUp(scope, parts)
    addWebAuthnSetUp(scope, parts)
    addPaperSetUp(scope, parts)
  }
}
