import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { SqliteAdapter, type SqliteDatabase, SqliteDialect } from 'kysely'

/** @param file a path, or `:memory:` */
export function nodeSqliteDialect(file: string): SqliteDialect {
  return new NodeSqliteDialect({ database: openNodeSqlite(file) })
}

class NodeSqliteDialect extends SqliteDialect {
  override createAdapter() {
    return new TransactionalDdlAdapter()
  }
}

/**
 * Kysely leaves migrations outside of transactions on SQLite. It need not: SQLite takes back what changes its schema
 * like anything else, so a process killed in the middle of a migration leaves nothing half made.
 */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl() {
    return true
  }
}

const BUSY_TIMEOUT = 5_000

/**
 * Opens a `node:sqlite` database in the form that Kysely's SqliteDialect drives.
 *
 * Durable by default: write-ahead log with `synchronous=full`, so an acknowledged write survives a kill at any moment.
 * A lock that another process holds, as a back-up does, is waited for.
 */
function openNodeSqlite(file: string): SqliteDatabase {
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT })
  database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on')
  // Statements are few and recur; preparing each once saves about half of a small query's cost.
  const statements = new Map<string, ReturnType<typeof prepare>>()
  function prepare(sql: string) {
    const statement = database.prepare(sql)
    return {
      reader: statement.columns().length > 0,
      all: (parameters: readonly unknown[]) => statement.all(...(parameters as SQLInputValue[])),
      run: (parameters: readonly unknown[]) => statement.run(...(parameters as SQLInputValue[])),
      iterate: (parameters: readonly unknown[]) =>
        statement.iterate(...(parameters as SQLInputValue[])) as IterableIterator<unknown>,
    }
  }
  return {
    close: () => database.close(),
    prepare(sql) {
      let statement = statements.get(sql)
      if (!statement) {
        statement = prepare(sql)
        if (statements.size < 500) statements.set(sql, statement)
      }
      return statement
    },
  }
}
