// The relying services, for administrators: those of the suite to look at, those that are registered to change. What may
// be registered is decided in one place for this and for `POST /registration`: by oidc-provider and our checks in it. What
// must always hold: a secret is given out once, an old one or an old key opens nothing once the answer is out, and nothing
// changes without its entry in the audit trail.

import { randomBytes } from 'node:crypto'
import { epochSeconds } from '@gatehouse/clock/clock'
import type { Page } from '@gatehouse/contracts/paging'
import {
  type KeysOrder,
  type Registered,
  type RelyingService,
  RelyingServiceMetadata,
  type RelyingServices as RelyingServicePage,
} from '@gatehouse/contracts/relying-services'
import { cutPage, decodeCursor, rowsOf } from '@gatehouse/http/cursors'
import { Refusal } from '@gatehouse/http/refusal'
import type Provider from 'oidc-provider'
import { type ClientMetadata, errors } from 'oidc-provider'
import { type Static, Type } from 'typebox'
import { checkIdentityProviders } from '../openid-provider/clients.ts'
import { ADMIN_SCOPE } from '../openid-provider/resources.ts'
import type { KeptClient, RegisteredClients } from './store.ts'
import { type Act, entryOf } from './trail.ts'

interface Dependencies {
  provider: () => Provider
  clients: RegisteredClients
  /** The relying services that come with the suite. */
  suite: readonly ClientMetadata[]
  /** Where people may come from. */
  providerIds: readonly string[]
}

/** The registered ones go on after a client id, the static ones after theirs. */
const Position = Type.Tuple([Type.Union([Type.Literal('static'), Type.Literal('registered')]), Type.String()])

const FIELDS = Object.keys(RelyingServiceMetadata.properties)

export function describe(
  metadata: ClientMetadata,
  registration: RelyingService['registration'],
): RelyingService {
  const { client_id: clientId, client_id_issued_at: issuedAt } = metadata
  const told = Object.entries(metadata).filter(
    ([name, value]) => FIELDS.includes(name) && value !== undefined,
  )
  return {
    clientId,
    registration,
    ...(typeof issuedAt === 'number' ? { registeredAt: issuedAt * 1000 } : {}),
    hasSecret: metadata.client_secret !== undefined,
    metadata: Object.fromEntries(told),
  }
}

/** What the published types of the library leave out. */
interface ClientRules {
  new (metadata: ClientMetadata): { metadata(): ClientMetadata }
  validate(metadata: ClientMetadata): Promise<void>
  needsSecret(metadata: ClientMetadata): boolean
}

const newSecret = () => randomBytes(64).toString('base64url')

export function createRelyingServices({ provider, clients, suite, providerIds }: Dependencies) {
  const rules = () => provider().Client as unknown as ClientRules

  /** The metadata as they are kept, with every default. @throws Refusal `client_metadata_refused` */
  async function settle(metadata: ClientMetadata): Promise<ClientMetadata> {
    try {
      checkIdentityProviders(metadata.identity_providers, providerIds)
      // With a `sector_identifier_uri` this asks there, as a registration does (OpenID Connect Registration §5).
      await rules().validate(metadata)
      return new (rules())(metadata).metadata()
    } catch (error) {
      if (!(error instanceof errors.OIDCProviderError)) throw error
      throw new Refusal('client_metadata_refused', error.error_description ?? error.message)
    }
  }

  async function findRegistered(clientId: string): Promise<KeptClient> {
    if (suite.some((client) => client.client_id === clientId)) throw new Refusal('client_static')
    const found = await clients.find(clientId)
    if (!found) throw new Refusal('client_unknown')
    return found
  }

  async function change(client: KeptClient, metadata: ClientMetadata, act: Act): Promise<RelyingService> {
    const settled = await settle(metadata)
    const after = describe(settled, 'registered')
    const entry = entryOf(act, { before: describe(client.metadata, 'registered'), after })
    if (!(await clients.replace(client, settled, entry))) throw new Refusal('client_changed')
    return after
  }

  return {
    /** @throws Refusal `invalid_request` for a cursor that no list gave */
    async list({ cursor, limit }: Page): Promise<Static<typeof RelyingServicePage>> {
      const [part, after] = decodeCursor(cursor, Position) ?? ['static', '']
      const most = rowsOf(limit)
      const own =
        part === 'registered'
          ? []
          : suite
              .filter(({ client_id }) => client_id > after)
              .sort((one, other) => (one.client_id < other.client_id ? -1 : 1))
              .map((metadata) => describe(metadata, 'static'))
      const registered = (await clients.list(part === 'registered' ? after : undefined, most + 1)).map(
        ({ metadata }) => describe(metadata, 'registered'),
      )
      const { rows, ...next } = cutPage([...own, ...registered], most, (row) => [
        row.registration,
        row.clientId,
      ])
      return { relyingServices: rows, ...next }
    },

    /** @throws Refusal `client_unknown` */
    async find(clientId: string): Promise<RelyingService> {
      const own = suite.find(({ client_id }) => client_id === clientId)
      return own ? describe(own, 'static') : describe((await findRegistered(clientId)).metadata, 'registered')
    },

    /** @throws Refusal `client_metadata_refused` */
    async register(metadata: RelyingServiceMetadata, act: Act): Promise<Registered> {
      // An administrator could send another one there and act with their token: approve what they asked for themselves.
      if (metadata.scope?.split(' ').includes(ADMIN_SCOPE)) {
        throw new Refusal('client_metadata_refused', 'scope may hold admin only where the operator registers')
      }
      const named: ClientMetadata = {
        ...(metadata as Partial<ClientMetadata>),
        client_id: randomBytes(16).toString('base64url'),
        client_id_issued_at: epochSeconds(),
      }
      const secret = rules().needsSecret(named) ? newSecret() : undefined
      const settled = await settle(
        secret ? { ...named, client_secret: secret, client_secret_expires_at: 0 } : named,
      )
      const relyingService = describe(settled, 'registered')
      await clients.add(settled, entryOf(act, { after: relyingService }))
      return {
        relyingService,
        ...(secret ? { clientSecret: secret } : {}),
      }
    },

    /** @throws Refusal `client_unknown`, `client_static`, `client_changed`, `client_without_secret` */
    async rotateSecret(clientId: string, act: Act): Promise<{ clientSecret: string }> {
      const client = await findRegistered(clientId)
      if (!client.metadata.client_secret) throw new Refusal('client_without_secret')
      const clientSecret = newSecret()
      await change(client, { ...client.metadata, client_secret: clientSecret }, act)
      return { clientSecret }
    },

    /**
     * @throws Refusal `client_unknown`, `client_static`, `client_changed`, `client_without_keys`,
     *   `client_metadata_refused`, `invalid_request`
     */
    async replaceKeys(
      clientId: string,
      { jwks, jwks_uri }: Pick<Static<typeof KeysOrder>, 'jwks' | 'jwks_uri'>,
      act: Act,
    ): Promise<RelyingService> {
      if ((jwks === undefined) === (jwks_uri === undefined)) {
        throw new Refusal('invalid_request', 'there must be exactly one of jwks and jwks_uri')
      }
      const client = await findRegistered(clientId)
      const { jwks: _jwks, jwks_uri: _uri, ...rest } = client.metadata
      if (rest.token_endpoint_auth_method !== 'private_key_jwt') throw new Refusal('client_without_keys')
      const keys = (jwks ? { jwks } : { jwks_uri }) as Partial<ClientMetadata>
      return change(client, { ...rest, ...keys }, act)
    },

    /** @throws Refusal `client_unknown`, `client_static` */
    async remove(clientId: string, act: Act): Promise<void> {
      const { metadata } = await findRegistered(clientId)
      const entry = entryOf(act, { before: describe(metadata, 'registered') })
      if (!(await clients.remove(clientId, entry))) throw new Refusal('client_unknown')
    },
  }
}

export type RelyingServices = ReturnType<typeof createRelyingServices>
