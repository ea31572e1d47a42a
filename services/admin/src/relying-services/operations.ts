import type { ServiceCalls } from '@gatehouse/contracts/calls'
import {
  PublicKeys,
  Registered,
  RelyingService,
  RelyingServiceMetadata,
  RelyingServices,
  RotatedSecret,
  relyingServices,
} from '@gatehouse/contracts/relying-services'
import { SigningKeys, signingKeys } from '@gatehouse/contracts/signing-keys'
import { Refusal } from '@gatehouse/http/refusal'
import { type Static, Type } from 'typebox'
import { pageOf, pageQuery } from '../access/cursors.ts'
import { operation } from '../access/operation.ts'
import { ordered } from '../access/ordered.ts'
import { Why, why } from '../access/why.ts'

const ClientParams = Type.Object({ clientId: Type.String({ pattern: '^[\\x21-\\x7e]{1,255}$' }) })

const KeysBody = Type.Object(
  {
    jwks: Type.Optional(PublicKeys),
    jwks_uri: Type.Optional(Type.String({ minLength: 1, maxLength: 2048 })),
    ...why,
  },
  { additionalProperties: false },
)

/** The relying services at sign-in, and the keys with which it signs. */
export function relyingServiceOperations({ calls }: { calls: ServiceCalls }) {
  const owner = relyingServices(calls)
  const keys = signingKeys(calls)
  const clientOf = ({ params }: { params: { clientId: string } }) => params.clientId
  const kids = (found: Static<typeof SigningKeys>) =>
    found.signingKeys
      .filter(({ state }) => state === 'current')
      .map(({ kid }) => kid)
      .join(' ')

  return {
    listRelyingServices: operation({
      method: 'GET',
      path: '/relying-services',
      role: 'viewer',
      summary: 'Relying services: those of the suite, and those that were registered',
      query: Type.Object(pageQuery, { additionalProperties: false }),
      answer: RelyingServices,
      rows: 'relyingServices',
      run: (_actor, { query }) => owner.list(pageOf(query)),
    }),
    findRelyingService: operation({
      method: 'GET',
      path: '/relying-services/:clientId',
      role: 'viewer',
      summary: 'One relying service',
      params: ClientParams,
      answer: RelyingService,
      run: (_actor, { params }) => owner.find(params.clientId),
    }),
    registerRelyingService: operation({
      method: 'POST',
      path: '/relying-services',
      role: 'revoker',
      summary: 'Registers a relying service; its secret, if it has one, is shown this once',
      body: Type.Object({ metadata: RelyingServiceMetadata, ...why }, { additionalProperties: false }),
      answer: Registered,
      status: 201,
      change: {
        event: 'relying-service.registered',
        subject: (_input, answer) => answer?.relyingService.clientId ?? 'not registered',
        after: ({ relyingService: { metadata } }) => ({
          name: metadata.client_name ?? '',
          scope: metadata.scope ?? '',
        }),
      },
      run: (actor, { body }) => owner.register({ metadata: body.metadata, ...ordered(actor, body) }),
    }),
    rotateSecret: operation({
      method: 'POST',
      path: '/relying-services/:clientId/secrets',
      role: 'revoker',
      summary: 'A new secret, shown this once; the old one ends at once',
      params: ClientParams,
      body: Why,
      answer: RotatedSecret,
      status: 201,
      change: { event: 'relying-service.secret-rotated', subject: clientOf },
      run: (actor, { params, body }) => owner.rotateSecret(params.clientId, ordered(actor, body)),
    }),
    replaceKeys: operation({
      method: 'PUT',
      path: '/relying-services/:clientId/keys',
      role: 'revoker',
      summary: 'Replaces the public keys of a relying service, or where they are fetched',
      params: ClientParams,
      body: KeysBody,
      answer: RelyingService,
      change: { event: 'relying-service.keys-replaced', subject: clientOf },
      run(actor, { params, body }) {
        const { jwks, jwks_uri } = body
        if ((jwks === undefined) === (jwks_uri === undefined)) {
          throw new Refusal('invalid_request', undefined, {
            errors: [{ field: 'body', rule: 'must hold exactly one of jwks and jwks_uri' }],
          })
        }
        const given = jwks === undefined ? { jwks_uri: jwks_uri as string } : { jwks }
        return owner.replaceKeys(params.clientId, { ...given, ...ordered(actor, body) })
      },
    }),
    removeRelyingService: operation({
      method: 'POST',
      path: '/relying-services/:clientId/removals',
      role: 'revoker',
      summary:
        'Removes a relying service. What is in flight is for a revocation of kind `client`, before this',
      params: ClientParams,
      body: Why,
      answer: Type.Object({ clientId: Type.String() }),
      change: {
        event: 'relying-service.removed',
        subject: clientOf,
        before: async ({ params }) => {
          const { metadata } = await owner.find(params.clientId)
          return { name: metadata.client_name ?? '', scope: metadata.scope ?? '' }
        },
      },
      async run(actor, { params, body }) {
        await owner.remove(params.clientId, ordered(actor, body))
        return { clientId: params.clientId }
      },
    }),
    listSigningKeys: operation({
      method: 'GET',
      path: '/signing-keys',
      role: 'viewer',
      summary: 'The keys with which sign-in signs',
      answer: SigningKeys,
      rows: 'signingKeys',
      run: () => keys.list(),
    }),
    rotateSigningKeys: operation({
      method: 'POST',
      path: '/signing-keys/rotations',
      role: 'revoker',
      summary:
        'Rotates the signing keys: next becomes current. With `current`, only while that is a current key',
      body: Type.Object(
        { ...why, current: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })) },
        { additionalProperties: false },
      ),
      answer: SigningKeys,
      status: 201,
      change: {
        event: 'signing-keys.rotated',
        subject: () => 'signing-keys',
        before: async () => ({ current: kids(await keys.list()) }),
        after: (answer) => ({ current: kids(answer) }),
      },
      run: (actor, { body }) =>
        keys.rotate({
          ...ordered(actor, body),
          ...(body.current === undefined ? {} : { current: body.current }),
        }),
    }),
  }
}
