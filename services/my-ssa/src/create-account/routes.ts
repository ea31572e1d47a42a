// A new account. Who it is for, where letters go and the e-mail address come first; the account is made in one step when all
// of it is there, and until then nothing of it is kept but the sealed application.

import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { Mail } from '@gatehouse/contracts/lab'
import type { App } from '@gatehouse/http/service'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Persona } from '@gatehouse/provider/accounts/personas'
import type { Visits } from '@gatehouse/provider/browser/visits'
import { readAddress } from '@gatehouse/provider/mail/address'
import { createMailLimit } from '@gatehouse/provider/mail/mail-limit'
import type { KeyValue } from '@gatehouse/storage/key-value'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { ceremonyOf } from '../browser/ceremony.ts'
import type { MySsaDestinations } from '../browser/destination.ts'
import type { Frame, Page } from '../browser/frame.ts'
import type { ElectronicAccess } from '../electronic-access/electronic-access.ts'
import { readMailingAddress } from '../identity/address.ts'
import { isAtLeast } from '../identity/age.ts'
import { type Problem, readDetails } from '../identity/details.ts'
import { ADDRESS_FIELDS, DETAILS_FIELDS, typedLine } from '../identity/forms.ts'
import { createRecognitionLimit } from '../identity/recognition-limit.ts'
import { createRecords } from '../identity/records.ts'
import { tooManyTriesPage } from '../identity/too-many-tries-page.ts'
import { createEmails } from '../mail/emails.ts'
import { createMailedLinks } from '../mail/mailed-links.ts'
import { PATHS } from '../paths.ts'
import type { Usernames } from '../usernames/store.ts'
import { type Application, createApplications, isConfirmed } from './applications.ts'
import { addCredentialsRoutes } from './credentials-routes.ts'
import {
  aboutYouPage,
  acknowledgementPage,
  checkEmailPage,
  confirmEmailPage,
  hasAccountPage,
  notVerifiedPage,
  startAgainPage,
} from './pages.ts'
import { STEPS } from './steps.ts'

const ADULT = 18

const AcknowledgementForm = Type.Object({ acknowledged: typedLine() }, { additionalProperties: false })
const AboutYouForm = Type.Object(
  { ...DETAILS_FIELDS, ...ADDRESS_FIELDS, email: typedLine() },
  { additionalProperties: false },
)
const TokenQuery = Type.Object({ token: typedLine(100) })
const TokenForm = Type.Object({ token: typedLine(100) }, { additionalProperties: false })

export interface CreateAccountRouteParts {
  publicUrl: string
  limits: {
    recognitionTries: number
    recognitionSpanMs: number
    emailConfirmationMs: number
    mailEveryMs: number
    shortestPassword: number
  }
  visits: Visits
  frame: Frame
  destinations: MySsaDestinations
  accounts: Accounts
  usernames: Usernames
  electronicAccess: Pick<ElectronicAccess, 'isPersonBlocked'>
  /** Asks for a letter with an upgrade code. */
  extraSecurity: {
    request(accountId: string): Promise<unknown>
    stateOf(accountId: string): Promise<'off' | 'requested' | 'on'>
  }
  personas: readonly Persona[]
  mail: Mail
  keyValue: KeyValue
  secrets: Secrets
  audit: Audit
}

export function addCreateAccountRoutes(app: App, parts: CreateAccountRouteParts): void {
  const { publicUrl, limits, visits, frame, destinations, accounts, usernames, electronicAccess } = parts
  const { mail, keyValue, secrets, audit } = parts
  const { emailConfirmationMs } = limits
  const records = createRecords(parts)
  const limit = createRecognitionLimit(keyValue, secrets, limits)
  // Longer than the link in the e-mail that leads back to it.
  const applications = createApplications(keyValue, secrets, 2 * emailConfirmationMs)
  const links = createMailedLinks(keyValue, secrets)
  const emails = createEmails(mail, publicUrl)
  const mailLimit = createMailLimit(keyValue, limits.mailEveryMs)

  const show = (request: FastifyRequest, reply: FastifyReply, page: Page) => frame.show(request, reply, page)
  const idOf = (request: FastifyRequest) => ceremonyOf(request.visit.session).application

  /** Whoever is signed in has an account. */
  async function onlyWithoutAccount(request: FastifyRequest, reply: FastifyReply) {
    const { session } = request.visit
    if (!session?.signInId) return
    const place = destinations.of(session)?.continueAt ?? PATHS.securitySettings
    return reply.redirect(place, request.method === 'GET' ? 302 : 303)
  }
  const onRequest = onlyWithoutAccount

  /** A new cookie: in a session that somebody else planted the application would be theirs too (ASVS 7.2.4). */
  async function enter(request: FastifyRequest, reply: FastifyReply, application: string) {
    const ceremony = { ...ceremonyOf(request.visit.session), application }
    await visits.renew(request, reply, { ceremony })
  }

  /** Nobody is told whether an address has an account but who gets its mail. */
  async function mailLink(id: string, email: string) {
    const isTaken = (await accounts.findByEmail(email)) !== undefined
    await mailLimit.once('registration', email, async () => {
      if (isTaken) return emails.send('alreadyRegistered', email)
      const token = await links.make('registration', id, emailConfirmationMs)
      const link = `${STEPS.confirmation}?token=${token}`
      return emails.send('registration', email, { link, lifetimeMs: emailConfirmationMs })
    })
  }

  app.get(STEPS.acknowledgement, { onRequest }, async (request, reply) =>
    show(request, reply, acknowledgementPage(frame.around(request, reply))),
  )

  app.post(
    STEPS.acknowledgement,
    { onRequest, schema: { body: AcknowledgementForm } },
    async (request, reply) => {
      if (request.body.acknowledged !== 'yes') {
        const rule = 'Say that you create the account for yourself and know of the penalties.'
        const problems = [{ field: 'acknowledged', rule }]
        return show(request, reply, acknowledgementPage(frame.around(request, reply), problems))
      }
      await enter(request, reply, await applications.begin())
      return reply.redirect(STEPS.aboutYou, 303)
    },
  )

  app.get(STEPS.aboutYou, { onRequest }, async (request, reply) => {
    const application = await applications.find(idOf(request))
    if (!application) return reply.redirect(STEPS.acknowledgement)
    return show(request, reply, aboutYouPage(frame.around(request, reply), enteredIn(application)))
  })

  app.post(STEPS.aboutYou, { onRequest, schema: { body: AboutYouForm } }, async (request, reply) => {
    const around = frame.around(request, reply)
    const id = idOf(request)
    const application = await applications.find(id)
    if (!application || id === undefined) return show(request, reply, startAgainPage(around))
    const { details, ...person } = readDetails(request.body, now())
    const { address, ...mailing } = readMailingAddress(request.body)
    const email = readAddress(request.body.email ?? '')
    const problems: Problem[] = [...person.problems, ...mailing.problems]
    if (
      !person.problems.some(({ field }) => field === 'birthdate') &&
      !isAtLeast(ADULT, details.birthdate, now())
    ) {
      problems.push({ field: 'birthdate', rule: 'You must be at least 18 years of age.' })
    }
    if (!email) problems.push({ field: 'email', rule: 'Enter your e-mail address.' })
    if (problems.length > 0 || !email) {
      return show(request, reply, aboutYouPage(around, request.body, problems))
    }
    if (await limit.isExceeded('create-account', details.ssn)) return show(request, reply, tooManyTriesPage())
    const isConfirmed = await records.confirm(details)
    if (!isConfirmed || (await electronicAccess.isPersonBlocked(details.ssn))) {
      await audit.record({ event: 'identity.refused', outcome: 'refusal', requestId: request.id })
      return show(request, reply, notVerifiedPage(around))
    }
    if (await usernames.accountOfPerson(details.ssn)) return show(request, reply, hasAccountPage(around))
    const { acknowledgedAt } = application
    await applications.keep(id, { acknowledgedAt, details, address, email })
    await mailLink(id, email)
    return reply.redirect(STEPS.email, 303)
  })

  app.get(STEPS.email, { onRequest }, async (request, reply) => {
    const application = await applications.find(idOf(request))
    if (!application?.email) return reply.redirect(STEPS.acknowledgement)
    if (isConfirmed(application)) return reply.redirect(STEPS.credentials)
    return show(request, reply, checkEmailPage(frame.around(request, reply), application.email))
  })

  app.post(STEPS.email, { onRequest }, async (request, reply) => {
    const id = idOf(request)
    const application = await applications.find(id)
    if (!application?.email || id === undefined) return reply.redirect(STEPS.acknowledgement, 303)
    if (!isConfirmed(application)) {
      await applications.keep(id, application)
      await mailLink(id, application.email)
    }
    return reply.redirect(STEPS.email, 303)
  })

  // Opening changes nothing yet: programs that look through mail open links too.
  app.get(STEPS.confirmation, { schema: { querystring: TokenQuery } }, async (request, reply) => {
    const { token = '' } = request.query
    const around = frame.around(request, reply)
    const email = (await applications.find(await links.find('registration', token)))?.email
    return show(request, reply, email ? confirmEmailPage(around, token, email) : startAgainPage(around))
  })

  app.post(STEPS.confirmation, { onRequest, schema: { body: TokenForm } }, async (request, reply) => {
    const id = await links.take('registration', request.body.token ?? '')
    const application = await applications.find(id)
    if (!application || id === undefined) {
      return show(request, reply, startAgainPage(frame.around(request, reply)))
    }
    const confirmedId = await applications.confirm(id, application)
    await enter(request, reply, confirmedId)
    return reply.redirect(STEPS.credentials, 303)
  })

  addCredentialsRoutes(app, { ...parts, applications, emails, onRequest, idOf })
}

/** What the form of the second page shows again to whoever comes back to it. */
function enteredIn({ details, address, email }: Application) {
  if (!details || !address) return {}
  const { ssn: _, ...shown } = details
  const { street, locality: city, region: state, postalCode: zip } = address
  return { ...shown, street, city, state, zip, ...(email ? { email } : {}) }
}
