// The pages of people, wired: what they share is made once, and each capability gets its part of it.

import type { Audit } from '@gatehouse/audit/audit'
import type { Mail } from '@gatehouse/contracts/lab'
import type { oneTimeCodes } from '@gatehouse/contracts/one-time-codes'
import type { upgradeCodes } from '@gatehouse/contracts/upgrade-codes'
import type { App } from '@gatehouse/http/service'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Persona } from '@gatehouse/provider/accounts/personas'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { Limits } from '@gatehouse/provider/limits'
import type { Sessions } from '@gatehouse/provider/sessions/sessions'
import type { KeyValue } from '@gatehouse/storage/key-value'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { onRequestAsyncHookHandler } from 'fastify'
import type { Kysely } from 'kysely'
import type { MySsaDestinations } from './browser/destination.ts'
import type { Frame } from './browser/frame.ts'
import { addCreateAccountRoutes } from './create-account/routes.ts'
import type { ElectronicAccess } from './electronic-access/electronic-access.ts'
import { addElectronicAccessRoutes } from './electronic-access/routes.ts'
import { createAfterPassword } from './extra-security/after-password.ts'
import type { ExtraSecurity } from './extra-security/extra-security.ts'
import { addExtraSecurityRoutes } from './extra-security/routes.ts'
import { addForgottenRoutes } from './forgotten/routes.ts'
import type { LIMITS } from './limits.ts'
import { addLostPhoneRoutes } from './lost-phone/routes.ts'
import { addNoticeRoutes } from './notices/routes.ts'
import { addSecurityCodeRoutes } from './security-code/routes.ts'
import { addSignInRoutes } from './sign-in/routes.ts'
import type { Usernames } from './usernames/store.ts'

/** What every capability may take its parts from. */
export interface PagesParts {
  publicUrl: string
  limits: Limits<typeof LIMITS>
  // biome-ignore lint/suspicious/noExplicitAny: each store names the tables that it uses
  database: Kysely<any>
  keyValue: KeyValue
  secrets: Secrets
  visits: Visits
  sessions: Sessions
  frame: Frame
  destinations: MySsaDestinations
  accounts: Accounts
  usernames: Usernames
  electronicAccess: ElectronicAccess
  extraSecurity: ExtraSecurity
  codes: ReturnType<typeof oneTimeCodes>
  letters: ReturnType<typeof upgradeCodes>
  mail: Mail
  /** The made-up people that identities are verified by. */
  personas: readonly Persona[]
  requireOperator: onRequestAsyncHookHandler
  audit: Audit
}

/** @returns what adds the routes to a scope for browsers */
export function createPages(given: PagesParts): (scope: App) => void {
  const parts = { ...given, afterPassword: createAfterPassword(given) }
  return (scope) => {
    addSignInRoutes(scope, parts)
    addCreateAccountRoutes(scope, parts)
    addForgottenRoutes(scope, parts)
    addElectronicAccessRoutes(scope, parts)
    addNoticeRoutes(scope, parts)
    addSecurityCodeRoutes(scope, parts)
    addExtraSecurityRoutes(scope, parts)
    addLostPhoneRoutes(scope, parts)
  }
}
