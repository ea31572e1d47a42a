import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { CamelCasePlugin, Kysely, PostgresDialect, SqliteDialect, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { openNodeSqlite } from './node-sqlite.ts'

/** A service's migrations by name; names sort in the order in which they apply. */
export type Migrations = Record<string, Migration>

/**
 * Opens a service's database. Queries are the same for both engines: column names are snake_case in SQL and camelCase
 * in TypeScript, instants are integer milliseconds, booleans are 0 and 1, JSON is text.
 *
 * @param url `sqlite::memory:`, `sqlite:<path>`, or `postgres://…`
 * @param schema the service's own PostgreSQL schema; unused by SQLite, where each service has a file
 */
export async function openDatabase<Tables>(url: string, schema: string): Promise<Kysely<Tables>> {
  if (url.startsWith('sqlite:')) {
    const file = url.slice('sqlite:'.length)
    if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    return new Kysely<Tables>({
      dialect: new SqliteDialect({ database: openNodeSqlite(file) }),
      plugins: [new CamelCasePlugin()],
    })
  }
  if (!/^postgres(ql)?:/.test(url)) throw new Error('DATABASE_URL must begin with sqlite: or postgres:')
  // Loaded on demand: the embedded suite never needs it.
  const { default: pg } = await import('pg')
  // PostgreSQL gives bigint as text; our integers are milliseconds and counts, all below 2^53.
  pg.types.setTypeParser(pg.types.builtins.INT8, Number)
  const pool = new pg.Pool({ connectionString: url, options: `-c search_path=${schema}` })
  const database = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCasePlugin()],
  })
  await sql`create schema if not exists ${sql.id(schema)}`.execute(database)
  return database
}

/** Brings the database to the newest of `migrations` (their keys sort in the order they apply). Throws if one fails. */
export async function migrate<Tables>(database: Kysely<Tables>, migrations: Migrations): Promise<void> {
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => migrations } })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}
