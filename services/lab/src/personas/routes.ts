import { PersonasFile } from '@gatehouse/contracts/personas'
import type { App } from '@gatehouse/http/service'
import { personasPage } from './pages.ts'
import type { Personas } from './personas.ts'

export function addPersonaRoutes(app: App, personas: Personas): void {
  app.get('/personas', { schema: { hide: true } }, async (_request, reply) =>
    reply.page(personasPage(personas)),
  )
  app.get(
    '/personas.json',
    { schema: { summary: 'The personas with their passwords', response: { 200: PersonasFile } } },
    async (_request, reply) => {
      reply.header('cache-control', 'no-store')
      return { companies: personas.companies, personas: personas.all }
    },
  )
}
