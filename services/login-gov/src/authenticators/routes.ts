// All pages that set up second factors and manage them.

import type { App } from '@gatehouse/http/service'
import type { Limits } from '@gatehouse/provider/limits'
import type { LIMITS } from '../limits.ts'
import { type AppSetUpParts, addAppRoutes } from './app-routes.ts'
import { addBackupCodeRoutes, type BackupCodeParts } from './backup-code-routes.ts'
import { addCertificateRoutes, type CertificateSetUpParts } from './certificate-routes.ts'
import { addChoiceRoutes } from './choice-routes.ts'
import { addManagementRoutes, type ManagementParts } from './management-routes.ts'
import { addPhoneRoutes, type PhoneSetUpParts } from './phone-routes.ts'
import { createSetUp, type SetUpParts } from './set-up.ts'
import { addWebAuthnRoutes, type WebAuthnSetUpParts } from './webauthn-routes.ts'

export type AuthenticatorRouteParts = SetUpParts &
  Omit<
    AppSetUpParts &
      BackupCodeParts &
      CertificateSetUpParts &
      WebAuthnSetUpParts &
      Omit<ManagementParts, 'most'> &
      Omit<PhoneSetUpParts, 'sends' | 'warnFrom' | 'warnAt'>,
    'setUp' | 'most' | 'backupCodes'
  > & { limits: Limits<typeof LIMITS> }

export function addAuthenticatorRoutes(app: App, given: AuthenticatorRouteParts): void {
  const { limits, ...rest } = given
  const parts = { ...rest, setUp: createSetUp(given) }
  addChoiceRoutes(app, parts)
  addPhoneRoutes(app, {
    ...parts,
    most: limits.phones,
    sends: { most: limits.phoneSetUpSends, windowMs: limits.phoneSetUpWindowMs },
    warnFrom: limits.codeWarningMs,
    warnAt: limits.triesLeftWarning,
  })
  addAppRoutes(app, { ...parts, most: limits.authenticatorApps })
  addWebAuthnRoutes(app, parts)
  addCertificateRoutes(app, { ...parts, most: limits.certificates })
  addBackupCodeRoutes(app, { ...parts, backupCodes: limits.backupCodes })
  addManagementRoutes(app, {
    ...parts,
    most: {
      phone: limits.phones,
      authenticator_app: limits.authenticatorApps,
      certificate: limits.certificates,
      security_key: limits.securityKeys,
      platform_authenticator: limits.securityKeys,
    },
  })
}
