// The provider is built around one set of signing keys; here it is built anew whenever they have rotated, in this process
// or in another on the same database.

import type { Audit } from '@gatehouse/audit/audit'
import { ProblemSchema } from '@gatehouse/contracts/problem'
import { RotationOrder, SigningKeys as SigningKeyList } from '@gatehouse/contracts/signing-keys'
import { operatorOnly } from '@gatehouse/http/operator'
import { Refusal, type Refusals } from '@gatehouse/http/refusal'
import type { App } from '@gatehouse/http/service'
import type Provider from 'oidc-provider'
import { Type } from 'typebox'
import type { SigningKeys } from './signing-keys.ts'

/**
 * Milliseconds between two looks at the keys. Until a process has seen a rotation it signs with a key that is published
 * as the previous one.
 */
const LOOK_EVERY = 1_000

export const keyRefusals: Refusals = {
  signing_keys_rotated: { status: 409, title: 'The signing keys have just been rotated' },
}

interface Dependencies {
  signingKeys: SigningKeys
  /** Builds the provider with the keys as they are now. */
  build: () => Promise<Provider>
  operator: string
  audit: Audit
}

/**
 * Builds the provider, keeps it up with the keys, and adds the routes that rotate them.
 *
 * @returns the provider as it is now
 */
export async function followSigningKeys(
  app: App,
  { signingKeys, build, operator, audit }: Dependencies,
): Promise<() => Provider> {
  // At a first start this makes them.
  await signingKeys.load()
  // Read before the keys: a rotation in between is then seen at the next look.
  let known = await signingKeys.generation()
  let provider = await build()
  // One after the other: an older set must not come in last.
  let following = Promise.resolve()

  async function follow(): Promise<void> {
    const generation = await signingKeys.generation()
    if (generation === known) return
    provider = await build()
    known = generation
  }
  const followInTurn = () => {
    following = following.catch(() => {}).then(follow)
    return following
  }

  // While the database is away the keys stay as they are, and readiness says so.
  const timer = setInterval(() => void followInTurn().catch(() => {}), LOOK_EVERY).unref()
  app.addHook('preClose', async () => {
    clearInterval(timer)
    await following.catch(() => {})
  })

  async function rotate(
    { by: actor, reason, current }: { by: string; reason?: string; current?: string },
    requestId: string,
  ): Promise<string[]> {
    const who = { event: 'signing-keys.rotated', actor, reason, requestId }
    try {
      const rotated = await signingKeys.rotate(who, current)
      await followInTurn()
      return rotated
    } catch (error) {
      if (error instanceof Refusal) {
        await audit.record({ ...who, outcome: 'refusal', details: { code: error.code } })
      }
      throw error
    }
  }

  app.post(
    '/signing-keys/rotations',
    {
      onRequest: operatorOnly(operator),
      config: { csrf: false },
      schema: {
        summary: 'Rotate the signing keys, by the operator',
        response: { 201: Type.Object({ current: Type.Array(Type.String({ description: 'key id' })) }) },
      },
    },
    async (request, reply) => reply.code(201).send({ current: await rotate({ by: 'operator' }, request.id) }),
  )

  const onRequest = app.requireCaller('signing-keys.write')
  app.get(
    '/signing-keys',
    {
      onRequest,
      schema: {
        summary: 'The signing keys that are published',
        response: { 200: SigningKeyList, '4xx': ProblemSchema },
      },
    },
    async () => ({ signingKeys: await signingKeys.list() }),
  )
  app.post(
    '/signing-keys',
    {
      onRequest,
      config: { csrf: false },
      schema: {
        summary: 'Rotate the signing keys: the next ones sign from now on',
        body: RotationOrder,
        response: { 201: SigningKeyList, '4xx': ProblemSchema },
      },
    },
    async (request, reply) => {
      await rotate(request.body, request.id)
      return reply.code(201).send({ signingKeys: await signingKeys.list() })
    },
  )

  return () => provider
}
