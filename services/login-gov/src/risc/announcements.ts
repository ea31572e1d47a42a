// Turns what happened to an account into security event tokens for the relying services that the person is connected to.

import { randomBytes } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { AccountEventListener } from '@gatehouse/provider/accounts/account-events'
import type { Client, Clients } from '../clients/client.ts'
import type { Connections } from '../openid-connect/connections.ts'
import type { Subjects } from '../openid-connect/subjects.ts'
import { type SecurityEvent, securityEventsOf } from './event-types.ts'
import type { NewDelivery, Outbox } from './outbox.ts'

export interface AnnouncementParts {
  /** The root URL, with a slash at the end. */
  issuer: string
  connections: Connections
  clients: Clients
  subjects: Subjects
  outbox: Outbox
  /** Told when something was put into the outbox. */
  announced(): void
}

/** What listens to account events: when it resolves, every token to send is kept. */
export function createAnnouncements(parts: AnnouncementParts): AccountEventListener {
  const { issuer, connections, clients, subjects, outbox, announced } = parts

  async function delivery(
    { type, subject, facts }: SecurityEvent,
    accountId: string,
    client: Client,
    url: string,
  ): Promise<NewDelivery> {
    const about =
      subject === 'iss-sub'
        ? { subject_type: 'iss-sub', iss: issuer, sub: await subjects.of(accountId, client.agencyId) }
        : { subject_type: 'email', email: subject.email }
    return {
      jti: randomBytes(16).toString('hex'),
      clientId: client.clientId,
      url,
      eventType: type,
      claims: {
        aud: client.pushAudienceIsClientId ? client.clientId : url,
        events: { [type]: { subject: about, ...facts } },
      },
    }
  }

  return async (event) => {
    const deliveries: NewDelivery[] = []
    for (const clientId of await connections.of(event.accountId)) {
      const client = clients.find(clientId)
      if (!client?.active || !client.pushNotificationUrl) continue
      for (const securityEvent of securityEventsOf(event)) {
        deliveries.push(await delivery(securityEvent, event.accountId, client, client.pushNotificationUrl))
      }
    }
    await outbox.put(deliveries, now())
    if (deliveries.length > 0) announced()
  }
}
