import { providerMigrations } from '@gatehouse/provider/migrations'
import type { Migrations } from '@gatehouse/storage/database'

export const migrations: Migrations = { ...providerMigrations }
