// RISC, both ways (fact sheet 7): pushes security events to relying services and takes those that they report.

import type { Audit } from '@gatehouse/audit/audit'
import type { App } from '@gatehouse/http/service'
import type { AccountEvents } from '@gatehouse/provider/accounts/account-events'
import type { Accounts } from '@gatehouse/provider/accounts/accounts'
import type { SigningKey } from '@gatehouse/provider/keys/signing-keys'
import type { Limits } from '@gatehouse/provider/limits'
import type { RememberedBrowsers } from '@gatehouse/provider/sessions/remembered-browsers'
import type { Sessions } from '@gatehouse/provider/sessions/sessions'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { FastifyBaseLogger, onRequestAsyncHookHandler } from 'fastify'
import type { Kysely } from 'kysely'
import type { Clients } from '../clients/client.ts'
import type { LIMITS } from '../limits.ts'
import type { Connections } from '../openid-connect/connections.ts'
import type { Subjects } from '../openid-connect/subjects.ts'
import { createAnnouncements } from './announcements.ts'
import { createDeliverer } from './deliverer.ts'
import { sqlOutbox } from './outbox.ts'
import { createPush } from './push.ts'
import { createReceipt } from './receipt.ts'
import { sqlReceivedEvents } from './received-events.ts'
import { addRiscRoutes, SECURITY_EVENTS } from './routes.ts'
import { createSecurityEventRules } from './security-event-rules.ts'
import { signSecurityEvent } from './security-event-token.ts'

export interface RiscParts {
  publicUrl: string
  // biome-ignore lint/suspicious/noExplicitAny: each store names the tables that it uses
  database: Kysely<any>
  secrets: Pick<Secrets, 'seal' | 'unseal'>
  fetch: typeof fetch
  events: AccountEvents
  accounts: Accounts
  sessions: Sessions
  rememberedBrowsers: Pick<RememberedBrowsers, 'forget'>
  clients: Clients
  subjects: Subjects
  connections: Connections
  key: SigningKey
  limits: Limits<typeof LIMITS>
  /** Whether anything is pushed. */
  pushes: boolean
  requireOperator: onRequestAsyncHookHandler
  audit: Audit
  log: FastifyBaseLogger
}

export function addRisc(app: App, parts: RiscParts): void {
  const { publicUrl, database, accounts, sessions, clients, subjects, connections, limits, audit } = parts
  const issuer = `${publicUrl}/`
  const outbox = sqlOutbox(database, parts.secrets)
  const push = createPush(parts.fetch, limits.pushTimeoutMs)
  const deliverer = createDeliverer({
    outbox,
    async send({ url, jti, claims }, closing) {
      const token = await signSecurityEvent(
        { jti, ...claims },
        issuer,
        parts.key,
        limits.pushedTokenLifetimeMs,
      )
      return push(url, token, closing)
    },
    rules: {
      timeoutMs: limits.pushTimeoutMs,
      retryWaitMs: limits.pushRetryWaitMs,
      mostPerWindow: limits.pushesPerUrl,
      windowMs: limits.pushesWindowMs,
    },
    log: parts.log,
  })
  if (parts.pushes) {
    const announce = createAnnouncements({
      issuer,
      connections,
      clients,
      subjects,
      outbox,
      announced: deliverer.wake,
    })
    parts.events.listen(announce)
    // What an earlier process left behind.
    app.addHook('onReady', async () => deliverer.wake())
  }
  // Before the database goes, which it does on close.
  app.addHook('preClose', () => deliverer.close())

  const received = sqlReceivedEvents(database)
  const rules = createSecurityEventRules({
    url: publicUrl + SECURITY_EVENTS,
    clients,
    subjects,
    received,
  })
  const receive = createReceipt({
    rules,
    received,
    accounts,
    sessions,
    rememberedBrowsers: parts.rememberedBrowsers,
    connections,
    audit,
  })
  addRiscRoutes(app, { publicUrl, receive, outbox, requireOperator: parts.requireOperator })
}
