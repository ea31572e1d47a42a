// A person as sign-in knows them: credentials, and the sessions and grants that are alive.

import { now } from '@gatehouse/clock/clock'
import type { Person, PersonCredential, PersonGrant, PersonSession } from '@gatehouse/contracts/people'
import { Refusal } from '@gatehouse/http/refusal'
import type { Kysely } from 'kysely'
import type { Revocations } from '../revocations/revocations.ts'
import type { PeopleTables } from './search.ts'
import type { SsnEndings } from './ssn-endings.ts'

/** What oidc-provider keeps of a session and of a grant, as far as it is told here. */
interface SessionPayload {
  accountId?: string
  authorizations?: Record<string, unknown>
}
interface GrantPayload {
  iat?: number
  openid?: { scope?: string }
  resources?: Record<string, string>
}

const MOST = 100

const given = <Name extends string, Value>(name: Name, value: Value | null) =>
  (value === null ? {} : { [name]: value }) as { [Key in Name]?: Value }

const words = (text: string | undefined) => (text ?? '').split(' ').filter(Boolean)

interface Dependencies {
  database: Kysely<PeopleTables>
  endings: SsnEndings
  revocations: Pick<Revocations, 'endOfSignIn'>
}

export function createPeople({ database, endings, revocations }: Dependencies) {
  async function credentialsOf(accountId: string): Promise<PersonCredential[]> {
    const rows = await database
      .selectFrom('credentials')
      .leftJoin('ssnEndings', (join) =>
        join
          .onRef('ssnEndings.idp', '=', 'credentials.idp')
          .onRef('ssnEndings.subject', '=', 'credentials.subject'),
      )
      .select(['credentials.idp', 'credentials.subject', 'acr', 'amr', 'lastUsedAt', 'proofedAt', 'sealed'])
      .where('accountId', '=', accountId)
      .orderBy('lastUsedAt', 'desc')
      .execute()
    return rows.map(({ idp, subject, acr, amr, lastUsedAt, proofedAt, sealed }) => ({
      idp,
      subject,
      amr: JSON.parse(amr),
      lastUsedAt,
      ...given('acr', acr),
      ...given('proofedAt', proofedAt),
      ...given('maskedSsn', sealed && endings.masked(sealed)),
    }))
  }

  async function sessionsOf(accountId: string): Promise<PersonSession[]> {
    const rows = await database
      .selectFrom('signIns')
      .innerJoin('oidcModels', 'oidcModels.uid', 'signIns.sessionUid')
      .select(['idp', 'subject', 'acr', 'amr', 'device', 'authenticatedAt', 'lastUsedAt', 'sessionUid'])
      .select(['payload', 'expiresAt'])
      .where('signIns.accountId', '=', accountId)
      .where('oidcModels.model', '=', 'Session')
      .where('oidcModels.expiresAt', '>', now())
      .orderBy('authenticatedAt', 'desc')
      .limit(MOST)
      .execute()
    const sessions = new Map<string, PersonSession>()
    for (const { sessionUid, payload, expiresAt, ...signIn } of rows) {
      const session: SessionPayload = JSON.parse(payload)
      // A session tells of its newest sign-in, and somebody else may have signed in since in the same browser.
      if (!sessionUid || sessions.has(sessionUid) || session.accountId !== accountId) continue
      // A request that was under way when the session was ended may have stored it again.
      if (await revocations.endOfSignIn({ accountId, ...signIn, sessionUid })) continue
      const { idp, subject, acr, amr, device, authenticatedAt, lastUsedAt } = signIn
      sessions.set(sessionUid, {
        sid: sessionUid,
        idp,
        subject,
        amr: JSON.parse(amr),
        startedAt: authenticatedAt,
        lastUsedAt: lastUsedAt ?? authenticatedAt,
        endsAt: expiresAt ?? authenticatedAt,
        clients: Object.keys(session.authorizations ?? {}),
        ...given('acr', acr),
        ...given('device', device),
      })
    }
    return [...sessions.values()]
  }

  async function grantsOf(accountId: string): Promise<PersonGrant[]> {
    const rows = await database
      .selectFrom('grantFacts')
      .innerJoin('signIns', 'signIns.signInId', 'grantFacts.signInId')
      .innerJoin('oidcModels', 'oidcModels.id', 'grantFacts.grantId')
      .select(['clientId', 'bsoUserId', 'ein', 'sessionUid', 'authenticatedAt', 'payload'])
      .where('accountId', '=', accountId)
      .where('oidcModels.model', '=', 'Grant')
      .where('oidcModels.expiresAt', '>', now())
      .orderBy('authenticatedAt', 'desc')
      .limit(MOST)
      .execute()
    return rows.map(({ clientId, bsoUserId, ein, sessionUid, authenticatedAt, payload }) => {
      const { iat, openid, resources = {} }: GrantPayload = JSON.parse(payload)
      return {
        clientId: clientId ?? '',
        grantedAt: iat === undefined ? authenticatedAt : iat * 1000,
        scopes: [...new Set([openid?.scope, ...Object.values(resources)].flatMap(words))],
        resources: Object.keys(resources),
        ...given('sid', sessionUid),
        ...given('bsoUserId', bsoUserId),
        ...given('ein', ein),
      }
    })
  }

  return {
    /** @throws Refusal `person_unknown` */
    async find(accountId: string): Promise<Person> {
      const account = await database
        .selectFrom('accounts')
        .select(['givenName', 'familyName', 'email', 'createdAt'])
        .where('accountId', '=', accountId)
        .executeTakeFirst()
      if (!account) throw new Refusal('person_unknown')
      const { givenName, familyName, email, createdAt } = account
      return {
        accountId,
        createdAt,
        ...given('givenName', givenName),
        ...given('familyName', familyName),
        ...given('email', email),
        credentials: await credentialsOf(accountId),
        sessions: await sessionsOf(accountId),
        grants: await grantsOf(accountId),
      }
    },
  }
}
