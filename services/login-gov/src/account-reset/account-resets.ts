// Somebody who lost every second factor can only have the account deleted and make a new one. A day goes by between the
// request and the link that deletes, so that the owner can stop what somebody else has begun (fact sheet 6.3).

import { randomUUID } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { Lang } from '@gatehouse/pages/site'
import type { Account } from '@gatehouse/provider/accounts/account'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { AccountResetStore } from './store.ts'

/** What a link in a letter is for. */
export type LinkUse = 'cancel' | 'delete'

export interface AccountResets {
  /** Begins the wait, anew if one had begun, and gives the token that cancels it. */
  request(accountId: string, language: Lang): Promise<string>
  /** When (milliseconds) the wait is over, while it lasts. */
  waiting(accountId: string): Promise<number | undefined>
  /** Takes the request back. False when there was none. */
  cancel(accountId: string): Promise<boolean>
  /** What the page may keep of a token of a letter; nothing when it is unknown or too old. */
  open(token: string, use: LinkUse): Promise<string | undefined>
  /** Whose account it is for, by what the page kept. */
  find(key: string | undefined, use: LinkUse): Promise<string | undefined>
  /** Sends the second letter to everybody whose wait is over. What cannot be sent now is tried again at the next call. */
  grantDue(): Promise<void>
}

export interface AccountResetParts {
  store: AccountResetStore
  accounts: Pick<Accounts, 'find'>
  /** A keyed digest. Tokens are digests too, so that a letter sent again holds the same link. */
  digest: (purpose: string, text: string) => string
  /** Sends the second letter, with the token for each link. */
  sendGrant(account: Account, tokens: Record<LinkUse, string>, language: Lang): Promise<void>
  /** Told why a letter could not be sent. */
  failed(error: unknown): void
  waitMs: number
  linkMs: number
}

export function createAccountResets(parts: AccountResetParts): AccountResets {
  const { store, accounts, digest, sendGrant, failed, waitMs, linkMs } = parts
  const tokenFor = (use: LinkUse, requestId: string) => digest(`account reset ${use}`, requestId)
  const keyOf = (token: string) => digest('account reset link', token)

  async function find(key: string | undefined, use: LinkUse): Promise<string | undefined> {
    if (!key) return undefined
    if (use === 'cancel') return (await store.findByCancel(key))?.accountId
    const reset = await store.findByGrant(key)
    const isLive = reset?.grantedAt !== undefined && now() < reset.grantedAt + linkMs
    return isLive ? reset?.accountId : undefined
  }

  let granting: Promise<void> | undefined

  async function grantAll(): Promise<void> {
    await store.removeGranted(now() - linkMs)
    for (const { accountId, requestId, language } of await store.due(now() - waitMs)) {
      const account = await accounts.find(accountId)
      if (!account) {
        await store.remove(accountId)
        continue
      }
      try {
        // Sent first and noted then: twice is better than never.
        const tokens = { cancel: tokenFor('cancel', requestId), delete: tokenFor('delete', requestId) }
        await sendGrant(account, tokens, language)
        await store.grant(accountId, requestId, now())
      } catch (error) {
        failed(error)
      }
    }
  }

  return {
    find,
    async request(accountId, language) {
      const requestId = randomUUID()
      await store.put({
        accountId,
        requestId,
        language,
        requestedAt: now(),
        cancelDigest: keyOf(tokenFor('cancel', requestId)),
        grantDigest: keyOf(tokenFor('delete', requestId)),
      })
      return tokenFor('cancel', requestId)
    },
    async waiting(accountId) {
      const reset = await store.find(accountId)
      const endsAt = reset && reset.requestedAt + waitMs
      return endsAt !== undefined && now() < endsAt ? endsAt : undefined
    },
    cancel: (accountId) => store.remove(accountId),
    async open(token, use) {
      const key = keyOf(token)
      return (await find(key, use)) === undefined ? undefined : key
    },
    async grantDue() {
      granting ??= grantAll().finally(() => {
        granting = undefined
      })
      await granting
    },
  }
}
