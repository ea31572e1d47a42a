// All pages of the second factor, at sign-in.

import type { App } from '@gatehouse/http/service'
import { addChoiceRoutes } from './choice-routes.ts'
import { addPhoneRoutes, type PhoneRouteParts } from './phone-routes.ts'
import { addPushRoutes, type PushRouteParts } from './push-routes.ts'
import { addTypedRoutes, type TypedRouteParts } from './typed-routes.ts'
import { addWebAuthnRoutes, type WebAuthnRouteParts } from './webauthn-routes.ts'

export function addSecondFactorRoutes(
  app: App,
  parts: PhoneRouteParts & TypedRouteParts & PushRouteParts & WebAuthnRouteParts,
): void {
  addChoiceRoutes(app, parts)
  addPhoneRoutes(app, parts)
  addTypedRoutes(app, parts)
  addPushRoutes(app, parts)
  addWebAuthnRoutes(app, parts)
}
