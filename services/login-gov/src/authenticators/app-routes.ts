import type { App } from '@gatehouse/http/service'
import type { Authenticators } from '@gatehouse/provider/authenticators/authenticators'
import { newTotpSecret, qrCode, totpStep, totpUri } from '@gatehouse/provider/authenticators/totp'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Show } from '../browser/frame.ts'
import { type AppProblem, appSetUpPage } from './app-pages.ts'
import { SET_UP_PATHS } from './choice.ts'
import { Name, nameOr } from './name.ts'
import type { SetUp } from './set-up.ts'

const AppForm = Type.Object(
  { code: Type.Optional(Type.String({ maxLength: 255 })), name: Name },
  { additionalProperties: false },
)

const PURPOSE = 'authenticator app that is being set up'

export interface AppSetUpParts {
  setUp: SetUp
  authenticators: Authenticators
  secrets: Pick<Secrets, 'seal' | 'unseal'>
  show: Show
  /** How many apps an account may have. */
  most: number
}

export function addAppRoutes(app: App, { setUp, authenticators, secrets, show, most }: AppSetUpParts): void {
  const place = SET_UP_PATHS.auth_app

  /** The secret that this session is setting up: the page may be reloaded after the QR code was scanned. */
  async function secretOf(request: FastifyRequest, reply: FastifyReply): Promise<string> {
    const kept = setUp.kept(request, 'totp')
    if (typeof kept === 'string') return secrets.unseal(PURPOSE, kept)
    const secret = newTotpSecret()
    await setUp.keep(request, reply, { totp: secrets.seal(PURPOSE, secret) })
    return secret
  }

  async function page(
    request: FastifyRequest,
    reply: FastifyReply,
    secret: string,
    more: { name?: string; problem?: AppProblem } = {},
  ) {
    const { email } = await setUp.accountOf(request)
    const picture = qrCode(totpUri({ issuer: 'Login.gov', account: email, secret }))
    const frame = await setUp.frame(request, reply)
    return show(request, reply, appSetUpPage(frame, { secret, qrCode: picture, ...more }))
  }

  app.get(place, { onRequest: setUp.guards }, async (request, reply) =>
    page(request, reply, await secretOf(request, reply)),
  )

  app.post(place, { onRequest: setUp.guards, schema: { body: AppForm } }, async (request, reply) => {
    const { code = '', name } = request.body
    const secret = await secretOf(request, reply)
    const again = (problem: AppProblem) => page(request, reply, secret, { name: name ?? '', problem })
    if (code.trim() === '') return again('blank')
    const timeStep = totpStep(secret, code)
    if (timeStep === undefined) return again('invalid')
    const { id: accountId } = await setUp.accountOf(request)
    const added = await authenticators.add(
      {
        accountId,
        kind: 'authenticator_app',
        name: nameOr('Authentication app', name),
        details: { secret },
        // The code that proved it counts as used.
        counter: timeStep,
      },
      most,
    )
    if (!added) return again('tooMany')
    return reply.redirect(await setUp.added(request, reply, 'totp', 'totp'), 303)
  })
}
