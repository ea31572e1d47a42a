import { createOidcModels } from '@gatehouse/openid-provider/tables'
import { providerMigrations } from '@gatehouse/provider/migrations'
import type { Migrations } from '@gatehouse/storage/database'
import { extraSecurityMigration } from './extra-security/migration.ts'
import { usernameMigrations } from './usernames/migration.ts'

export const migrations: Migrations = {
  ...providerMigrations,
  '1001_oidc_models': { up: createOidcModels },
  ...usernameMigrations,
  ...extraSecurityMigration,
}
