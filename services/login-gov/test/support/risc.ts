// The parts of RISC over a database of their own: what the service makes of them, without pages and without a wire.

import { randomBytes } from 'node:crypto'
import { auditMigrations } from '@gatehouse/audit/migrations'
import { now } from '@gatehouse/clock/clock'
import { createAccountEvents } from '@gatehouse/provider/accounts/account-events'
import { createAccounts } from '@gatehouse/provider/accounts/accounts'
import { sqlAccountStore } from '@gatehouse/provider/accounts/store'
import { loadSigningKeys, type SigningKeys } from '@gatehouse/provider/keys/signing-keys'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { keyValueMigrations } from '@gatehouse/storage/key-value'
import { deriveSecrets } from '@gatehouse/storage/secrets'
import type { Kysely } from 'kysely'
import type { Client, Clients } from '../../src/clients/client.ts'
import { sqlConsents } from '../../src/consent/consents.ts'
import { migrations } from '../../src/migrations.ts'
import { sqlConnections } from '../../src/openid-connect/connections.ts'
import { sqlGrants } from '../../src/openid-connect/grants.ts'
import { keyId } from '../../src/openid-connect/key-id.ts'
import { sqlSubjects } from '../../src/openid-connect/subjects.ts'
import { createAnnouncements } from '../../src/risc/announcements.ts'
import { createDeliverer, type DelivererParts } from '../../src/risc/deliverer.ts'
import { sqlOutbox } from '../../src/risc/outbox.ts'
import { createPush } from '../../src/risc/push.ts'
import { signSecurityEvent } from '../../src/risc/security-event-token.ts'

export const ISSUER = 'http://localhost:4001/'
export const YEAR = 365 * 86_400_000
const HALF_A_DAY = 12 * 3_600_000

/** A client that pushes go to, unless `changes` say otherwise. */
export function riscClient(clientId: string, changes: Partial<Client> = {}): Client {
  return {
    clientId,
    friendlyName: clientId,
    agencyId: clientId,
    ial: 1,
    pkce: null,
    publicKeys: [],
    redirectUris: [],
    returnToSpUrl: undefined,
    failureToProofUrl: undefined,
    pushNotificationUrl: undefined,
    pushAudienceIsClientId: false,
    allowPromptLogin: false,
    allowPromptCreate: false,
    allowIalmax: false,
    allowVerifiedWithin: false,
    defaultAal: undefined,
    active: true,
    ...changes,
  }
}

export function clientList(clients: Client[]): Clients {
  return { find: (id) => clients.find(({ clientId }) => clientId === id), all: () => clients }
}

export async function openMigrated(databaseUrl: string): Promise<Kysely<unknown>> {
  const database = await openDatabase<unknown>(databaseUrl, 'login_gov')
  await migrate(database, { ...keyValueMigrations, ...auditMigrations(Buffer.alloc(32)), ...migrations })
  return database
}

/** Connects a person to a client as consent and a hand-off do. */
export async function connect(database: Kysely<unknown>, accountId: string, clientId: string): Promise<void> {
  await sqlConsents(database, YEAR).give(accountId, clientId, ['email'])
  const grant = {
    accountId,
    clientId,
    signInId: 'none',
    nonce: 'n',
    scope: 'openid email',
    acrValues: 'urn:acr.login.gov:auth-only',
    codeChallenge: undefined,
    locale: 'en',
    certificate: undefined,
    authenticatedAt: undefined,
    handedOffAt: now(),
  }
  await sqlGrants(database).handOff(grant, randomBytes(8).toString('hex'))
}

interface Options {
  clients: Client[]
  databaseUrl?: string
  rootSecret?: Buffer
  rules?: Partial<DelivererParts['rules']>
  /** Made once for a test file: two RSA keys take their time. */
  keys?: SigningKeys
}

export async function riscParts({
  clients: list,
  databaseUrl = 'sqlite::memory:',
  rootSecret = randomBytes(32),
  rules: changedRules,
  keys: given,
}: Options) {
  const database = await openMigrated(databaseUrl)
  const secrets = deriveSecrets(rootSecret)
  const keys = given ?? (await loadSigningKeys(database, secrets, keyId, 2))
  const accounts = createAccounts(sqlAccountStore(database, secrets))
  const events = createAccountEvents()
  const clients = clientList(list)
  const subjects = sqlSubjects(database)
  const connections = sqlConnections(database)
  const outbox = sqlOutbox(database, secrets)
  const rules = {
    timeoutMs: 3_000,
    retryWaitMs: 5_000,
    mostPerWindow: 1_000,
    windowMs: 60_000,
    ...changedRules,
  }
  const push = createPush(fetch, rules.timeoutMs)
  const logged: unknown[] = []
  const deliverer = createDeliverer({
    outbox,
    async send({ url, jti, claims }, closing) {
      const token = await signSecurityEvent({ jti, ...claims }, ISSUER, keys.primary, HALF_A_DAY)
      return push(url, token, closing)
    },
    rules,
    log: {
      info: (...line: unknown[]) => logged.push(line),
      error: (...line: unknown[]) => logged.push(line),
    },
  })
  // Sending is for the test to start.
  events.listen(
    createAnnouncements({ issuer: ISSUER, connections, clients, subjects, outbox, announced: () => {} }),
  )
  return {
    database,
    keys,
    accounts,
    events,
    subjects,
    connections,
    outbox,
    deliverer,
    logged,
    async close() {
      await deliverer.close()
      await database.destroy()
    },
  }
}
