import type { App } from '@gatehouse/http/service'
import { reference } from '@gatehouse/pages/error-page'
import { alert, buttonLink } from '@gatehouse/pages/forms'
import { html } from 'ghtml'
import { type Show, SITE } from './frame.ts'
import { languageOf } from './language.ts'

const words = {
  en: {
    title: 'Page not found',
    why: 'Check the web address. If you followed a link, the page may have moved.',
    first: `Go to ${SITE.name}`,
  },
  es: {
    title: 'Página no encontrada',
    why: 'Compruebe la dirección. Si siguió un enlace, es posible que la página se haya movido.',
    first: `Ir a ${SITE.name}`,
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
      const { title, why, first } = words[language.lang]
      const main = html`<h1>${title}</h1>
!${alert({ kind: 'error', body: why })}
<p>!${buttonLink(first, `${language.base}/`, { variant: 'outline' })}</p>
!${reference(request.id, language.lang)}`
      return show(request, reply, { title, main, status: 404, error: true })
    })
  })
}
