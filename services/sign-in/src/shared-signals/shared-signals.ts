// Shared signals, both ways: what administrators revoke is told to the relying services that want to hear of it (OpenID
// Shared Signals Framework 1.0), and what identity providers tell of an account ends what came of it here.

import type { Audit } from '@gatehouse/audit/audit'
import type { ServiceUrls } from '@gatehouse/contracts/services'
import type { App } from '@gatehouse/http/service'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { FastifyBaseLogger } from 'fastify'
import type { Kysely } from 'kysely'
import type Provider from 'oidc-provider'
import { createBackChannelLogout } from '../back-channel-logout/back-channel-logout.ts'
import { createLogoutDeliveries } from '../back-channel-logout/deliveries.ts'
import type { RelyingParty } from '../federation/relying-party.ts'
import { findAlsoEnded } from '../openid-provider/ended-access.ts'
import { createPairwiseSubject } from '../openid-provider/pairwise-subject.ts'
import type { SigningKeys } from '../openid-provider/signing-keys.ts'
import type { Revocations } from '../revocations/revocations.ts'
import { createAnnouncements } from './announcements.ts'
import { createOutbox } from './outbox.ts'
import { addPollRoutes } from './poll-routes.ts'
import { addProviderEventRoutes } from './provider-event-routes.ts'
import { createProviderEvents } from './provider-events.ts'
import { createPushes } from './push.ts'
import { createReachReports } from './reach.ts'
import { createReceivedEvents } from './received-events.ts'
import { createReceiverConnections } from './receiver-connection.ts'
import { acceptReceivers } from './receiver-tokens.ts'
import { createSecurityEventTokens } from './security-event-token.ts'
import { addStreamRoutes } from './stream-routes.ts'
import { createStreamStore, type Stream } from './stream-store.ts'
import { createStreams } from './streams.ts'
import { createWaitingPolls } from './waiting-polls.ts'

interface Parts {
  publicUrl: string
  urls: ServiceUrls
  profile: 'test' | 'live'
  // biome-ignore lint/suspicious/noExplicitAny: each store names the tables that it uses
  database: Kysely<any>
  secrets: Secrets
  fetch: typeof fetch
  provider: () => Provider
  signingKeys: SigningKeys
  relyingParties: readonly RelyingParty[]
  revocations: Revocations
  audit: Audit
  log: FastifyBaseLogger
}

/** Adds the routes, and listens to `revocations`: call it before they start. */
export function addSharedSignals(app: App, parts: Parts): void {
  const { publicUrl, urls, profile, database, secrets, fetch, provider, signingKeys, revocations, log } =
    parts
  const store = createStreamStore(database, secrets)
  const outbox = createOutbox(database, secrets)
  const sign = createSecurityEventTokens(publicUrl, signingKeys)
  const reports = createReachReports(database, revocations.recordReach)
  const waitingPolls = createWaitingPolls()
  const pairwiseSubject = createPairwiseSubject(secrets, urls)

  async function subjectAt(clientId: string, accountId: string): Promise<string | undefined> {
    // What it may not hear at present waits for it.
    const client = await findAlsoEnded(provider(), clientId)
    return client && pairwiseSubject(accountId, client)
  }
  async function mayHear(clientId: string): Promise<boolean> {
    if (await revocations.isClientEnded(clientId)) return false
    return (await provider().Client.find(clientId)) !== undefined
  }
  async function settled(revocationId: string, { clientId, streamId, delivery }: Stream): Promise<void> {
    const fate = await outbox.fateOf(revocationId, streamId)
    await reports.settled(revocationId, clientId, delivery.method, fate)
  }

  // In the test profile receivers are on this machine.
  const connections = profile === 'live' ? createReceiverConnections() : undefined
  const pushes = createPushes({
    outbox,
    streams: store,
    sign,
    fetch: connections?.fetch ?? fetch,
    mayHear,
    settled,
    log,
  })
  function changed(streamId: string): void {
    waitingPolls.wake(streamId)
    pushes.wake()
  }

  const announcements = createAnnouncements({
    issuer: publicUrl,
    database,
    streams: store,
    outbox,
    subjectAt,
    async announced(revocationId, streams) {
      for (const { streamId, clientId, delivery } of streams) {
        const fate = () => outbox.fateOf(revocationId, streamId)
        await reports.begun(revocationId, clientId, delivery.method, fate)
        changed(streamId)
      }
    },
  })
  const logout = createBackChannelLogout({
    provider,
    deliveries: createLogoutDeliveries(database),
    reports,
    log,
  })
  revocations.onRevoked(logout.revoked)
  revocations.onRevoked(announcements.revoked)
  revocations.onReinstated(announcements.reinstated)

  const requireReceiver = acceptReceivers(app, { issuer: publicUrl, signingKeys, access: revocations })
  const streams = createStreams({ publicUrl, profile, store, outbox, changed })
  addStreamRoutes(app, { publicUrl, streams, requireReceiver })
  addPollRoutes(app, { streams, outbox, sign, waitingPolls, mayHear, settled, requireReceiver })

  const received = createReceivedEvents(database)
  const act = createProviderEvents({ database, received, revocations, audit: parts.audit })
  const providerEvents = addProviderEventRoutes(app, {
    publicUrl,
    relyingParties: parts.relyingParties,
    received,
    act,
    fetch,
    log,
  })

  const lanes = [pushes, logout, providerEvents]
  // What an earlier process left behind.
  app.addHook('onReady', async () => {
    for (const lane of lanes) lane.wake()
  })
  // Before the database goes, which it does on close.
  app.addHook('preClose', async () => {
    waitingPolls.close()
    await Promise.all(lanes.map((lane) => lane.close()))
    await connections?.close()
  })
}
