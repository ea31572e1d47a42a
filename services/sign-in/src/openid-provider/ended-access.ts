// Where oidc-provider asks whether access is ended, and where it tells that it has ended some.

import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { epochSeconds, now } from '@gatehouse/clock/clock'
import type Provider from 'oidc-provider'
import {
  type AccessToken,
  type Client,
  type ClientCredentials,
  errors,
  type KoaContextWithOIDC,
} from 'oidc-provider'
import type { Accounts } from '../accounts/accounts.ts'
import type { Revocations } from '../revocations/revocations.ts'
import { SSF_AUDIENCE } from './resources.ts'

/** The library marks a session that it has ended. */
type Marked = { destroyed?: boolean }

/** A logout is carried out for a relying service whose own access is ended, too. */
const loggingOut = new AsyncLocalStorage<true>()
const LOGOUT_PATH = /^\/logout(\/|$)/

const REASONS: Record<string, string> = {
  revocation: 'revoked by the relying service (RFC 7009)',
  token: 'a code or refresh token was used twice (RFC 9700 §4.14.2)',
}

/** A client, also one whose access is ended: what it has from before is ended all the same, and it must hear of that. */
export const findAlsoEnded = (provider: Provider, clientId: string): Promise<Client | undefined> =>
  loggingOut.run(true, () => provider.Client.find(clientId))

/** As they are signed. */
export interface JwtClaims extends Record<string, unknown> {
  /** Epoch seconds. */
  iat: number
  exp: number
}

/** Revocations second after second, of somebody who is let in each time: the token is then left to be refused. */
const MOST_SECONDS = 2

/** Waits until the second is over. @returns the second that it is then */
async function secondAfter(second: number): Promise<number> {
  // A timer may be early by a fraction.
  while (epochSeconds() <= second) await pause(1_000 - (now() % 1_000))
  return epochSeconds()
}

export function createEndedAccess(accounts: Accounts, revocations: Revocations) {
  /** Whether nothing may come of the grant any more. What no facts are kept of is refused elsewhere. */
  async function isGrantEnded(grantId: string | undefined): Promise<boolean> {
    const facts = grantId && (await accounts.findGrantFacts(grantId))
    return facts ? (await revocations.endOfGrant(facts)) !== undefined : false
  }

  /** @throws UnauthorizedClient */
  async function isClientTied({ clientId, aud }: ClientCredentials, issuedAt: number): Promise<boolean> {
    if (await revocations.isClientEnded(String(clientId))) {
      throw new errors.UnauthorizedClient('access of this client is ended')
    }
    // Services ask for no revocations of each other.
    return aud === SSF_AUDIENCE && revocations.isClientTokenEnded(String(clientId), issuedAt)
  }

  /** @throws InvalidGrant */
  async function isGrantTied({ grantId }: AccessToken, issuedAt: number): Promise<boolean> {
    const facts = grantId && (await accounts.findGrantFacts(grantId))
    const end = facts ? await revocations.endOfToken(facts, issuedAt) : undefined
    if (end !== undefined && end !== 'tied') throw new errors.InvalidGrant('access was ended')
    return end === 'tied'
  }

  async function endGrant(grantId: string, reason: string): Promise<void> {
    const facts = await accounts.findGrantFacts(grantId)
    if (facts?.clientId && facts.sessionUid) {
      await revocations.endGrant(facts.clientId, facts.sessionUid, reason)
    }
  }

  return {
    isGrantEnded,

    /** A code or refresh token was used twice at once, for which the storage ends the grant. */
    reused: (grantId: string) => endGrant(grantId, REASONS.token as string),

    /**
     * Refuses a JWT whose `iat` is settled and noted, and which is not signed yet. So either this finds the revocation, or
     * that is committed after `iat` was noted and its instant is no earlier: no token slips through between the two.
     *
     * Gateways would refuse whoever is let in anew in the very second of a revocation. Their token gets the next second
     * as its `iat`, once that has begun, and is then looked at again.
     *
     * @throws InvalidGrant, UnauthorizedClient
     */
    async checkBeforeSigning(token: AccessToken | ClientCredentials, claims: JwtClaims): Promise<void> {
      // Tokens of people are reached by their session; one that could not be is none.
      if (token.kind === 'AccessToken' && typeof claims.sid !== 'string')
        throw new errors.InvalidGrant('the session of this grant is not known')
      for (let seconds = 0; ; seconds += 1) {
        const issuedAt = await revocations.note(claims.iat * 1_000)
        const isTied = await (token.kind === 'AccessToken'
          ? isGrantTied(token as AccessToken, issuedAt)
          : isClientTied(token as ClientCredentials, issuedAt))
        if (!isTied || seconds === MOST_SECONDS) return
        const lifetime = claims.exp - claims.iat
        claims.iat = await secondAfter(claims.iat)
        claims.exp = claims.iat + lifetime
      }
    },

    /** Ties a provider to what ends access, and to what it ends itself: people log out, clients revoke, tokens are used twice. */
    attach(provider: Provider): void {
      const find = provider.Client.find.bind(provider.Client)
      // Every endpoint finds its client here, and one that is ended is found by none.
      provider.Client.find = async (clientId) =>
        !loggingOut.getStore() && typeof clientId === 'string' && (await revocations.isClientEnded(clientId))
          ? undefined
          : find(clientId)

      const endedGrants = new WeakMap<object, Set<string>>()
      provider.on('grant.revoked', (ctx, grantId) => {
        endedGrants.set(ctx.req, (endedGrants.get(ctx.req) ?? new Set()).add(grantId))
      })
      provider.use(async (ctx, next) => {
        await (LOGOUT_PATH.test(ctx.path) ? loggingOut.run(true, next) : next())
        const { oidc } = ctx as KoaContextWithOIDC
        // Answered only once it is stored: from then on it comes into force whatever happens here.
        const session = oidc?.session
        if (session && oidc.route === 'end_session_confirm' && (session as Marked).destroyed) {
          if (session.accountId) await revocations.endSession(session.uid, 'logged out')
          return
        }
        for (const grantId of endedGrants.get(ctx.req) ?? []) {
          await endGrant(grantId, REASONS[oidc.route] ?? 'logged out of the relying service')
        }
      })
    },
  }
}

export type EndedAccess = ReturnType<typeof createEndedAccess>
