import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { App } from '@gatehouse/http/service'
import type { Lang } from '@gatehouse/pages/site'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Destinations } from '@gatehouse/provider/browser/destination'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { Session } from '@gatehouse/provider/sessions/sessions'
import { SIGNED_OUT } from '@gatehouse/provider/sessions/signed-out'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { readEmailAddress } from '../browser/email-address.ts'
import type { Show } from '../browser/frame.ts'
import type { Link } from '../browser/links.ts'
import type { MailLanguages } from '../mail/mail-language.ts'
import type { Post } from '../mail/post.ts'
import type { NewPasswords } from '../password/new-password.ts'
import type { Allowance } from '../rate-limits/allowance.ts'
import { tooManyPage } from '../rate-limits/pages.ts'
import { SET_UP } from '../second-factor/step.ts'
import { alreadyLetter, confirmationLetter } from './letters.ts'
import {
  type EnterEmailPage,
  enterEmailPage,
  enterPasswordPage,
  linkExpiredPage,
  verifyEmailPage,
} from './pages.ts'
import type { SignUps } from './sign-ups.ts'

const EmailForm = Type.Object(
  {
    'user[email]': Type.String({ maxLength: 255 }),
    'user[email_language]': Type.Optional(Type.String()),
    'user[terms_accepted]': Type.Optional(Type.String()),
    /** Where to go on should the session be over by now. */
    continue: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
)
const PasswordForm = Type.Object(
  {
    'password_form[password]': Type.String({ maxLength: 1024 }),
    // For password managers; nothing here reads it.
    username: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
)

export interface CreateAccountRouteParts {
  visits: Visits
  show: Show
  accounts: Accounts
  signUps: SignUps
  mailLanguages: MailLanguages
  newPasswords: NewPasswords
  destinations: Destinations
  post: Post
  link: Link
  /** Letters for one address. */
  letters: Allowance
  audit: Audit
}

/** What the session keeps between the pages, in its ceremony. */
interface SigningUp {
  /** The address to which a letter went. */
  asked?: { email: string; language: Lang }
  /** The address that was confirmed. */
  key?: string
}

/** Creating an account, up to its first authentication method (fact sheet 6.1). */
export function addCreateAccountRoutes(app: App, parts: CreateAccountRouteParts): void {
  const { visits, show, accounts, signUps, mailLanguages, newPasswords, destinations, post, link, audit } =
    parts

  /** Sends the letter. False when that was too often, which has been answered then. */
  async function write(
    request: FastifyRequest,
    reply: FastifyReply,
    asked: { email: string; language: Lang },
  ): Promise<boolean> {
    const { lang, base } = request.visit.language
    const { email, language } = asked
    const destination = destinations.of(request.visit.session)
    const retryAt = await parts.letters.take(email)
    if (retryAt !== undefined) {
      const left = retryAt - now()
      reply.header('retry-after', Math.max(1, Math.ceil(left / 1000)))
      await show(request, reply, tooManyPage({ lang, base, destination, left }))
      return false
    }
    if (await accounts.findByEmail(email)) {
      const letter = alreadyLetter(link('/', language), link('/users/password/new', language), language)
      await post.send(email, letter, language)
    } else {
      const continueAt = destination?.continueAt
      const token = await signUps.begin({ email, language, ...(continueAt ? { continueAt } : {}) })
      const address = link('/sign_up/email/confirm', language, { confirmation_token: token })
      await post.send(email, confirmationLetter(address, language), language)
    }
    await audit.record({ event: 'sign-up.letter-sent', outcome: 'success', requestId: request.id })
    return true
  }

  app.get('/sign_up/enter_email', async (request, reply) => {
    const { language, session } = request.visit
    if (session?.accountId) return reply.redirect(`${language.base}/`)
    return emailPage(request, reply, {})
  })

  function emailPage(request: FastifyRequest, reply: FastifyReply, given: Partial<EnterEmailPage>) {
    const { lang, base } = request.visit.language
    const destination = destinations.of(request.visit.session)
    return show(
      request,
      reply,
      enterEmailPage({ lang, base, csrf: reply.csrfToken(), destination, ...given }),
    )
  }

  app.post('/sign_up/enter_email', { schema: { body: EmailForm } }, async (request, reply) => {
    const { base, lang } = request.visit.language
    if (request.visit.session?.accountId) return reply.redirect(`${base}/`, 303)
    const given = request.body
    const pending = destinations.of(request.visit.session)
      ? undefined
      : destinations.resume(given.continue ?? '')
    if (pending) await visits.keep(request, reply, { pending })
    const email = readEmailAddress(given['user[email]'])
    const language = given['user[email_language]'] ?? lang
    const accepted = given['user[terms_accepted]'] === '1'
    const wrong: EnterEmailPage['wrong'] = []
    if (!email) wrong.push('user_email')
    if (!isLanguage(language)) wrong.push('user_email_language')
    if (!accepted) wrong.push('user_terms_accepted')
    if (!email || !isLanguage(language) || !accepted)
      return emailPage(request, reply, { email: given['user[email]'], language, accepted, wrong })
    if (!(await write(request, reply, { email, language }))) return reply
    await visits.keep(request, reply, { ceremony: { signUp: { asked: { email, language } } } })
    return reply.redirect(`${base}/sign_up/verify_email`, 303)
  })

  app.get('/sign_up/verify_email', async (request, reply) => {
    const { lang, base } = request.visit.language
    const { asked } = signingUp(request.visit.session)
    if (!asked) return reply.redirect(`${base}/sign_up/enter_email`)
    const sentAgain = new URLSearchParams(request.url.split('?')[1]).get('resend') === 'true'
    const page = verifyEmailPage({ lang, base, csrf: reply.csrfToken(), email: asked.email, sentAgain })
    return show(request, reply, page)
  })

  app.post('/sign_up/verify_email', async (request, reply) => {
    const { base } = request.visit.language
    const { asked } = signingUp(request.visit.session)
    if (!asked) return reply.redirect(`${base}/sign_up/enter_email`, 303)
    if (!(await write(request, reply, asked))) return reply
    return reply.redirect(`${base}/sign_up/verify_email?resend=true`, 303)
  })

  app.get('/sign_up/email/confirm', async (request, reply) => {
    const { lang, base } = request.visit.language
    const token = new URLSearchParams(request.url.split('?')[1]).get('confirmation_token')
    const opened = token ? await signUps.open(token) : undefined
    if (!opened) return show(request, reply, linkExpiredPage({ lang, base }))
    // The token goes no further than this address: pages with it in theirs could give it away.
    const pending = destinations.of(request.visit.session)
      ? undefined
      : destinations.resume(opened.signUp.continueAt ?? '')
    const changes = { ceremony: { signUp: { key: opened.key } }, ...(pending ? { pending } : {}) }
    await visits.renew(request, reply, changes)
    return reply.redirect(`${base}/sign_up/enter_password`)
  })

  app.get('/sign_up/enter_password', async (request, reply) => {
    const { lang, base } = request.visit.language
    const signUp = await signUps.find(signingUp(request.visit.session).key ?? '')
    if (!signUp) return show(request, reply, linkExpiredPage({ lang, base }))
    const { shortest } = newPasswords
    const { email } = signUp
    return show(request, reply, enterPasswordPage({ lang, base, csrf: reply.csrfToken(), email, shortest }))
  })

  app.post('/sign_up/enter_password', { schema: { body: PasswordForm } }, async (request, reply) => {
    const { lang, base } = request.visit.language
    const { key = '' } = signingUp(request.visit.session)
    const signUp = await signUps.find(key)
    if (!signUp) return show(request, reply, linkExpiredPage({ lang, base }))
    const { email, language } = signUp
    const password = request.body['password_form[password]']
    const problem = await newPasswords.problem(password, [email])
    if (problem) {
      const { shortest } = newPasswords
      const around = { lang, base, csrf: reply.csrfToken() }
      return show(request, reply, enterPasswordPage({ ...around, email, shortest, problem }))
    }
    const accountId = await signUps.finish(key, signUp, password)
    if (!accountId) return reply.redirect(`${base}/`, 303)
    await mailLanguages.set(accountId, language)
    await audit.record({
      event: 'account.created',
      outcome: 'success',
      actor: accountId,
      requestId: request.id,
    })
    await visits.renew(request, reply, { ...SIGNED_OUT, accountId })
    return reply.redirect(base + SET_UP, 303)
  })
}

function signingUp(session: Session | undefined): SigningUp {
  return (session?.ceremony?.signUp ?? {}) as SigningUp
}

function isLanguage(text: string): text is Lang {
  return text === 'en' || text === 'es'
}
