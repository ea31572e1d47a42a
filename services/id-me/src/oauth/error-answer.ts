// Errors of authorize and logout (fact sheet 6): status 200 and an `error`, on a page for people and as JSON for
// programs. Never a redirect, so never to an address that somebody else chose (RFC 6749 §4.1.2.1).

import type { FastifyReply, FastifyRequest } from 'fastify'
import { html } from 'ghtml'
import type { Frame } from '../browser/frame.ts'
import type { OAuthError } from './errors.ts'

const words = {
  en: {
    title: 'We cannot go on with this request',
    intro:
      'The service that sent you here made a request that is not valid. Go back and try again; if that does not help, tell its support what follows.',
  },
  es: {
    title: 'No podemos continuar con esta solicitud',
    intro:
      'El servicio que le envió aquí hizo una solicitud que no es válida. Vuelva e inténtelo de nuevo; si no sirve, diga a su servicio de asistencia lo siguiente.',
  },
}

export function answerError(
  request: FastifyRequest,
  reply: FastifyReply,
  frame: Frame,
  error: OAuthError,
): FastifyReply {
  request.log.info({ reason: error.error, description: error.description }, 'request refused')
  const accept = request.headers.accept ?? ''
  if (accept.includes('json') && !accept.includes('text/html')) return reply.code(200).send(error.body)
  const say = words[request.visit.language.lang]
  const main = html`<h1>${say.title}</h1>
<p>${say.intro}</p>
<dl>
<dt>error</dt><dd><code id="error">${error.error}</code></dd>
<dt>error_description</dt><dd id="error_description">${error.description}</dd>
</dl>`
  return frame.show(request, reply, { title: say.title, main, error: true })
}
