// The last steps of creating an account: username and password make it.

import { now } from '@gatehouse/clock/clock'
import { CallFailed } from '@gatehouse/contracts/calls'
import type { App } from '@gatehouse/http/service'
import { hashPassword } from '@gatehouse/provider/password/password-hash'
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
import { Type } from 'typebox'
import type { Page } from '../browser/frame.ts'
import type { Problem } from '../identity/details.ts'
import { typedLine } from '../identity/forms.ts'
import type { Emails } from '../mail/emails.ts'
import { newPasswordRule } from '../passwords/new-password.ts'
import { PATHS } from '../paths.ts'
import type { AddOutcome, NewMySsaAccount } from '../usernames/store.ts'
import { usernameProblem } from '../usernames/username.ts'
import { type Applications, type ConfirmedApplication, isConfirmed } from './applications.ts'
import { credentialsPage, donePage } from './credentials-pages.ts'
import { hasAccountPage, notVerifiedPage, startAgainPage } from './pages.ts'
import type { CreateAccountRouteParts } from './routes.ts'
import { STEPS } from './steps.ts'

const CredentialsForm = Type.Object(
  {
    username: typedLine(),
    password: Type.Optional(Type.String({ maxLength: 1024 })),
    extraSecurity: typedLine(),
  },
  { additionalProperties: false },
)

export interface CredentialsRouteParts extends CreateAccountRouteParts {
  applications: Applications
  emails: Emails
  /** Keeps out whoever is signed in. */
  onRequest: onRequestAsyncHookHandler
  idOf(request: FastifyRequest): string | undefined
}

const USERNAME_RULES = {
  blank: 'Choose a username.',
  malformed: 'The username must have 8 to 20 letters and numbers.',
  taken: 'Somebody has this username already. Choose another one.',
} as const

export function addCredentialsRoutes(app: App, parts: CredentialsRouteParts): void {
  const { limits, visits, frame, usernames, extraSecurity, applications, emails, onRequest, idOf, audit } =
    parts
  const { shortestPassword: shortest } = limits

  async function problemsOf(
    entered: { username: string; password: string; extraSecurity: string },
    { email, details }: ConfirmedApplication,
  ): Promise<Problem[]> {
    const { username, password } = entered
    const problems: Problem[] = []
    const wrong = usernameProblem(username) ?? ((await usernames.accountOf(username)) ? 'taken' : undefined)
    if (wrong) problems.push({ field: 'username', rule: USERNAME_RULES[wrong] })
    const { firstName, lastName, birthdate, ssn } = details
    const about = [username, email, firstName, lastName, birthdate, ssn]
    const rule = await newPasswordRule(password, { shortest, about })
    if (rule) problems.push({ field: 'password', rule })
    if (!['yes', 'no'].includes(entered.extraSecurity)) {
      problems.push({ field: 'extraSecurity', rule: 'Say whether you would like to add extra security.' })
    }
    return problems
  }

  app.get(STEPS.credentials, { onRequest }, async (request, reply) => {
    const application = await applications.find(idOf(request))
    if (!isConfirmed(application)) return reply.redirect(STEPS.email)
    return frame.show(request, reply, credentialsPage(frame.around(request, reply), { shortest }))
  })

  app.post(STEPS.credentials, { onRequest, schema: { body: CredentialsForm } }, async (request, reply) => {
    const around = frame.around(request, reply)
    const show = (page: Page) => frame.show(request, reply, page)
    const id = idOf(request)
    const application = await applications.find(id)
    if (id === undefined || !isConfirmed(application)) return show(startAgainPage(around))
    const { password = '', extraSecurity: choice = '' } = request.body
    const username = (request.body.username ?? '').trim()
    const ask = (problems: Problem[]) =>
      show(credentialsPage(around, { shortest, username, extraSecurity: choice, problems }))
    const problems = await problemsOf({ username, password, extraSecurity: choice }, application)
    if (problems.length > 0) return ask(problems)

    const added = await usernames.add(accountOf(application, username), await hashPassword(password))
    if (added.outcome === 'username_taken') return ask([{ field: 'username', rule: USERNAME_RULES.taken }])
    await applications.end(id)
    if (added.outcome !== 'added') return show(whyNot(added.outcome)(around))
    const { accountId } = added
    await audit.record({
      event: 'account.created',
      outcome: 'success',
      actor: accountId,
      requestId: request.id,
    })
    if (choice === 'yes') await extraSecurity.request(accountId)
    await tell(request, application.email)
    // A new account is signed in without the question whether the letter is there: it cannot be.
    const session = await visits.signIn(request, reply, accountId, [], { methods: ['pwd'] })
    return reply.redirect(session ? STEPS.done : PATHS.signIn, 303)
  })

  async function tell(request: FastifyRequest, email: string) {
    try {
      await emails.send('accountCreated', email)
    } catch (error) {
      // The account is made; that the e-mail did not go takes nothing back.
      if (!(error instanceof CallFailed)) throw error
      request.log.warn({ err: error }, 'no e-mail about a new account')
    }
  }

  app.get(STEPS.done, { onRequest: visits.requireSignIn }, async (request, reply) => {
    const accountId = request.visit.session?.accountId ?? ''
    const isLetterComing = (await extraSecurity.stateOf(accountId)) === 'requested'
    const username = (await usernames.of(accountId)) ?? ''
    return frame.show(request, reply, donePage(frame.around(request, reply), { username, isLetterComing }))
  })
}

/** What somebody else, or the same person in another browser, did while this application was under way. */
function whyNot(outcome: Exclude<AddOutcome['outcome'], 'added' | 'username_taken'>) {
  return { has_account: hasAccountPage, blocked: notVerifiedPage, email_taken: startAgainPage }[outcome]
}

function accountOf(application: ConfirmedApplication, username: string): NewMySsaAccount {
  const { firstName, middleName, lastName, birthdate, ssn } = application.details
  return {
    username,
    email: application.email,
    rulesAcceptedAt: application.acknowledgedAt,
    profile: {
      givenName: firstName,
      ...(middleName ? { middleName } : {}),
      familyName: lastName,
      birthdate,
      socialSecurityNumber: ssn,
      address: application.address,
      faceMatched: false,
      verifiedAt: now(),
    },
  }
}
