import { ProblemSchema } from '@gatehouse/contracts/problem'
import { Refusal } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import { Type } from 'typebox'
import { toE164, WRITTEN_NUMBER } from '../phone-numbers.ts'
import type { AuthenticatorApp } from './authenticator-app.ts'
import { authenticatorAppPage } from './pages.ts'
import { LONGEST_NAME, readSetup } from './setup.ts'

const Number_ = Type.String({ pattern: WRITTEN_NUMBER })
const Params = Type.Object({ number: Number_ })
const AccountParams = Type.Object({ number: Number_, id: Type.String({ pattern: '^[0-9a-f-]{36}$' }) })
const Name = Type.Optional(Type.String({ maxLength: LONGEST_NAME }))
const Setup = Type.Object(
  {
    setupKey: Type.Optional(Type.String({ maxLength: 2_000, description: 'base32, as the site shows it' })),
    uri: Type.Optional(
      Type.String({ maxLength: 2_000, description: 'otpauth://totp/…, in place of a setup key' }),
    ),
    issuer: Name,
    account: Name,
  },
  { additionalProperties: false },
)
const Added = Type.Object({ id: Type.String(), issuer: Type.String(), account: Type.String() })
const Shown = Type.Object({
  accounts: Type.Array(
    Type.Object({
      ...Added.properties,
      code: Type.String(),
      secondsLeft: Type.Integer({ description: 'for how long the code counts' }),
    }),
  ),
})

/** A phone number is part of these paths, so their request lines stay out of the log. */
const QUIET = { logLevel: 'warn' } as const
const isForm = (type?: string) => type?.startsWith('application/x-www-form-urlencoded') ?? false

export function addAuthenticatorAppRoutes(app: App, authenticatorApp: AuthenticatorApp): void {
  const path = '/phones/:number/authenticator-app'

  app.get(
    path,
    {
      ...QUIET,
      schema: {
        summary:
          "The accounts of a phone's authenticator app with their present codes: JSON, or a page for a browser",
        params: Params,
        response: { 200: Shown, '4xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      const number = toE164(request.params.number)
      const accounts = await authenticatorApp.show(number)
      reply.header('vary', 'accept').header('cache-control', 'no-store')
      if (!request.headers.accept?.includes('text/html')) return { accounts }
      return reply.page(authenticatorAppPage({ number, accounts, csrf: reply.csrfToken() }))
    },
  )

  app.post(
    path,
    {
      ...QUIET,
      schema: {
        summary: "Add an account to a phone's authenticator app",
        params: Params,
        body: Setup,
        response: { 201: Added, '4xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      const number = toE164(request.params.number)
      const read = readSetup(request.body)
      const fromForm = isForm(request.headers['content-type'])
      if ('account' in read) {
        const added = await authenticatorApp.add(number, read.account)
        if (fromForm) return reply.redirect(`/phones/${number}#authenticator-app`, 303)
        return reply.code(201).send(added)
      }
      const { field, message } = read.error
      if (!fromForm) {
        throw new Refusal('invalid_request', undefined, {
          errors: [{ field: `body.${field}`, rule: message }],
        })
      }
      const accounts = await authenticatorApp.show(number)
      const { issuer, account } = request.body
      const errors = [read.error]
      const page = authenticatorAppPage({
        number,
        accounts,
        csrf: reply.csrfToken(),
        errors,
        issuer,
        account,
      })
      return reply.page(page, { status: 422 })
    },
  )

  app.delete(
    `${path}/:id`,
    {
      ...QUIET,
      // No form can send this, and from another origin the browser asks first.
      config: { csrf: false },
      schema: { summary: "Remove an account from a phone's authenticator app", params: AccountParams },
    },
    async (request, reply) => {
      if (!(await remove(request.params))) throw new Refusal('not_found')
      return reply.code(204).send()
    },
  )

  app.post(
    `${path}/:id/removal`,
    { ...QUIET, schema: { hide: true, params: AccountParams } },
    async (request, reply) => {
      // Gone already is as good.
      await remove(request.params)
      return reply.redirect(`/phones/${toE164(request.params.number)}#authenticator-app`, 303)
    },
  )

  const remove = ({ number, id }: { number: string; id: string }) =>
    authenticatorApp.remove(toE164(number), id)
}
