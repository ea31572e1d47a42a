import type { App } from '@gatehouse/http/service'

/** Nothing is kept by anybody, but for what says otherwise itself (fact sheet 1). */
export function addCaching(app: App): void {
  app.addHook('onRequest', async (request, reply) => {
    // Static files have names and tags of their own.
    if (!request.url.startsWith('/assets/')) reply.header('cache-control', 'no-store')
  })
  app.addHook('onSend', async (_request, reply) => {
    if (reply.getHeader('cache-control') === 'no-store') reply.header('pragma', 'no-cache')
  })
}
