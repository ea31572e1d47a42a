import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import type { SqliteDatabase } from 'kysely'

/**
 * Opens a `node:sqlite` database in the form that Kysely's SqliteDialect drives.
 *
 * Durable by default: write-ahead log with `synchronous=full`, so an acknowledged write survives a kill at any moment.
 *
 * @param file a path, or `:memory:`
 */
export function openNodeSqlite(file: string): SqliteDatabase {
  const database = new DatabaseSync(file)
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
