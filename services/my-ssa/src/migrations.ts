import { createOidcModels } from '@gatehouse/openid-provider/tables'
import { providerMigrations } from '@gatehouse/provider/migrations'
import type { Migrations } from '@gatehouse/storage/database'

export const migrations: Migrations = {
  ...providerMigrations,
  '1001_oidc_models': { up: createOidcModels },
}
