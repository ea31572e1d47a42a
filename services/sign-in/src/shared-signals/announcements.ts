// Turns revocations into security events for the receivers. A receiver hears only about people who have signed in to it,
// by the subject that it knows them by. What is told here is stored, and sent by others.

import type { Revocation, RevocationKind } from '@gatehouse/contracts/revocations'
import type { Kysely } from 'kysely'
import type { AccountTables } from '../accounts/tables.ts'
import type { Ended } from '../revocations/ended.ts'
import { credentialOf } from '../revocations/selection.ts'
import {
  ACCOUNT_DISABLED,
  ACCOUNT_ENABLED,
  ACCOUNT_PURGED,
  CREDENTIAL_CHANGE,
  credentialChange,
  EVENTS_SUPPORTED,
  type Happening,
  SESSION_REVOKED,
  sessionRevoked,
  TOKEN_CLAIMS_CHANGE,
  tokenClaimsChange,
} from './event-types.ts'
import type { NewEvent, Outbox } from './outbox.ts'
import { isProvider, PURGED } from './provider-orders.ts'
import type { Stream, StreamStore } from './stream-store.ts'

interface Parts {
  issuer: string
  database: Kysely<AccountTables>
  streams: Pick<StreamStore, 'listening' | 'isRemoved'>
  outbox: Pick<Outbox, 'put'>
  /** What a client knows the person by; undefined when there is no such client any more. */
  subjectAt(clientId: string, accountId: string): Promise<string | undefined>
  /** Told which streams something of the revocation was put into, now or before. */
  announced(revocationId: string, streams: Stream[]): Promise<void>
}

/** One event for one person, to be told to the receivers among `clients`. */
interface Telling {
  accountId: string
  clients: readonly string[]
  eventType: string
  payload: Record<string, unknown>
}

const KINDS_THAT_END_SESSIONS = new Set<string>([
  'session',
  'account',
  'credential',
  'provider',
  'everything',
])

export function createAnnouncements(parts: Parts) {
  const { issuer, database, streams, outbox, subjectAt, announced } = parts

  /** Where the account, or one credential of it, was ever used. */
  async function clientsOf(credential: { accountId: string } | { idp: string; subject: string }) {
    let query = database
      .selectFrom('grantFacts')
      .innerJoin('signIns', 'signIns.signInId', 'grantFacts.signInId')
      .select(['signIns.accountId', 'grantFacts.clientId'])
      .distinct()
      .where('grantFacts.clientId', 'is not', null)
    if ('accountId' in credential) query = query.where('signIns.accountId', '=', credential.accountId)
    else {
      const { idp, subject } = credential
      query = query.where('signIns.idp', '=', idp).where('signIns.subject', '=', subject)
    }
    const rows = await query.execute()
    return rows.map(({ accountId, clientId }) => ({ accountId, clientId: String(clientId) }))
  }

  async function aboutAccount(accountId: string, eventType: string): Promise<Telling> {
    const clients = (await clientsOf({ accountId })).map(({ clientId }) => clientId)
    return { accountId, clients, eventType, payload: {} }
  }

  async function aboutCredential(value: string, happening: Happening): Promise<Telling[]> {
    const { idp, subject } = credentialOf(value)
    return (await clientsOf({ idp, subject })).map(({ accountId, clientId }) => ({
      accountId,
      clients: [clientId],
      eventType: CREDENTIAL_CHANGE,
      payload: credentialChange(happening, idp),
    }))
  }

  async function tellingsOf({ revocation, sessions }: Ended): Promise<Telling[]> {
    const { kind, value, instant, by, lasting, reason } = revocation
    const happening: Happening = {
      kind: kind as RevocationKind,
      initiatingEntity: isProvider(by) ? 'system' : 'admin',
      at: instant,
    }
    const perSession = (eventType: string, payload: Record<string, unknown>): Telling[] =>
      sessions.map(({ accountId, clients }) => ({ accountId, clients, eventType, payload }))
    if (kind === 'bso_user_id' || kind === 'ein')
      return perSession(TOKEN_CLAIMS_CHANGE, tokenClaimsChange(happening))
    if (!KINDS_THAT_END_SESSIONS.has(kind)) return []
    const tellings = perSession(SESSION_REVOKED, sessionRevoked(happening))
    if (kind === 'credential') tellings.push(...(await aboutCredential(value, happening)))
    if (kind === 'account' && isProvider(by) && reason === PURGED)
      tellings.push(await aboutAccount(value, ACCOUNT_PURGED))
    else if (kind === 'account' && lasting) tellings.push(await aboutAccount(value, ACCOUNT_DISABLED))
    return tellings
  }

  async function tell(revocationId: string, tellings: Telling[]): Promise<void> {
    const listening = new Map((await streams.listening()).map((stream) => [stream.clientId, stream]))
    const events = new Map<string, NewEvent>()
    const told = new Set<Stream>()
    for (const { accountId, clients, eventType, payload } of tellings) {
      for (const clientId of clients) {
        const stream = listening.get(clientId)
        if (!stream || !(stream.eventsRequested ?? EVENTS_SUPPORTED).includes(eventType)) continue
        const { streamId } = stream
        const sub = await subjectAt(clientId, accountId)
        if (sub === undefined || (await streams.isRemoved(streamId, sub))) continue
        const cause = `${revocationId} ${eventType} ${sub}`
        told.add(stream)
        events.set(`${streamId} ${cause}`, {
          streamId,
          cause,
          revocationId,
          eventType,
          claims: {
            sub_id: { format: 'iss_sub', iss: issuer, sub },
            events: { [eventType]: payload },
            txn: revocationId,
          },
        })
      }
    }
    await outbox.put([...events.values()])
    await announced(revocationId, [...told])
  }

  return {
    /** Of logouts and the like receivers do not hear: what ended is one session, and they know no single sessions. */
    async revoked(ended: Ended): Promise<void> {
      if (ended.revocation.origin !== 'order') return
      await tell(ended.revocation.id, await tellingsOf(ended))
    },
    /** Of an account that was disabled the receivers hear that it is back. */
    async reinstated({ revocationId, target }: Revocation): Promise<void> {
      if (target.kind !== 'account') return
      await tell(revocationId, [await aboutAccount(target.value, ACCOUNT_ENABLED)])
    },
  }
}
