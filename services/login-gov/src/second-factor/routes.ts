// All pages of the second factor, at sign-in.

import type { App } from '@gatehouse/http/service'
import { addCertificateRoutes, type CertificateRouteParts } from './certificate-routes.ts'
import { addChoiceRoutes } from './choice-routes.ts'
import { addCodeRoutes, type CodeRouteParts } from './code-routes.ts'
import { createCodeSending } from './code-sending.ts'
import { addLookUpSecretRoutes, type LookUpSecretRouteParts } from './look-up-secret-routes.ts'
import { createSecondFactorStep, type SecondFactorParts, type SecondFactorStep } from './step.ts'
import { addWebAuthnRoutes, type WebAuthnRouteParts } from './webauthn-routes.ts'

export type SecondFactorRouteParts = SecondFactorParts &
  Omit<
    CodeRouteParts & LookUpSecretRouteParts & WebAuthnRouteParts & CertificateRouteParts,
    'step' | 'sending'
  >

/** @returns what the pages that set up a second factor share with these */
export function addSecondFactorRoutes(app: App, parts: SecondFactorRouteParts): SecondFactorStep {
  const step = createSecondFactorStep(parts)
  const sending = createCodeSending(parts)
  addChoiceRoutes(app, { ...parts, step, sending })
  addCodeRoutes(app, { ...parts, step, sending })
  addLookUpSecretRoutes(app, { ...parts, step })
  addWebAuthnRoutes(app, { ...parts, step })
  addCertificateRoutes(app, { ...parts, step })
  return step
}
