import type { Migrations } from '@gatehouse/storage/database'

export const migrations: Migrations = {}
