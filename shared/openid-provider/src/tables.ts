import type { SchemaModule } from 'kysely'

/** Makes the table of the adapter; for the migrations of a service that is an OpenID provider. */
export async function createOidcModels(database: { schema: SchemaModule }): Promise<void> {
  await database.schema
    .createTable('oidc_models')
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('payload', 'text', (column) => column.notNull())
    .addColumn('uid', 'text')
    .addColumn('grant_id', 'text')
    .addColumn('consumed_at', 'bigint')
    .addColumn('expires_at', 'bigint')
    .addPrimaryKeyConstraint('oidc_models_primary', ['model', 'id'])
    .execute()
  await database.schema.createIndex('oidc_models_uid').on('oidc_models').columns(['model', 'uid']).execute()
  await database.schema.createIndex('oidc_models_grant').on('oidc_models').column('grant_id').execute()
  await database.schema.createIndex('oidc_models_expiry').on('oidc_models').column('expires_at').execute()
}
