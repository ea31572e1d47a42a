// Routes for browsers: each request has its session, and none is in the OpenAPI document unless it says so itself.

import type { App } from '@gatehouse/http/service'
import type { Visits } from '@gatehouse/provider/browser/visits'
import { PATHS } from '../paths.ts'

export function addBrowserScope(app: App, visits: Visits, add: (scope: App) => void): void {
  app.register(async (instance) => {
    const scope = instance as unknown as App
    scope.addHook('onRequest', visits.open)
    scope.addHook('onRoute', (route) => {
      route.schema = { hide: true, ...route.schema }
    })
    scope.get('/', async (request, reply) =>
      reply.redirect(request.visit.session?.signInId ? PATHS.securitySettings : PATHS.signIn, 303),
    )
    add(scope)
  })
}
