import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ownPrefix, ownRoot, uswdsPrefix, uswdsRoot } from './assets.ts'
import { protectForms } from './csrf.ts'
import { parseForm } from './form-body.ts'

export interface RegisterPagesOptions {
  /** Name of the service; it goes into cookie names. */
  service: string
  /** Where people reach the service; `https:` makes cookies `Secure`. */
  publicUrl: string
  /** Signs cookies and CSRF tokens: at least 32 bytes, one of its own per service. */
  cookieSecret: string | Buffer
  /** Origins that forms of every page may post or redirect to, beside our own. */
  formAction?: string[]
  /** Absolute path of a folder of the service's own, served under `/assets/<service>/`. */
  assets?: string
  /** Ties CSRF tokens to a session; return its id, or `undefined` before there is one. */
  sessionOf?: (request: FastifyRequest) => string | undefined
}

export interface PageOptions {
  /** Default 200. */
  status?: number
  /**
   * Origins this page's forms may post to. Chromium holds every redirect after a form post to this list
   * too, so name each origin the person may be sent on to.
   */
  formAction?: string[]
}

const kFormAction = Symbol('origins that forms of this page may post to')

declare module 'fastify' {
  interface FastifyReply {
    [kFormAction]: string[] | null
    /** Sends a whole HTML document with the headers every page has. */
    page(html: string, options?: PageOptions): FastifyReply
  }
}

/** What this package refuses, for the `refusals` of a service with pages. */
export const pageRefusals = {
  csrf: { status: 403, title: 'This page expired' },
  repeated_field: { status: 400, title: 'A field was sent more than once' },
  field_not_allowed: { status: 400, title: 'A field has a name that is not allowed' },
}

/**
 * Gives a service what its pages need: static files, cookies, form bodies, CSRF protection and
 * `reply.page()`. Works as `await registerPages(app, …)` and as `app.register(registerPages, …)`.
 */
export async function registerPages(app: FastifyInstance, options: RegisterPagesOptions): Promise<void> {
  const { service, publicUrl, cookieSecret, formAction = [], assets, sessionOf } = options
  if (cookieSecret.length < 32) throw new Error('cookieSecret must have at least 32 bytes')
  const secure = new URL(publicUrl).protocol === 'https:'
  await app.register(cookie, { secret: cookieSecret })
  await app.register(formbody, { parser: parseForm })
  protectForms(app, { service, secure, cookieSecret, sessionOf })
  await serveAssets(app, service, assets)

  app.decorateReply(kFormAction, null)
  app.decorateReply('page', function page(this: FastifyReply, document: string, given: PageOptions = {}) {
    this[kFormAction] = originsOf(given.formAction ?? [])
    return this.code(given.status ?? 200)
      .type('text/html; charset=utf-8')
      .send(document)
  })
  const everywhere = originsOf(formAction)
  // In a hook, because error pages come from the error handler and not through reply.page().
  app.addHook('onSend', async (_request, reply) => {
    if (!String(reply.getHeader('content-type')).startsWith('text/html')) return
    reply.headers(pageHeaders(["'self'", ...everywhere, ...(reply[kFormAction] ?? [])]))
  })
}

// Fastify reads this mark: what we add belongs to the app itself and not to a scope of our own.
Object.assign(registerPages, { [Symbol.for('skip-override')]: true })

async function serveAssets(app: FastifyInstance, service: string, assets?: string): Promise<void> {
  const shared = { decorateReply: false, index: false, dotfiles: 'deny' } as const
  await app.register(fastifyStatic, {
    ...shared,
    root: uswdsRoot,
    prefix: uswdsPrefix,
    immutable: true,
    maxAge: '365d',
    allowedPath: (path) => path === '/css/uswds.min.css' || /^\/(fonts|img)\//.test(path),
  })
  // Our own files carry no version in their name: browsers keep them but ask (ETag) before each use.
  await app.register(fastifyStatic, { ...shared, root: ownRoot, prefix: ownPrefix, maxAge: 0 })
  if (assets) {
    await app.register(fastifyStatic, { ...shared, root: assets, prefix: `/assets/${service}/`, maxAge: 0 })
  }
}

function pageHeaders(formAction: string[]) {
  const policy = [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `form-action ${[...new Set(formAction)].join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "object-src 'none'",
  ]
  return {
    'cache-control': 'no-store',
    'content-security-policy': policy.join('; '),
    // Not no-referrer: with that, browsers send `Origin: null` with our own form posts.
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  }
}

/** Cuts addresses down to their origins, so that nothing else can get into the header. */
function originsOf(addresses: string[]): string[] {
  return addresses.map((address) => {
    const { origin } = new URL(address)
    if (origin === 'null') throw new Error('formAction takes http and https addresses only')
    return origin
  })
}
