import type { App } from '@gatehouse/http/service'
import { addConnectionRoutes, type ConnectionRouteParts } from './connection-routes.ts'
import { addCredentialRoutes, type CredentialRouteParts } from './credential-routes.ts'
import { addEmailRoutes, type EmailRouteParts } from './email-routes.ts'
import { type AccountRouteParts, addAccountRoutes } from './routes.ts'

export type AccountPageParts = AccountRouteParts &
  EmailRouteParts &
  CredentialRouteParts &
  ConnectionRouteParts

/** What somebody who is signed in does with their account, but for its authentication methods. */
export function addAccountPages(app: App, parts: AccountPageParts): void {
  addAccountRoutes(app, parts)
  addEmailRoutes(app, parts)
  addCredentialRoutes(app, parts)
  addConnectionRoutes(app, parts)
}
