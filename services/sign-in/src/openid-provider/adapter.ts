import { now } from '@gatehouse/clock/clock'
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

const TIDY_EVERY = 500

/**
 * Where oidc-provider keeps sessions, interactions, grants, codes, refresh tokens and registered clients: one row
 * each. A row counts until the instant in it; what is past is swept now and then. `consume` is one conditional
 * update, so that of two redemptions of a code or a refresh token at once at most one wins.
 */
export function sqlAdapter(database: Kysely<OidcModelTable>): AdapterFactory {
  let writes = 0

  async function sweep(): Promise<void> {
    writes += 1
    if (writes % TIDY_EVERY === 0) {
      await database.deleteFrom('oidcModels').where('expiresAt', '<=', now()).execute()
    }
  }

  return (model): Adapter => {
    async function find(column: 'id' | 'uid', value: string): Promise<AdapterPayload | undefined> {
      const row = await database
        .selectFrom('oidcModels')
        .select(['payload', 'consumedAt'])
        .where('model', '=', model)
        .where(column, '=', value)
        .where((row) => row.or([row('expiresAt', 'is', null), row('expiresAt', '>', now())]))
        .executeTakeFirst()
      if (!row) return undefined
      const payload: AdapterPayload = JSON.parse(row.payload)
      return row.consumedAt === null ? payload : { ...payload, consumed: Math.floor(row.consumedAt / 1000) }
    }

    return {
      async upsert(id, payload, expiresIn) {
        const row = {
          payload: JSON.stringify(payload),
          uid: payload.uid ?? null,
          grantId: payload.grantId ?? null,
          expiresAt: expiresIn ? now() + expiresIn * 1000 : null,
        }
        await database
          .insertInto('oidcModels')
          .values({ model, id, consumedAt: null, ...row })
          .onConflict((conflict) => conflict.columns(['model', 'id']).doUpdateSet(row))
          .execute()
        await sweep()
      },
      find: (id) => find('id', id),
      findByUid: (uid) => find('uid', uid),
      async findByUserCode() {
        throw new Error('the device flow is not offered')
      },
      async destroy(id) {
        await database.deleteFrom('oidcModels').where('model', '=', model).where('id', '=', id).execute()
      },
      async revokeByGrantId(grantId) {
        await database.deleteFrom('oidcModels').where('grantId', '=', grantId).execute()
      },
      async consume(id) {
        const won = await database
          .updateTable('oidcModels')
          .set({ consumedAt: now() })
          .where('model', '=', model)
          .where('id', '=', id)
          .where('consumedAt', 'is', null)
          .returning('id')
          .executeTakeFirst()
        if (won) return
        // Two uses at once are one too many: as with any reuse, the whole grant ends (RFC 9700 §4.14.2).
        const row = await database
          .selectFrom('oidcModels')
          .select('grantId')
          .where('model', '=', model)
          .where('id', '=', id)
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
        }
        throw new errors.InvalidGrant(`${model} already used`)
      },
    }
  }
}
