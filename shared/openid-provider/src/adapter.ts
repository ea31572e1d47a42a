import { createHash } from 'node:crypto'
import { now } from '@gatehouse/clock/clock'
import type { Secrets } from '@gatehouse/storage/secrets'
import type { Kysely } from 'kysely'
import { type Adapter, type AdapterFactory, type AdapterPayload, errors } from 'oidc-provider'

export interface OidcModelTable {
  oidcModels: {
    model: string
    id: string
    payload: string
    uid: string | null
    grantId: string | null
    consumedAt: number | null
    expiresAt: number | null
  }
}

export interface AdapterOptions {
  /** Called when a code or refresh token was used twice at once and its grant is ended for it. */
  reused?: (grantId: string) => Promise<void>
}

const TIDY_EVERY = 500

/**
 * The ids of these are no secrets: a client and a grant are named by other rows, an interaction by its address, which
 * is worth nothing without the signed cookie. Every other id is the code, token or cookie itself.
 */
const NO_SECRETS = new Set(['Client', 'Grant', 'Interaction'])

/**
 * Where oidc-provider keeps sessions, interactions, grants, codes, refresh tokens and registered clients: one row
 * each. A row counts until the instant in it; what is past is swept now and then. `consume` is one conditional
 * update, so that of two redemptions of a code or a refresh token at once at most one wins.
 *
 * Whoever reads the table can act for nobody: codes, tokens and session cookies stand in it as digests, client secrets
 * sealed. A session found by its `uid` therefore lacks its `jti`; it can be read, but neither saved nor destroyed.
 */
export function sqlAdapter(
  database: Kysely<OidcModelTable>,
  secrets: Secrets,
  { reused }: AdapterOptions = {},
): AdapterFactory {
  let writes = 0

  async function sweep(): Promise<void> {
    writes += 1
    if (writes % TIDY_EVERY === 0) {
      await database.deleteFrom('oidcModels').where('expiresAt', '<=', now()).execute()
    }
  }

  return (model): Adapter => {
    // At least 126 random bits, so that a digest without a key is enough.
    const rowId = (id: string) =>
      NO_SECRETS.has(model) ? id : createHash('sha256').update(id).digest('base64url')

    /** The payload as it is kept: without its own id, and without the cookie of the session it belongs to. */
    function keep(payload: AdapterPayload): string {
      const { jti: _id, session, client_secret, ...rest } = payload
      const { cookie: _cookie, ...tie } = session ?? {}
      return JSON.stringify({
        ...rest,
        ...(session ? { session: tie } : {}),
        ...(client_secret ? { client_secret: secrets.seal('client secret', String(client_secret)) } : {}),
      })
    }

    function restore(kept: string, id: string | undefined): AdapterPayload {
      const payload: AdapterPayload = JSON.parse(kept)
      if (payload.client_secret) {
        payload.client_secret = secrets.unseal('client secret', String(payload.client_secret))
      }
      return id === undefined || model === 'Client' ? payload : { ...payload, jti: id }
    }

    async function find(
      column: 'id' | 'uid',
      value: string,
      id?: string,
    ): Promise<AdapterPayload | undefined> {
      const row = await database
        .selectFrom('oidcModels')
        .select(['payload', 'consumedAt'])
        .where('model', '=', model)
        .where(column, '=', value)
        .where((row) => row.or([row('expiresAt', 'is', null), row('expiresAt', '>', now())]))
        .executeTakeFirst()
      if (!row) return undefined
      const payload = restore(row.payload, id)
      return row.consumedAt === null ? payload : { ...payload, consumed: Math.floor(row.consumedAt / 1000) }
    }

    return {
      async upsert(id, payload, expiresIn) {
        const row = {
          payload: keep(payload),
          uid: payload.uid ?? null,
          // An interaction knows of an earlier grant and goes on when that ends.
          grantId: model === 'Interaction' ? null : (payload.grantId ?? null),
          expiresAt: expiresIn ? now() + expiresIn * 1000 : null,
        }
        const stored = await database
          .insertInto('oidcModels')
          .values({ model, id: rowId(id), consumedAt: null, ...row })
          .onConflict((conflict) => {
            const update = conflict.columns(['model', 'id']).doUpdateSet(row)
            // The library looks and then stores; of two uses of one assertion at once the second finds this row.
            return model === 'ReplayDetection' ? update.where('oidcModels.expiresAt', '<=', now()) : update
          })
          .returning('id')
          .executeTakeFirst()
        if (!stored) throw new errors.InvalidClientAuth('client assertion tokens must only be used once')
        await sweep()
      },
      find: (id) => find('id', rowId(id), id),
      findByUid: (uid) => find('uid', uid),
      async findByUserCode() {
        throw new Error('the device flow is not offered')
      },
      async destroy(id) {
        await database
          .deleteFrom('oidcModels')
          .where('model', '=', model)
          .where('id', '=', rowId(id))
          .execute()
      },
      async revokeByGrantId(grantId) {
        await database.deleteFrom('oidcModels').where('grantId', '=', grantId).execute()
      },
      async consume(id) {
        const won = await database
          .updateTable('oidcModels')
          .set({ consumedAt: now() })
          .where('model', '=', model)
          .where('id', '=', rowId(id))
          .where('consumedAt', 'is', null)
          .returning('id')
          .executeTakeFirst()
        if (won) return
        // Two uses at once are one too many: as with any reuse, the whole grant ends (RFC 9700 §4.14.2).
        const row = await database
          .selectFrom('oidcModels')
          .select('grantId')
          .where('model', '=', model)
          .where('id', '=', rowId(id))
          .executeTakeFirst()
        if (row?.grantId) {
          await database
            .deleteFrom('oidcModels')
            .where((rows) =>
              rows.or([
                rows('grantId', '=', row.grantId),
                rows.and([rows('model', '=', 'Grant'), rows('id', '=', row.grantId)]),
              ]),
            )
            .execute()
          await reused?.(row.grantId)
        }
        throw new errors.InvalidGrant(`${model} already used`)
      },
    }
  }
}
