// Whose credential it is, for administrators: the provider's own name for an account beside the subject that sign-in has
// it by. Of phones only how they end.

import {
  type CredentialHolder,
  CredentialHolders,
  type HolderSearch,
  HolderSearch as Search,
} from '@gatehouse/contracts/credential-holders'
import { ProblemSchema } from '@gatehouse/contracts/problem'
import type { App } from '@gatehouse/http/service'

export interface Holders {
  /** The account that has this subject at sign-in. */
  accountOf(subject: string): Promise<string | undefined>
  /** Its subject at sign-in, if sign-in was ever told one, or would be told it. */
  subjectOf(accountId: string): Promise<string | undefined>
  /** The phones that get codes, E.164. */
  phoneNumbersOf(accountId: string): Promise<string[]>
  /** Accounts with such a phone. */
  withPhone(atMost: number): Promise<string[]>
  /** Owners other than the account itself that codes are sent under. */
  furtherOwnersOf?(accountId: string): string[]
  /** The account of an owner that is not the account itself. */
  accountOfOwner?(owner: string): string
}

const MOST_TOLD = 50
/** The numbers are sealed one by one, so there is no index by ending: a mock looks through them. */
const MOST_LOOKED_AT = 10_000

export function addCredentialHolderRoutes(app: App, holders: Holders): void {
  async function holderOf(accountId: string | undefined): Promise<CredentialHolder[]> {
    const subject = accountId === undefined ? undefined : await holders.subjectOf(accountId)
    if (accountId === undefined || subject === undefined) return []
    const endings = (await holders.phoneNumbersOf(accountId)).map(endingOf)
    return [
      {
        subject,
        owner: accountId,
        codeOwners: [accountId, ...(holders.furtherOwnersOf?.(accountId) ?? [])],
        phoneNumberEndings: [...new Set(endings)],
      },
    ]
  }

  async function withEnding(ending: string): Promise<CredentialHolder[]> {
    const found: CredentialHolder[] = []
    for (const accountId of await holders.withPhone(MOST_LOOKED_AT)) {
      const numbers = await holders.phoneNumbersOf(accountId)
      if (numbers.some((number) => endingOf(number) === ending)) found.push(...(await holderOf(accountId)))
      if (found.length === MOST_TOLD) break
    }
    return found
  }

  async function search(asked: HolderSearch): Promise<CredentialHolder[]> {
    if ('subject' in asked) return holderOf(await holders.accountOf(asked.subject))
    if ('owner' in asked) return holderOf(holders.accountOfOwner?.(asked.owner) ?? asked.owner)
    return withEnding(asked.phoneNumberEnding)
  }

  app.post(
    '/credential-holders/searches',
    {
      onRequest: app.requireCaller('credentials.read'),
      config: { csrf: false },
      schema: {
        summary: 'Whose credential it is, by subject, by account, or by the ending of a phone number',
        body: Search,
        response: { 200: CredentialHolders, '4xx': ProblemSchema, '5xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store')
      return { holders: await search(request.body) }
    },
  )
}

function endingOf(phoneNumber: string): string {
  return phoneNumber.slice(-4)
}

/** Of registered clients those that are sign-in: their people come back to it. */
export function ofSignIn<Client>(
  clients: readonly Client[],
  redirectUrisOf: (client: Client) => readonly string[],
  signInUrl: string,
): Client[] {
  const { origin } = new URL(signInUrl)
  return clients.filter((client) => redirectUrisOf(client).some((uri) => URL.parse(uri)?.origin === origin))
}
