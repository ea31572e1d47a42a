import { randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** A cookie that holds 256 random bits and nothing else. It goes when the browser is closed. */
export interface OpaqueCookie {
  read(request: FastifyRequest): string | undefined
  /** Sets a new value and gives it. */
  renew(reply: FastifyReply): string
  clear(reply: FastifyReply): void
}

/** Over https the name gets `__Host-`, so that no other host can set it; localhost ports share cookies. */
export function opaqueCookie(name: string, publicUrl: string): OpaqueCookie {
  const secure = publicUrl.startsWith('https:')
  const fullName = secure ? `__Host-${name}` : name
  // Lax: the answer of sign-in arrives as a navigation from another site.
  const options = { path: '/', httpOnly: true, sameSite: 'lax', secure } as const
  return {
    read(request) {
      const value = request.cookies[fullName]
      return value !== undefined && /^[\w-]{43}$/.test(value) ? value : undefined
    },
    renew(reply) {
      const value = randomBytes(32).toString('base64url')
      reply.setCookie(fullName, value, options)
      return value
    },
    clear(reply) {
      reply.clearCookie(fullName, options)
    },
  }
}
