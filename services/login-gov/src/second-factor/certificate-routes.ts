// PIV and CAC: a certificate as the second factor, or as both factors on the sign-in page.

import type { App } from '@gatehouse/http/service'
import type { Account } from '@gatehouse/provider/accounts/account'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Authenticators } from '@gatehouse/provider/authenticators/authenticators'
import type { Presented, TestCertificates } from '@gatehouse/provider/authenticators/certificates'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Show } from '../browser/frame.ts'
import type { Entrance } from '../password/entrance.ts'
import { type CertificateProblem, certificatePage, certificateSignInPage } from './certificate-pages.ts'
import { challengePath } from './methods.ts'
import { SECOND_FACTOR, type SecondFactorStep } from './step.ts'

const CertificateForm = Type.Object(
  {
    certificate: Type.Optional(Type.String({ maxLength: 255 })),
    remember_device: Type.Optional(Type.String({ maxLength: 10 })),
  },
  { additionalProperties: false },
)

/** The cards that a person holds, as certificates name them: two, as many as an account may have. */
export function cardsOf({ id, email, profile, evidence }: Account) {
  const named = profile ?? evidence?.identity
  const name = named ? `${named.givenName} ${named.familyName}` : email
  return [
    { id, email, name },
    { id: `${id} 2`, email, name: `${name}, second card` },
  ]
}

/** What comes of a choice that a form brought back; not every database can be asked for any text. */
export async function presented(certificates: TestCertificates, chosen: string): Promise<Presented> {
  return /^[\w-]+$/.test(chosen) ? certificates.present(chosen) : { outcome: 'unknown' }
}

export interface CertificateRouteParts {
  step: SecondFactorStep
  certificates: TestCertificates
  authenticators: Authenticators
  accounts: Accounts
  entrance: Entrance
  show: Show
  /** Ids of the accounts whose certificates the sign-in page offers. */
  cardHolders(): Promise<string[]>
}

export function addCertificateRoutes(app: App, parts: CertificateRouteParts): void {
  const { step, certificates, authenticators, accounts, entrance, show, cardHolders } = parts
  const schema = { body: CertificateForm }
  const place = challengePath('piv_cac')

  /** The account and the authenticator of a certificate that is good. */
  async function holderOf(chosen: string) {
    const shown = await presented(certificates, chosen)
    if (shown.outcome !== 'valid') return { problem: shown.outcome }
    const { subject, issuer, fingerprint } = shown
    const authenticator = await authenticators.identified('certificate', fingerprint)
    return { authenticator, certificate: { subject, issuer } }
  }

  async function page(
    request: FastifyRequest,
    reply: FastifyReply,
    more: { problem?: CertificateProblem; triesLeft?: number } = {},
  ) {
    const { account } = await step.open(request)
    const choices = await certificates.choicesFor(cardsOf(account))
    return show(request, reply, certificatePage(step.around(request, reply), { choices, ...more }))
  }

  app.get(place, { onRequest: step.guards }, async (request, reply) => {
    const { methods } = await step.open(request)
    return methods.includes('piv_cac') ? page(request, reply) : step.restart(request, reply)
  })

  app.post(place, { onRequest: step.guards, schema }, async (request, reply) => {
    const { methods, account } = await step.open(request)
    if (!methods.includes('piv_cac')) return step.restart(request, reply)
    const { certificate: chosen, remember_device: remember } = request.body
    if (!chosen) return page(request, reply, { problem: 'choose' })
    let problem: CertificateProblem = 'not_yours'
    const tried = await step.attempt(request, reply, 'piv_cac', async () => {
      const { authenticator, certificate, problem: why } = await holderOf(chosen)
      if (why) problem = why
      if (authenticator?.accountId !== account.id) return undefined
      await authenticators.use(authenticator.id)
      return certificate
    })
    if (tried.outcome === 'answered') return tried.reply
    if (tried.outcome === 'refused') return page(request, reply, { problem, triesLeft: tried.triesLeft })
    const given = { method: 'piv_cac', remember: remember !== undefined, certificate: tried.result } as const
    return reply.redirect(await step.complete(request, reply, given), 303)
  })

  async function signInPage(request: FastifyRequest, reply: FastifyReply, problem?: CertificateProblem) {
    const holders = await Promise.all((await cardHolders()).map((id) => accounts.find(id)))
    const people = holders.filter((account) => account !== undefined).flatMap(cardsOf)
    const choices = await certificates.choicesFor(people)
    const around = step.around(request, reply)
    return show(request, reply, certificateSignInPage(around, { choices, ...(problem ? { problem } : {}) }))
  }

  app.get('/login/piv_cac', async (request, reply) => {
    if (request.visit.session?.accountId) return reply.redirect(`${request.visit.language.base}/`)
    return signInPage(request, reply)
  })

  app.post('/login/piv_cac', { schema }, async (request, reply) => {
    const { language, session } = request.visit
    if (session?.accountId) return reply.redirect(`${language.base}/`, 303)
    const { certificate: chosen } = request.body
    if (!chosen) return signInPage(request, reply, 'choose')
    const { authenticator, certificate, problem } = await holderOf(chosen)
    if (problem) return signInPage(request, reply, problem)
    const account = authenticator && (await accounts.find(authenticator.accountId))
    if (!account || !certificate) return signInPage(request, reply, 'none')
    if (await entrance.refuse(request, reply, account)) return reply
    await authenticators.use(authenticator.id)
    const next = await entrance.enter(request, reply, account)
    // What comes before the second factor for others comes first here too, and the card is asked for after it.
    if (next !== SECOND_FACTOR) return reply.redirect(language.base + next, 303)
    const given = { method: 'piv_cac', certificate, alone: true } as const
    return reply.redirect(await step.complete(request, reply, given), 303)
  })
}
