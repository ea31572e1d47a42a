// Cross-site request forgery protection: a signed cookie holds a secret, the form a token made from it.
// Every form post is checked unless its route says `config: { csrf: false }`, so forgetting is safe.
import { createHmac } from 'node:crypto'
import { Tokens } from '@fastify/csrf'
import type { FastifyInstance, FastifyRequest } from 'fastify'

export interface CsrfOptions {
  service: string
  /** Whether people reach the service over https. */
  secure: boolean
  cookieSecret: string | Buffer
  /** What identifies the person's session, if there is one; a token is good for that session only. */
  sessionOf?: (request: FastifyRequest) => string | undefined
}

declare module 'fastify' {
  interface FastifyReply {
    /** Token for `form({ csrf })`, good in this browser; sets the cookie it belongs to when there is none. */
    csrfToken(): string
  }
  interface FastifyContextConfig {
    /** `false`: this route takes form posts from programs, not from browsers, and authenticates each one. */
    csrf?: false
  }
}

class CsrfRefused extends Error {
  readonly statusCode = 403
  readonly code = 'csrf'
  constructor() {
    super('This page expired. Go back and try again.')
  }
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])
// What a form on a foreign page can send without the browser asking us first (Fetch standard,
// CORS-safelisted request-header). Any other type needs a preflight, which no service here answers.
const formTypes = new Set(['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain', ''])

export function protectForms(app: FastifyInstance, options: CsrfOptions): void {
  const { service, secure, cookieSecret, sessionOf } = options
  const hmacKey = createHmac('sha256', cookieSecret).update(`csrf ${service}`).digest('hex')
  const tokens = new Tokens({ hmacKey, userInfo: true })
  // Cookies ignore ports, so the name carries the service. __Host- keeps sibling hosts from setting it.
  const cookieName = `${secure ? '__Host-' : ''}${service}-csrf`
  const cookieOptions = { path: '/', httpOnly: true, sameSite: 'lax', secure, signed: true } as const
  const secretOf = (request: FastifyRequest) => {
    const cookie = request.cookies[cookieName]
    const unsigned = cookie ? request.unsignCookie(cookie) : undefined
    return unsigned?.valid ? unsigned.value : undefined
  }
  const holderOf = (request: FastifyRequest) => `session ${sessionOf?.(request) ?? ''}`
  const issued = new WeakMap<FastifyRequest, string>()

  app.decorateReply('csrfToken', function csrfToken() {
    // One secret per answer: with two, the second cookie would make the first form's token useless.
    let secret = secretOf(this.request) ?? issued.get(this.request)
    if (!secret) {
      secret = tokens.secretSync()
      issued.set(this.request, secret)
      this.setCookie(cookieName, secret, cookieOptions)
    }
    return tokens.create(secret, holderOf(this.request))
  })

  app.addHook('preValidation', async (request) => {
    if (!isFormPost(request)) return
    const body = request.body as Record<string, unknown> | null | undefined
    const token = body?._csrf
    const secret = secretOf(request)
    if (!secret || typeof token !== 'string' || !tokens.verify(secret, token, holderOf(request))) {
      throw new CsrfRefused()
    }
    // Handlers and their schemas see the form's own fields only.
    delete body?._csrf
  })
}

function isFormPost(request: FastifyRequest): boolean {
  if (request.is404 || safeMethods.has(request.method) || request.routeOptions.config.csrf === false) {
    return false
  }
  // A foreign page cannot add a bearer token; basic credentials it can, since browsers remember those.
  if (/^bearer /i.test(request.headers.authorization ?? '')) return false
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  return formTypes.has(type)
}
