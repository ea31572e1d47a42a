import { CallFailed, CallRefused } from '@gatehouse/contracts/calls'
import type { activations, ServiceStanding } from '@gatehouse/contracts/service-activations'
import type { App } from '@gatehouse/http/service'
import type { preHandlerAsyncHookHandler } from 'fastify'
import type { Person } from '../person.ts'
import { sessionOf } from '../sessions/signed-in.ts'
import { hasCbsv } from '../site.ts'
import { mainMenuPage } from './page.ts'

interface Dependencies {
  signedIn: preHandlerAsyncHookHandler
  services: Pick<ReturnType<typeof activations>, 'list'>
}

export function addMainMenuRoute(app: App, { signedIn, services }: Dependencies): void {
  app.get('/main-menu', { preHandler: signedIn, schema: { hide: true } }, async (request, reply) => {
    const { person } = sessionOf(request)
    const cbsv = hasCbsv(person) ? undefined : await standingOf(person)
    return reply.page(mainMenuPage({ person, csrf: reply.csrfToken() }, cbsv))
  })

  /** The menu is there for its other items, and for Logout, when nobody can say. */
  async function standingOf(person: Person): Promise<ServiceStanding | undefined> {
    try {
      return (await services.list(person)).services.find(({ service }) => service === 'CBSV')
    } catch (error) {
      if (error instanceof CallFailed || error instanceof CallRefused) return undefined
      throw error
    }
  }
}
