// What a revocation would reach, and whether there is anything of that name.

import { now } from '@gatehouse/clock/clock'
import {
  LONGEST_TOKEN_SECONDS,
  type RevocationPreview,
  type RevocationTarget,
} from '@gatehouse/contracts/revocations'
import { Refusal } from '@gatehouse/http/refusal'
import { type Kysely, sql } from 'kysely'
import {
  credentialOf,
  endsSessions,
  grantsOf,
  LONGEST_ACCESS_MS,
  signInsOf,
  type Tables,
} from './selection.ts'

/** Names of what does not stand in the tables of accounts. */
export interface Directory {
  /** Of a relying service or a service of the suite; undefined where there is none. */
  clientName(clientId: string): Promise<string | undefined>
  /** Of an identity provider. */
  providerName(idp: string): string | undefined
}

/** A refresh token lives as long as a session; those of the last minutes came with an access token that may be alive. */
const REFRESH_TOKEN_MS = 12 * 60 * 60 * 1_000

const unknown = (what: string) => new Refusal('target_unknown', what)

export function createPreview(database: Kysely<Tables>, directory: Directory) {
  async function accountName(accountId: string): Promise<string | undefined> {
    const account = await database
      .selectFrom('accounts')
      .select(['givenName', 'familyName'])
      .where('accountId', '=', accountId)
      .executeTakeFirst()
    return account && [account.givenName, account.familyName].filter(Boolean).join(' ')
  }

  /**
   * What the value names, for people.
   *
   * @throws Refusal `target_unknown`
   */
  async function label({ kind, value }: RevocationTarget): Promise<string | undefined> {
    switch (kind) {
      case 'session': {
        const signIn = await database
          .selectFrom('signIns')
          .select('accountId')
          .where('sessionUid', '=', value)
          .executeTakeFirst()
        if (!signIn) throw unknown('value is the sid of no session')
        return accountName(signIn.accountId)
      }
      case 'account': {
        const name = await accountName(value)
        if (name === undefined) throw unknown('value is the id of no account')
        return name
      }
      case 'credential': {
        const { idp, subject } = credentialOf(value)
        const credential = await database
          .selectFrom('credentials')
          .select('accountId')
          .where('idp', '=', idp)
          .where('subject', '=', subject)
          .executeTakeFirst()
        if (!credential) throw unknown('value is no credential: the provider, a colon, the subject')
        return accountName(credential.accountId)
      }
      case 'client': {
        const name = await directory.clientName(value)
        if (name === undefined) throw unknown('value is the id of no client')
        return name
      }
      case 'provider': {
        const name = directory.providerName(value)
        if (name === undefined) throw unknown('value is the id of no provider')
        return name
      }
      // Which of these exist, `bso-user-ids` knows.
      case 'bso_user_id':
        if (!/^[A-Z0-9]{8}$/.test(value)) throw unknown('value is eight capitals or digits')
        return undefined
      case 'ein':
        if (!/^[0-9]{9}$/.test(value)) throw unknown('value is nine digits')
        return undefined
      case 'everything':
        if (value !== '*') throw unknown('value is *')
        return undefined
    }
  }

  async function preview(target: RevocationTarget): Promise<RevocationPreview> {
    const name = await label(target)
    const at = now()
    const since = at - LONGEST_ACCESS_MS
    const recent = at + REFRESH_TOKEN_MS - LONGEST_TOKEN_SECONDS * 1_000
    const isAlive = sql`grants.expires_at > ${at}`
    // Outer joins, filtered while counting: SQLite takes "all grants" for a few rows and would begin there.
    const grants = () =>
      grantsOf(database, target, since).leftJoin('oidcModels as grants', (join) =>
        join.onRef('grants.id', '=', 'grantFacts.grantId').on('grants.model', '=', 'Grant'),
      )
    const counted = await grants()
      .leftJoin('oidcModels as tokens', (join) =>
        join
          .onRef('tokens.grantId', '=', 'grantFacts.grantId')
          .on(sql<string>`tokens.model || ''`, '=', 'RefreshToken'),
      )
      .select([
        sql<number>`count(distinct case when ${isAlive} then grant_facts.grant_id end)`.as('grants'),
        sql<number>`count(distinct case when ${isAlive} then sign_ins.account_id end)`.as('people'),
        sql<number>`count(distinct case when ${isAlive} and tokens.id is not null then grant_facts.grant_id end)`.as(
          'withTokens',
        ),
        sql<number>`count(case when tokens.expires_at > ${at} and tokens.consumed_at is null then 1 end)`.as(
          'refreshTokens',
        ),
        sql<number>`count(case when tokens.expires_at > ${recent} then 1 end)`.as('recent'),
      ])
      .executeTakeFirstOrThrow()
    const clients = await grants()
      .select(['grantFacts.clientId', ({ fn }) => fn.max('grants.expiresAt').as('expiresAt')])
      .groupBy('grantFacts.clientId')
      .execute()
    const isOpen = sql`sessions.expires_at > ${at}`
    const sessions = endsSessions(target)
      ? await signInsOf(database, target, since)
          .leftJoin('oidcModels as sessions', (join) =>
            join.onRef('sessions.uid', '=', 'signIns.sessionUid').on('sessions.model', '=', 'Session'),
          )
          .select([
            sql<number>`count(distinct case when ${isOpen} then sign_ins.session_uid end)`.as('count'),
            sql<number>`count(distinct case when ${isOpen} then sign_ins.account_id end)`.as('people'),
          ])
          .executeTakeFirstOrThrow()
      : { count: 0, people: 0 }
    return {
      target,
      ...(name ? { label: name } : {}),
      sessions: Number(sessions.count),
      // A grant outlives its session by no more than the session would have lived: one of the two counts all people.
      people: Math.max(Number(sessions.people), Number(counted.people)),
      grants: Number(counted.grants),
      refreshTokens: Number(counted.refreshTokens),
      tokensInFlight: Number(counted.recent) + Number(counted.grants) - Number(counted.withTokens),
      clients: clients
        .filter(({ expiresAt }) => Number(expiresAt ?? 0) > at)
        .map(({ clientId }) => clientId)
        .filter((clientId) => clientId !== null)
        .sort(),
    }
  }

  return { label, preview }
}
