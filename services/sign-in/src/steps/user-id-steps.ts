// The last step: which BSO User ID and EIN the person works with. Relying services that ask for neither skip it.

import { now } from '@gatehouse/clock/clock'
import { bsoUserIds, type UserId } from '@gatehouse/contracts/bso-user-ids'
import { CallRefused, type ServiceCalls } from '@gatehouse/contracts/calls'
import { Refusal } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import type { SignIn } from '../accounts/sign-ins.ts'
import { BSO_SCOPE, CBSV_SCOPE } from '../openid-provider/resources.ts'
import type { Revocations } from '../revocations/revocations.ts'
import { createGranting, type GrantingDependencies } from './granting.ts'
import {
  exitInteraction,
  findInteraction,
  type Interaction,
  type Results,
  redirectOrigins,
} from './interaction.ts'
import { newUserIdPage, userIdPage } from './user-id-pages.ts'

interface Dependencies extends GrantingDependencies {
  calls: ServiceCalls
  revocations: Pick<Revocations, 'endOfSignIn' | 'note'>
}

const Uid = Type.Object({ uid: Type.String({ pattern: '^[\\w-]{1,64}$' }) })

const EIN_MESSAGES: Record<string, string> = {
  company_unknown: 'No employer with this EIN is registered. Check the number',
  company_disabled: 'No User ID is issued for this employer at present. Call 1-800-772-6270 for help',
  user_id_exists: 'You have a User ID for this EIN already. Go back and select it',
  person_unknown:
    'Your provider has not verified who you are, so no User ID can be issued. Sign in with a verified account',
}

function needsUserId({ params }: Interaction): boolean {
  const scopes = String(params.scope ?? '').split(' ')
  return scopes.includes(BSO_SCOPE) || scopes.includes(CBSV_SCOPE)
}

export function addUserIdSteps(app: App, dependencies: Dependencies): void {
  const { provider: current, accounts, calls, audit, revocations } = dependencies
  const grant = createGranting(dependencies)

  /** The sign-in that this consent belongs to: just completed, or the one the browser's session came of. */
  async function signInOf({ session, lastSubmission, prompt }: Interaction): Promise<SignIn> {
    const { signInId } = (lastSubmission ?? {}) as Results
    if (prompt.name !== 'consent' || !session?.accountId) throw new Refusal('sign_in_expired')
    const signIn = signInId
      ? await accounts.findSignIn(signInId)
      : await accounts.findSignInOfSession(session.uid)
    if (!signIn || signIn.accountId !== session.accountId) throw new Refusal('sign_in_expired')
    const end = await revocations.endOfSignIn({ ...signIn, sessionUid: session.uid })
    if (end) throw new Refusal(end === 'lasting' ? 'access_ended' : 'sign_in_expired')
    return signIn
  }

  async function page(
    reply: FastifyReply,
    interaction: Interaction,
    accountId: string,
    more: { issued?: UserId; error?: string; status?: number } = {},
  ): Promise<FastifyReply> {
    const { userIds } = await bsoUserIds(calls).list(accountId)
    return reply.page(
      userIdPage({
        uid: interaction.uid,
        csrf: reply.csrfToken(),
        userIds,
        issued: more.issued,
        error: more.error,
      }),
      { status: more.status ?? 200, formAction: redirectOrigins(interaction) },
    )
  }

  app.get('/interaction/:uid/user-id', { schema: { hide: true, params: Uid } }, async (request, reply) => {
    const interaction = await findInteraction(current(), request, reply)
    const signIn = await signInOf(interaction)
    if (!needsUserId(interaction)) {
      return grant(request, reply, interaction, signIn, undefined, await revocations.note(now()))
    }
    return page(reply, interaction, signIn.accountId)
  })

  app.post(
    '/interaction/:uid/user-id',
    {
      schema: {
        hide: true,
        params: Uid,
        body: Type.Object(
          {
            userId: Type.Optional(Type.String({ maxLength: 32 })),
            exit: Type.Optional(Type.Literal('yes')),
          },
          { additionalProperties: false },
        ),
      },
    },
    async (request, reply) => {
      const interaction = await findInteraction(current(), request, reply)
      const signIn = await signInOf(interaction)
      if (request.body.exit) {
        await audit.record({
          event: 'sign-in.left',
          outcome: 'refusal',
          actor: signIn.accountId,
          details: { at: 'user-id' },
          requestId: request.id,
        })
        return exitInteraction(current(), request, reply)
      }
      // Before its owner is asked: what is revoked meanwhile ends the grant.
      const chosenAt = await revocations.note(now())
      const [, bsoUserId, ein] = /^([A-Z0-9]{8}):([0-9]{9})$/.exec(request.body.userId ?? '') ?? []
      const chosen =
        bsoUserId && ein
          ? await bsoUserIds(calls)
              .select(signIn.accountId, { bsoUserId, ein })
              .catch((error: unknown) => {
                if (error instanceof CallRefused && error.code === 'user_id_not_linked') return undefined
                throw error
              })
          : undefined
      if (!chosen) {
        return page(reply, interaction, signIn.accountId, {
          error: 'Select a User ID and EIN from the list, or request a new User ID',
          status: 422,
        })
      }
      return grant(request, reply, interaction, signIn, chosen, chosenAt)
    },
  )

  app.get(
    '/interaction/:uid/user-id/new',
    { schema: { hide: true, params: Uid } },
    async (request, reply) => {
      const interaction = await findInteraction(current(), request, reply)
      await signInOf(interaction)
      return reply.page(
        newUserIdPage({ uid: interaction.uid, csrf: reply.csrfToken(), ein: '', error: undefined }),
      )
    },
  )

  app.post(
    '/interaction/:uid/user-id/new',
    {
      schema: {
        hide: true,
        params: Uid,
        body: Type.Object({ ein: Type.String({ maxLength: 32 }) }, { additionalProperties: false }),
      },
    },
    async (request, reply) => {
      const interaction = await findInteraction(current(), request, reply)
      const { accountId } = await signInOf(interaction)
      const again = (error: string) =>
        reply.page(
          newUserIdPage({ uid: interaction.uid, csrf: reply.csrfToken(), ein: request.body.ein, error }),
          { status: 422 },
        )
      const ein = request.body.ein.trim().replace(/^([0-9]{2})-([0-9]{7})$/, '$1$2')
      if (!/^[0-9]{9}$/.test(ein))
        return again('Enter the nine digits of the EIN, with or without the hyphen')
      try {
        const issued = await bsoUserIds(calls).request(accountId, { ein })
        return await page(reply, interaction, accountId, { issued })
      } catch (error) {
        const message = error instanceof CallRefused ? EIN_MESSAGES[error.code] : undefined
        if (!message) throw error
        return again(message)
      }
    },
  )
}
