// Tells relying services that an administrator ended a person's session, so that theirs ends too (OpenID Connect
// Back-Channel Logout 1.0). Of a person who logs out themselves oidc-provider tells them.

import { now } from '@gatehouse/clock/clock'
import type { FastifyBaseLogger } from 'fastify'
import type Provider from 'oidc-provider'
import type { Client } from 'oidc-provider'
import { findAlsoEnded } from '../openid-provider/ended-access.ts'
import type { Ended } from '../revocations/ended.ts'
import { createDeliveryLanes } from '../shared-signals/delivery-lanes.ts'
import type { ReachReports } from '../shared-signals/reach.ts'
import type { LogoutDeliveries, LogoutDelivery } from './deliveries.ts'

/** Milliseconds: oidc-provider waits 2.5 s for an answer. What is taken longer was lost with its process. */
const LOST_AFTER = 10_000
/** Milliseconds until it is repeated, doubled with each attempt. */
const FIRST_WAIT = 1_000
const LONGEST_WAIT = 60_000
/** After so many attempts the administrators see that it failed. It goes on, as the session at the relying service does. */
const FAILED_AFTER = 2
/** Milliseconds. */
const LONGEST_SESSION = 12 * 60 * 60 * 1_000
/** For one relying service at once. */
const WORKERS = 8

interface Parts {
  provider: () => Provider
  deliveries: LogoutDeliveries
  reports: ReachReports
  log: FastifyBaseLogger
}

/** What the types of oidc-provider leave out. */
interface ToldClient extends Client {
  backchannelLogout(accountId: string, sid: string | undefined): Promise<void>
}

export function createBackChannelLogout({ provider, deliveries, reports, log }: Parts) {
  async function toldClient(clientId: string): Promise<ToldClient | undefined> {
    const client = (await findAlsoEnded(provider(), clientId)) as ToldClient | undefined
    return client?.backchannelLogoutUri ? client : undefined
  }

  const CHANNEL = 'back-channel-logout'

  async function send({ clientId, accountId, sid }: LogoutDelivery): Promise<boolean> {
    try {
      const client = await toldClient(clientId)
      await client?.backchannelLogout(accountId, sid || undefined)
      return true
    } catch (error) {
      // Its cause may hold the address that was answered from.
      log.warn(
        { clientId, reason: error instanceof Error ? error.name : 'unknown' },
        'back-channel logout not taken',
      )
      return false
    }
  }

  const lanes = createDeliveryLanes({
    what: 'back-channel logout',
    workers: WORKERS,
    dueLanes: () => deliveries.dueClients(now()),
    async next(clientId, closing) {
      const delivery = await deliveries.take(clientId, now(), now() + LOST_AFTER)
      if (!delivery) return false
      const outcome = await unlessClosing(send(delivery), closing)
      if (outcome === 'closing') {
        await deliveries.giveBack(delivery, now(), delivery.attempts)
        return false
      }
      const attempts = delivery.attempts + 1
      if (outcome) await deliveries.reached(delivery, attempts)
      else {
        const again = now() + Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempts - 1))
        if (attempts < FAILED_AFTER) {
          await deliveries.giveBack(delivery, again, attempts)
          return true
        }
        const isOver = now() - delivery.madeAt > LONGEST_SESSION
        await deliveries.failed(delivery, isOver ? undefined : again, attempts)
      }
      const { revocationId } = delivery
      const standing = await deliveries.standingOf(revocationId, clientId)
      await reports.settled(revocationId, clientId, CHANNEL, standing)
      return true
    },
    log,
  })

  return {
    /** Stores whom to tell; sends afterwards. */
    async revoked({ revocation, sessions }: Ended): Promise<void> {
      if (revocation.origin !== 'order') return
      const clients = new Map<string, ToldClient>()
      for (const clientId of new Set(sessions.flatMap((session) => session.clients))) {
        const client = await toldClient(clientId)
        if (client) clients.set(clientId, client)
      }
      const due = sessions.flatMap((session) =>
        session.clients.flatMap((clientId): LogoutDelivery[] => {
          const client = clients.get(clientId)
          if (!client) return []
          // A client whose ID tokens name no session, or a session that nobody can name any more: all of the person.
          const sid = client.backchannelLogoutSessionRequired ? (session.clientSids[clientId] ?? '') : ''
          return [{ revocationId: revocation.id, clientId, accountId: session.accountId, sid }]
        }),
      )
      if (due.length === 0) return
      await deliveries.put(due)
      for (const clientId of clients.keys()) {
        const standing = () => deliveries.standingOf(revocation.id, clientId)
        await reports.begun(revocation.id, clientId, CHANNEL, standing)
      }
      lanes.wake()
    },
    wake: lanes.wake,
    deliverDue: lanes.deliverDue,
    close: lanes.close,
  }
}

/** What comes of `running`, or that the service closes, which waits for no answer. */
async function unlessClosing<T>(running: Promise<T>, closing: AbortSignal): Promise<T | 'closing'> {
  let stop = () => {}
  const closed = new Promise<'closing'>((resolve) => {
    stop = () => resolve('closing')
  })
  closing.addEventListener('abort', stop)
  try {
    return await Promise.race([running, closed])
  } finally {
    closing.removeEventListener('abort', stop)
  }
}
