import type { App } from '@gatehouse/http/service'
import { html } from 'ghtml'
import type { Show } from './frame.ts'
import { languageOf } from './language.ts'

const words = {
  en: {
    title: 'Page not found',
    why: 'Check the web address. If you followed a link, the page may have moved.',
  },
  es: {
    title: 'Página no encontrada',
    why: 'Compruebe la dirección. Si siguió un enlace, es posible que la página se haya movido.',
  },
}

/** Unknown paths, and known ones by another method, get a page whatever the client accepts (fact sheet 1). */
export function addNotFound(app: App, show: Show): void {
  app.register(async (scope) => {
    // Nobody reads the body, so none is refused for what it is.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, done) => {
      payload.resume()
      done(null)
    })
    scope.all('/*', { config: { csrf: false }, schema: { hide: true } }, async (request, reply) => {
      const language = languageOf(request.url, request.headers['accept-language'])
      request.visit = { language, session: undefined, timedOut: false }
      const { title, why } = words[language.lang]
      const main = html`<h1>${title}</h1><p>${why}</p>`
      return show(request, reply, { title, main, status: 404, error: true })
    })
  })
}
