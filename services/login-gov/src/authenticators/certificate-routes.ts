import type { App } from '@gatehouse/http/service'
import type { Authenticators } from '@gatehouse/provider/authenticators/authenticators'
import type { TestCertificates } from '@gatehouse/provider/authenticators/certificates'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Show } from '../browser/frame.ts'
import type { CertificateProblem } from '../second-factor/certificate-pages.ts'
import { cardsOf, presented } from '../second-factor/certificate-routes.ts'
import { certificateSetUpPage } from './certificate-pages.ts'
import { SET_UP_PATHS } from './choice.ts'
import { Name, nameOr } from './name.ts'
import type { SetUp } from './set-up.ts'

const CertificateForm = Type.Object(
  { certificate: Type.Optional(Type.String({ maxLength: 255 })), name: Name },
  { additionalProperties: false },
)

export interface CertificateSetUpParts {
  setUp: SetUp
  certificates: TestCertificates
  authenticators: Authenticators
  show: Show
  /** How many certificates an account may have. */
  most: number
}

export function addCertificateRoutes(
  app: App,
  { setUp, certificates, authenticators, show, most }: CertificateSetUpParts,
): void {
  const place = SET_UP_PATHS.piv_cac

  async function page(
    request: FastifyRequest,
    reply: FastifyReply,
    more: { name?: string; problem?: CertificateProblem | 'tooMany' } = {},
  ) {
    const choices = await certificates.choicesFor(cardsOf(await setUp.accountOf(request)))
    return show(request, reply, certificateSetUpPage(await setUp.frame(request, reply), { choices, ...more }))
  }

  app.get(place, { onRequest: setUp.guards }, async (request, reply) => page(request, reply))

  app.post(place, { onRequest: setUp.guards, schema: { body: CertificateForm } }, async (request, reply) => {
    const { certificate: chosen, name } = request.body
    const again = (problem: CertificateProblem | 'tooMany') =>
      page(request, reply, { name: name ?? '', problem })
    if (!chosen) return again('choose')
    const shown = await presented(certificates, chosen)
    if (shown.outcome !== 'valid') return again(shown.outcome)
    const { subject, issuer, fingerprint } = shown
    const { id: accountId } = await setUp.accountOf(request)
    const added = await authenticators.add(
      {
        accountId,
        kind: 'certificate',
        name: nameOr('Government employee ID', name),
        details: { subject, issuer, fingerprint },
        identifier: fingerprint,
      },
      most,
    )
    if (!added) {
      const own = await authenticators.ofKind(accountId, 'certificate')
      const isMine = own.some(({ details }) => details.fingerprint === fingerprint)
      return again(own.length >= most && !isMine ? 'tooMany' : 'taken')
    }
    const given = { certificate: { subject, issuer } }
    return reply.redirect(await setUp.added(request, reply, 'piv_cac', 'piv_cac', given), 303)
  })
}
