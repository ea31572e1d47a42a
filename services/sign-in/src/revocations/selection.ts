// What a revocation reaches at sign-in: sign-ins with their sessions, or the grants at relying services alone.

import type { MatchBy, RevocationKind } from '@gatehouse/contracts/revocations'
import type { OidcModelTable } from '@gatehouse/openid-provider/adapter'
import { type Kysely, sql } from 'kysely'
import type { AccountTables } from '../accounts/tables.ts'
import type { RevocationTables } from './tables.ts'

export type Tables = AccountTables & OidcModelTable & RevocationTables

export interface Target {
  kind: RevocationKind | MatchBy
  value: string
}

/** No session, and so no grant, is older; five minutes more for the last access tokens. */
export const LONGEST_ACCESS_MS = (12 * 60 + 5) * 60 * 1_000

const SESSION_KINDS = new Set<Target['kind']>(['session', 'account', 'credential', 'provider', 'everything'])

/** Whether sessions end, or only what came of them at relying services. */
export const endsSessions = ({ kind }: Target) => SESSION_KINDS.has(kind)

/** `<idp>:<subject>`; no provider id has a colon. */
export function credentialOf(value: string): { idp: string; subject: string } {
  const colon = value.indexOf(':')
  return { idp: value.slice(0, Math.max(0, colon)), subject: value.slice(colon + 1) }
}

type Column =
  | 'signIns.sessionUid'
  | 'signIns.accountId'
  | 'signIns.idp'
  | 'signIns.subject'
  | 'grantFacts.clientId'
  | 'grantFacts.bsoUserId'
  | 'grantFacts.ein'

type Condition<C extends Column> = readonly [C, string]
type OfSignIn = Extract<Column, `signIns.${string}`>

function signInConditions({ kind, value }: Target): Condition<OfSignIn>[] {
  switch (kind) {
    case 'session':
      return [['signIns.sessionUid', value]]
    case 'account':
      return [['signIns.accountId', value]]
    case 'credential': {
      const { idp, subject } = credentialOf(value)
      return [
        ['signIns.idp', idp],
        ['signIns.subject', subject],
      ]
    }
    case 'provider':
      return [['signIns.idp', value]]
    default:
      return []
  }
}

function grantConditions(target: Target): Condition<Column>[] {
  const { kind, value } = target
  switch (kind) {
    case 'client':
      return [['grantFacts.clientId', value]]
    case 'bso_user_id':
      return [['grantFacts.bsoUserId', value]]
    case 'ein':
      return [['grantFacts.ein', value]]
    case 'grant':
      return [['signIns.sessionUid', value.split(' ')[1] ?? '']]
    default:
      return signInConditions(target)
  }
}

/** Sign-ins after `since` that the target names. Only for targets that end sessions. */
export function signInsOf(database: Kysely<Tables>, target: Target, since: number) {
  let query = database.selectFrom('signIns').where('signIns.authenticatedAt', '>', since)
  for (const [column, value] of signInConditions(target)) query = query.where(column, '=', value)
  return query
}

/** Grants of sign-ins after `since` that the target names. */
export function grantsOf(database: Kysely<Tables>, target: Target, since: number) {
  let query = database
    .selectFrom('grantFacts')
    .innerJoin('signIns', 'signIns.signInId', 'grantFacts.signInId')
    .where('signIns.authenticatedAt', '>', since)
  for (const [column, value] of grantConditions(target)) query = query.where(column, '=', value)
  // Without an index: the sessions of a client are many, the clients of a session few.
  if (target.kind === 'grant') {
    query = query.where(sql<string>`grant_facts.client_id || ''`, '=', target.value.split(' ')[0] ?? '')
  }
  return query
}
