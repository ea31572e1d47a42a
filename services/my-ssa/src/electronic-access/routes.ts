import type { Audit } from '@gatehouse/audit/audit'
import { now } from '@gatehouse/clock/clock'
import type { Mail } from '@gatehouse/contracts/lab'
import { Refusal } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { Persona } from '@gatehouse/provider/accounts/personas'
import type { Visits } from '@gatehouse/provider/browser/visits'
import type { KeyValue } from '@gatehouse/storage/key-value'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { FastifyReply, FastifyRequest, onRequestAsyncHookHandler } from 'fastify'
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
import type { ElectronicAccess } from './electronic-access.ts'
import { blockPage, confirmBlockPage, receivedPage } from './pages.ts'

const DetailsForm = Type.Object(DETAILS_FIELDS, { additionalProperties: false })
const UnblockRequest = Type.Object(
  { ssn: Type.String({ pattern: '^[0-9]{9}$', description: 'nine digits' }) },
  { additionalProperties: false },
)

export interface ElectronicAccessRouteParts {
  publicUrl: string
  limits: { recognitionTries: number; recognitionSpanMs: number }
  visits: Visits
  frame: Frame
  accounts: Accounts
  usernames: Usernames
  electronicAccess: ElectronicAccess
  personas: readonly Persona[]
  mail: Mail
  requireOperator: onRequestAsyncHookHandler
  keyValue: KeyValue
  secrets: Secrets
  audit: Audit
}

export function addElectronicAccessRoutes(app: App, parts: ElectronicAccessRouteParts): void {
  const { publicUrl, limits, visits, frame, accounts, electronicAccess, mail, requireOperator } = parts
  const { keyValue, secrets, audit } = parts
  const records = createRecords(parts)
  const limit = createRecognitionLimit(keyValue, secrets, limits)
  const emails = createEmails(mail, publicUrl)
  const afterwards = createAfterwards(app)

  function tell(kind: 'accessBlocked' | 'accessUnblocked', accountId: string | undefined) {
    if (accountId === undefined) return
    afterwards.run('e-mail about a block', async () => {
      const account = await accounts.find(accountId)
      if (account) await emails.send(kind, account.email)
    })
  }

  async function block(request: FastifyRequest, ssn: string, by: 'details' | 'account') {
    const { isNew, accountId } = await electronicAccess.block(ssn)
    if (!isNew) return
    await audit.record({
      event: 'electronic-access.blocked',
      outcome: 'success',
      ...(accountId === undefined ? {} : { actor: accountId }),
      details: { by },
      requestId: request.id,
    })
    tell('accessBlocked', accountId)
  }

  const show = (request: FastifyRequest, reply: FastifyReply, page: Parameters<Frame['show']>[2]) =>
    frame.show(request, reply, page)

  app.get(PATHS.blockElectronicAccess, async (request, reply) => {
    const around = frame.around(request, reply)
    return show(
      request,
      reply,
      request.visit.session?.signInId ? confirmBlockPage(around) : blockPage(around),
    )
  })

  app.post(PATHS.blockElectronicAccess, { schema: { body: DetailsForm } }, async (request, reply) => {
    const { details, problems } = readDetails(request.body, now())
    if (problems.length > 0) {
      return show(request, reply, blockPage(frame.around(request, reply), request.body, problems))
    }
    if (await limit.isExceeded('block', details.ssn)) return show(request, reply, tooManyTriesPage())
    if (await records.confirm(details)) await block(request, details.ssn, 'details')
    else {
      await audit.record({
        event: 'electronic-access.block-refused',
        outcome: 'refusal',
        requestId: request.id,
      })
    }
    return show(request, reply, receivedPage())
  })

  app.post(
    `${PATHS.blockElectronicAccess}/confirmation`,
    { onRequest: visits.requireSignIn },
    async (request, reply) => {
      const account = await accounts.find(request.visit.session?.accountId ?? '')
      const ssn = account?.profile?.socialSecurityNumber
      if (ssn === undefined) throw new Error('an account of this service has no SSN')
      await block(request, ssn, 'account')
      // The session is signed out by now, and has a notice that says why.
      return reply.redirect(PATHS.signIn, 303)
    },
  )

  app.delete(
    '/api/electronic-access-blocks',
    {
      config: { csrf: false },
      onRequest: requireOperator,
      schema: { hide: false, body: UnblockRequest, summary: 'Takes the block of a person away' },
    },
    async (request, reply) => {
      const unblocked = await electronicAccess.unblock(request.body.ssn)
      if (!unblocked) throw new Refusal('not_found', 'no block is kept for this SSN')
      const { accountId } = unblocked
      await audit.record({
        event: 'electronic-access.unblocked',
        outcome: 'success',
        actor: 'operator',
        ...(accountId === undefined ? {} : { subject: accountId }),
        requestId: request.id,
      })
      tell('accessUnblocked', accountId)
      return reply.code(204).send()
    },
  )
}
