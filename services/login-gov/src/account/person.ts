import type { Account } from '@gatehouse/provider/accounts/account'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AccountAround } from './frame.ts'

/** The person of a session that a guard has let pass, with what every page of the account is told. */
export async function personOf(
  request: FastifyRequest,
  reply: FastifyReply,
  accounts: Pick<Accounts, 'find'>,
): Promise<{ account: Account; around: AccountAround }> {
  const { language, session } = request.visit
  const account = await accounts.find(session?.accountId ?? '')
  if (!account) throw new Error('the account of a session is gone')
  const { lang, base } = language
  return { account, around: { lang, base, csrf: reply.csrfToken(), email: account.email } }
}
