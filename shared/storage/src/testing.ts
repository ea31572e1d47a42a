import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { postgresBinaries, type RunningPostgres, startPostgres } from './postgres-for-tests.ts'

/** An engine that the running tests are for. */
export interface Engine {
  name: string
  /** The URL of a database that nobody has used before. Call it from within a test. */
  freshDatabase(): Promise<string>
  /** Whether what was stored is still there when a database is closed and opened again. */
  lasts: boolean
}

/**
 * Registers the same tests for each engine that Gatehouse runs on: SQLite in memory, SQLite in a file, and PostgreSQL.
 * Where there is no PostgreSQL for the platform its tests are skipped, and `npm test` counts that as a
 * failure with `GATEHOUSE_REQUIRE_ALL=1`.
 */
export function onEveryEngine(tests: (engine: Engine) => void): void {
  suite('on SQLite in memory', () => {
    tests({ name: 'SQLite in memory', lasts: false, freshDatabase: async () => 'sqlite::memory:' })
  })

  suite('on SQLite in a file', () => {
    const directory = mkdtempSync(join(tmpdir(), 'gatehouse-sqlite-'))
    let files = 0
    after(() => rmSync(directory, { recursive: true, force: true }))
    tests({
      name: 'SQLite in a file',
      lasts: true,
      freshDatabase: async () => `sqlite:${directory}/${++files}.sqlite`,
    })
  })

  const binaries = postgresBinaries()
  if (!binaries) {
    test('on PostgreSQL', {
      skip: `PostgreSQL not found for ${process.platform}-${process.arch}`,
    }, () => {})
    return
  }
  suite('on PostgreSQL', () => {
    let postgres: RunningPostgres | undefined
    before(async () => {
      postgres = await startPostgres(binaries)
    })
    after(() => postgres?.stop())
    tests({
      name: 'PostgreSQL',
      lasts: true,
      freshDatabase: async () => {
        if (!postgres) throw new Error('PostgreSQL runs only while tests do')
        return postgres.freshDatabase()
      },
    })
  })
}
