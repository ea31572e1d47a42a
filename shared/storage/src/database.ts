import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { CamelCasePlugin, Kysely, PostgresAdapter, PostgresDialect, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { nodeSqliteDialect } from './node-sqlite.ts'

/** A service's migrations by name; names sort in the order in which they apply. */
export type Migrations = Record<string, Migration>

/** The database was brought by another version of its service to a state that this one does not know. */
export class OtherVersionsData extends Error {}

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
      dialect: nodeSqliteDialect(file),
      plugins: [new CamelCasePlugin()],
    })
  }
  if (!/^postgres(ql)?:/.test(url)) throw new Error('DATABASE_URL must begin with sqlite: or postgres:')
  // Loaded on demand: the embedded suite never needs it.
  const { default: pg } = await import('pg')
  // PostgreSQL gives bigint as text; our integers are milliseconds and counts, all below 2^53.
  pg.types.setTypeParser(pg.types.builtins.INT8, Number)
  const pool = new pg.Pool({
    connectionString: url,
    options: `-c search_path=${schema}`,
    connectionTimeoutMillis: 5_000,
  })
  // A connection that breaks while nobody uses it is no reason to end the process: the pool has dropped it already, and
  // whoever needs one next gets a new one or an error of their own.
  pool.on('error', () => {})
  const database = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCasePlugin()],
  })
  try {
    await ensureSchema(database, schema)
  } catch (error) {
    await database.destroy()
    throw error
  }
  return database
}

async function ensureSchema<Tables>(database: Kysely<Tables>, schema: string): Promise<void> {
  try {
    await sql`create schema if not exists ${sql.id(schema)}`.execute(database)
  } catch (error) {
    // PostgreSQL refuses, although the schema is there, a role that may not create one, and one of two that do at once.
    const found = await sql`select 1 from pg_namespace where nspname = ${schema}`.execute(database)
    if (found.rows.length === 0) throw error
  }
}

/**
 * Brings the database to the newest of `migrations` (their keys sort in the order they apply): all that are missing, or
 * none. Of several processes that start at once, one does it. Throws if a migration fails.
 *
 * @throws OtherVersionsData when it has had a migration that is not among these
 */
export async function migrate<Tables>(database: Kysely<Tables>, migrations: Migrations): Promise<void> {
  const schema = await currentSchema(database)
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: async () => migrations },
    // The ground's migrations and a service's own are two series, and either may grow.
    allowUnorderedMigrations: true,
    // Without it the migrator takes another service's record of migrations for this one's.
    ...(schema === undefined ? {} : { migrationTableSchema: schema }),
  })
  const { error } = await migrator.migrateToLatest()
  if (error instanceof Error && error.message.startsWith('corrupted migrations')) {
    throw new OtherVersionsData('its data were made by another version; starting over empties them', {
      cause: error,
    })
  }
  if (error) throw error
}

async function currentSchema<Tables>(database: Kysely<Tables>): Promise<string | undefined> {
  if (!(database.getExecutor().adapter instanceof PostgresAdapter)) return undefined
  const { rows } = await sql<{ schema: string }>`select current_schema() as schema`.execute(database)
  return rows[0]?.schema
}
