import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { Channel } from '@gatehouse/contracts/one-time-codes'
import type { App } from '@gatehouse/http/service'
import type { Account } from '@gatehouse/provider/accounts/account'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Authenticators } from '@gatehouse/provider/authenticators/authenticators'
import type { OneTimeCodeStep, SendOutcome } from '@gatehouse/provider/authenticators/one-time-code'
import type { Destinations } from '@gatehouse/provider/browser/destination'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { Notice } from '@gatehouse/provider/sessions/store'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Show } from '../browser/frame.ts'
import {
  type ChallengeProblem,
  challengePage,
  lockedPage,
  type Method,
  maskedPhone,
  optionsPage,
} from './pages.ts'

const CodeForm = Type.Object({ code: Type.Optional(Type.String()) }, { additionalProperties: false })
const OptionsForm = Type.Object(
  { 'two_factor_options_form[selection]': Type.Optional(Type.String()) },
  { additionalProperties: false },
)

export interface SecondFactorRouteParts {
  visits: Visits
  show: Show
  accounts: Accounts
  authenticators: Authenticators
  oneTimeCode: OneTimeCodeStep
  destinations: Destinations
  audit: Audit
}

export function addSecondFactorRoutes(app: App, parts: SecondFactorRouteParts): void {
  const { visits, show, accounts, authenticators, oneTimeCode, destinations, audit } = parts
  const guarded = { onRequest: visits.requirePassword }

  const around = (request: FastifyRequest, reply: FastifyReply) => {
    const { language, session } = request.visit
    const { lang, base } = language
    return { lang, base, csrf: reply.csrfToken(), destination: destinations.of(session) }
  }

  async function accountOf(request: FastifyRequest): Promise<Account> {
    const account = await accounts.find(request.visit.session?.accountId ?? '')
    if (!account) throw new Error('the account of a session is gone')
    return account
  }

  async function phoneOf(request: FastifyRequest): Promise<{ number: string; authenticatorId: string }> {
    const { id } = await accountOf(request)
    const [phone] = await authenticators.ofKind(id, 'phone')
    if (!phone) throw new Error('the account of a session has no phone')
    return { number: phone.details.number, authenticatorId: phone.id }
  }

  function continueAt(request: FastifyRequest): string {
    const { language, session } = request.visit
    return language.base + (destinations.of(session)?.continueAt ?? '/account')
  }

  async function showChallenge(request: FastifyRequest, reply: FastifyReply, problem?: ChallengeProblem) {
    const challenge = request.visit.session?.challenge
    const page = challengePage({
      ...around(request, reply),
      method: methodOf(challenge?.channel),
      phone: maskedPhone((await phoneOf(request)).number),
      expiresIn: (challenge?.expiresAt ?? 0) - now(),
      ...(problem ? { problem } : {}),
    })
    return show(request, reply, { ...page, status: page.error ? 422 : 200 })
  }

  /** Signs out and says until when nothing can be done. */
  async function showLocked(request: FastifyRequest, reply: FastifyReply, retryAt: number) {
    const { session } = request.visit
    await audit.record({
      event: 'second-factor.locked-out',
      outcome: 'refusal',
      ...(session?.accountId ? { actor: session.accountId } : {}),
      requestId: request.id,
    })
    await visits.renew(request, reply, { accountId: null, signInId: null, challenge: null, notice: null })
    const { lang, base, destination } = around(request, reply)
    const left = retryAt - now()
    reply.header('retry-after', Math.max(1, Math.ceil(left / 1000)))
    return show(request, reply, { ...lockedPage({ lang, base, destination, left }), status: 429 })
  }

  /** Keeps what came of sending and moves on to the page that shows it. */
  async function afterSending(request: FastifyRequest, reply: FastifyReply, sending: SendOutcome) {
    const { base } = request.visit.language
    const status = request.method === 'GET' ? 302 : 303
    if (sending.outcome === 'locked') return showLocked(request, reply, sending.retryAt)
    // Nothing is kept: what a request at the same time keeps stays.
    if (sending.outcome === 'overtaken') return reply.redirect(`${base}/users/two_factor_authentication`, status)
    if (sending.outcome === 'number_refused' || sending.outcome === 'not_delivered') {
      await visits.keep(request, reply, { notice: { kind: sending.outcome } })
      return reply.redirect(`${base}/login/two_factor/options`, status)
    }
    const notice = sending.outcome === 'too_soon' ? { kind: 'too_soon', until: sending.retryAt } : null
    await visits.keep(request, reply, { challenge: sending.challenge, notice })
    return reply.redirect(`${base}/login/two_factor/${methodOf(sending.challenge.channel)}`, status)
  }

  async function send(request: FastifyRequest, reply: FastifyReply, channel: Channel) {
    const { language, session } = request.visit
    const { number, authenticatorId } = await phoneOf(request)
    const sending = await oneTimeCode.send(
      { accountId: session?.accountId ?? '', phoneNumber: number, purpose: 'sign-in', authenticatorId },
      channel,
      language.lang,
      session?.challenge,
    )
    return afterSending(request, reply, sending)
  }

  app.get('/users/two_factor_authentication', guarded, async (request, reply) => {
    const { session, language } = request.visit
    if (session?.signInId) return reply.redirect(continueAt(request))
    // Coming back here, by a reload or the back button, sends nothing again while a code is on its way.
    if (session?.challenge && session.challenge.expiresAt > now()) {
      return reply.redirect(`${language.base}/login/two_factor/${methodOf(session.challenge.channel)}`)
    }
    return send(request, reply, 'text')
  })

  app.get('/otp/send', guarded, async (request, reply) => {
    if (request.visit.session?.signInId) return reply.redirect(continueAt(request))
    const fields = new URLSearchParams(request.url.split('?')[1])
    const preference = fields.get('otp_delivery_selection_form[otp_delivery_preference]')
    return send(request, reply, preference === 'voice' ? 'call' : 'text')
  })

  for (const method of ['sms', 'voice'] as const) {
    app.get(`/login/two_factor/${method}`, guarded, async (request, reply) => {
      const { session, language } = request.visit
      if (session?.signInId) return reply.redirect(continueAt(request))
      if (!session?.challenge) return reply.redirect(`${language.base}/users/two_factor_authentication`)
      const current = methodOf(session.challenge.channel)
      if (current !== method) return reply.redirect(`${language.base}/login/two_factor/${current}`)
      return showChallenge(request, reply, tooSoon(session.notice))
    })

    app.post(
      `/login/two_factor/${method}`,
      { ...guarded, schema: { body: CodeForm } },
      async (request, reply) => {
        const { session } = request.visit
        if (session?.signInId) return reply.redirect(continueAt(request), 303)
        const code = request.body.code ?? ''
        if (code.trim() === '') return showChallenge(request, reply, { kind: 'blank' })
        if (!session?.challenge)
          return reply.redirect(`${request.visit.language.base}/users/two_factor_authentication`, 303)
        const checked = await oneTimeCode.check(session.challenge, code)
        if (checked.outcome === 'locked') return showLocked(request, reply, checked.retryAt)
        const actor = session.accountId ?? ''
        if (checked.outcome === 'refused') {
          await audit.record({
            event: 'second-factor.refused',
            outcome: 'refusal',
            actor,
            requestId: request.id,
          })
          return showChallenge(request, reply, { kind: 'invalid', triesLeft: checked.triesLeft })
        }
        const destination = destinations.of(session)
        const signedIn = await visits.signIn(
          request,
          reply,
          actor,
          destination ? [destination.clientId] : [],
          {
            methods: ['password', method],
          },
        )
        if (!signedIn) return reply.redirect(`${request.visit.language.base}/?timeout=session`, 303)
        await audit.record({ event: 'sign-in.completed', outcome: 'success', actor, requestId: request.id })
        return reply.redirect(continueAt(request), 303)
      },
    )
  }

  app.get('/login/two_factor/options', guarded, async (request, reply) => {
    const { session } = request.visit
    if (session?.signInId) return reply.redirect(continueAt(request))
    const kind = session?.notice?.kind
    const problem = kind === 'number_refused' || kind === 'not_delivered' ? kind : undefined
    return showOptions(request, reply, problem)
  })

  app.post(
    '/login/two_factor/options',
    { ...guarded, schema: { body: OptionsForm } },
    async (request, reply) => {
      if (request.visit.session?.signInId) return reply.redirect(continueAt(request), 303)
      const selection = request.body['two_factor_options_form[selection]']
      if (selection !== 'sms' && selection !== 'voice') return showOptions(request, reply, 'choose')
      return send(request, reply, selection === 'voice' ? 'call' : 'text')
    },
  )

  async function showOptions(
    request: FastifyRequest,
    reply: FastifyReply,
    problem?: Parameters<typeof optionsPage>[0]['problem'],
  ) {
    const channel = request.visit.session?.challenge?.channel
    const page = optionsPage({
      ...around(request, reply),
      phone: maskedPhone((await phoneOf(request)).number),
      selected: methodOf(channel),
      ...(problem ? { problem } : {}),
    })
    return show(request, reply, { ...page, status: problem === 'choose' ? 422 : 200 })
  }
}

function methodOf(channel: Channel | undefined): Method {
  return channel === 'call' ? 'voice' : 'sms'
}

function tooSoon(notice: Notice | undefined): ChallengeProblem | undefined {
  const left = (notice?.until ?? 0) - now()
  return notice?.kind === 'too_soon' && left > 0 ? { kind: 'too_soon', left } : undefined
}
