// Forgot Username and Forgot Password. Whether there is an account is looked up after the answer: neither the answer nor the
// time it takes tells.

import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { Mail } from '@gatehouse/contracts/lab'
import type { upgradeCodes } from '@gatehouse/contracts/upgrade-codes'
import type { App } from '@gatehouse/http/service'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Persona } from '@gatehouse/provider/accounts/personas'
import type { Visits } from '@gatehouse/provider/browser/visits'
import { createMailLimit } from '@gatehouse/provider/mail/mail-limit'
import type { KeyValue } from '@gatehouse/storage/key-value'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { Kysely } from 'kysely'
import { Type } from 'typebox'
import type { Frame } from '../browser/frame.ts'
import { readDetails } from '../identity/details.ts'
import { DETAILS_FIELDS } from '../identity/forms.ts'
import { createRecognitionLimit } from '../identity/recognition-limit.ts'
import { createRecords } from '../identity/records.ts'
import { tooManyTriesPage } from '../identity/too-many-tries-page.ts'
import { createAfterwards } from '../mail/afterwards.ts'
import { createEmails } from '../mail/emails.ts'
import { PATHS } from '../paths.ts'
import type { Usernames } from '../usernames/store.ts'
import { forgotUsernamePage, usernameSentPage } from './pages.ts'
import { addForgottenPasswordRoutes } from './password-routes.ts'
import { addTemporaryPasswordRoutes } from './temporary-password-routes.ts'

const DetailsForm = Type.Object(DETAILS_FIELDS, { additionalProperties: false })

export interface ForgottenRouteParts {
  publicUrl: string
  limits: {
    recognitionTries: number
    recognitionSpanMs: number
    mailEveryMs: number
    passwordLinkMs: number
    shortestPassword: number
    passwordTries: number
    passwordBlockMs: number
  }
  database: Kysely<never> | Kysely<unknown>
  visits: Visits
  frame: Frame
  accounts: Accounts
  usernames: Usernames
  personas: readonly Persona[]
  /** Letters on paper. */
  letters: ReturnType<typeof upgradeCodes>
  mail: Mail
  keyValue: KeyValue
  secrets: Secrets
  audit: Audit
}

export function addForgottenRoutes(app: App, parts: ForgottenRouteParts): void {
  const { publicUrl, limits, frame, accounts, usernames, mail, keyValue, secrets, audit } = parts
  const records = createRecords(parts)
  const limit = createRecognitionLimit(keyValue, secrets, limits)
  const emails = createEmails(mail, publicUrl)
  const mailLimit = createMailLimit(keyValue, limits.mailEveryMs)
  const afterwards = createAfterwards(app)

  app.get(PATHS.forgotUsername, async (request, reply) =>
    frame.show(request, reply, forgotUsernamePage(frame.around(request, reply))),
  )

  app.post(PATHS.forgotUsername, { schema: { body: DetailsForm } }, async (request, reply) => {
    const { details, problems } = readDetails(request.body, now())
    if (problems.length > 0) {
      const page = forgotUsernamePage(frame.around(request, reply), request.body, problems)
      return frame.show(request, reply, page)
    }
    if (await limit.isExceeded('forgot-username', details.ssn)) {
      return frame.show(request, reply, tooManyTriesPage())
    }
    const requestId = request.id
    afterwards.run('username by e-mail', async () => {
      const accountId = await records.accountOf(details)
      const account = accountId === undefined ? undefined : await accounts.find(accountId)
      const username = account && (await usernames.of(account.id))
      if (!account || username === undefined) {
        await audit.record({ event: 'username.not-found', outcome: 'refusal', requestId })
        return
      }
      await mailLimit.once('username', account.id, () => emails.send('username', account.email, { username }))
      await audit.record({ event: 'username.mailed', outcome: 'success', actor: account.id, requestId })
    })
    return frame.show(request, reply, usernameSentPage())
  })

  addForgottenPasswordRoutes(app, { ...parts, emails, mailLimit, afterwards })
  addTemporaryPasswordRoutes(app, { ...parts, emails })
}
