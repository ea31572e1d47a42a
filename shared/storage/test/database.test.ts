import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Migrations, migrate, OtherVersionsData, openDatabase } from '@gatehouse/storage/database'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { type Kysely, sql } from 'kysely'

interface Tables {
  postOffices: { officeName: string }
  mailedLetters: { letterId: string; officeName: string; mailedAt: number; returned: number; content: string }
}

const migrations: Migrations = {
  '0001_post_offices': {
    async up(database) {
      await database.schema
        .createTable('post_offices')
        .addColumn('office_name', 'text', (column) => column.primaryKey())
        .execute()
    },
  },
  '0002_mailed_letters': {
    async up(database) {
      await database.schema
        .createTable('mailed_letters')
        .addColumn('letter_id', 'text', (column) => column.primaryKey())
        .addColumn('office_name', 'text', (column) => column.notNull().references('post_offices.office_name'))
        .addColumn('mailed_at', 'bigint', (column) => column.notNull())
        .addColumn('returned', 'integer', (column) => column.notNull())
        .addColumn('content', 'text', (column) => column.notNull())
        .execute()
    },
  },
}

const letter = {
  letterId: 'one',
  officeName: 'Baltimore',
  mailedAt: 1_408_320_000_123,
  returned: 0,
  content: '{"first_name":"A","lastName":"B"}',
}

async function open(url: string, schema = 'post') {
  const database = await openDatabase<Tables>(url, schema)
  return { database, [Symbol.asyncDispose]: () => database.destroy() }
}

async function mail(database: Kysely<Tables>): Promise<void> {
  await database.insertInto('postOffices').values({ officeName: letter.officeName }).execute()
  await database.insertInto('mailedLetters').values(letter).execute()
}

onEveryEngine((engine) => {
  test('columns are snake_case in SQL and camelCase here, and texts stay as they are', async () => {
    await using opened = await open(await engine.freshDatabase())
    const { database } = opened
    await migrate(database, migrations)
    await mail(database)
    assert.deepEqual(await database.selectFrom('mailedLetters').selectAll().execute(), [letter])
    const { rows } = await sql<{ mailedAt: number }>`
      select mailed_at from mailed_letters where letter_id = 'one'`.execute(database)
    assert.deepEqual(rows, [{ mailedAt: letter.mailedAt }])
  })

  test('milliseconds and counts are numbers', async () => {
    await using opened = await open(await engine.freshDatabase())
    const { database } = opened
    await migrate(database, migrations)
    await mail(database)
    const found = await database
      .selectFrom('mailedLetters')
      .select((row) => [row.fn.countAll<number>().as('letters'), row.fn.max('mailedAt').as('latest')])
      .executeTakeFirstOrThrow()
    assert.deepEqual(found, { letters: 1, latest: letter.mailedAt })
  })

  test('what a row refers to must exist', async () => {
    await using opened = await open(await engine.freshDatabase())
    await migrate(opened.database, migrations)
    await assert.rejects(opened.database.insertInto('mailedLetters').values(letter).execute())
  })

  test('a transaction that throws leaves nothing, and another goes on working', async () => {
    await using opened = await open(await engine.freshDatabase())
    const { database } = opened
    await migrate(database, migrations)
    const failing = database.transaction().execute(async (transaction) => {
      await mail(transaction)
      throw new Error('deliberate')
    })
    await assert.rejects(failing, /deliberate/)
    assert.deepEqual(await database.selectFrom('postOffices').selectAll().execute(), [])
    await mail(database)
    assert.equal((await database.selectFrom('mailedLetters').selectAll().execute()).length, 1)
  })

  test('transactions at once each see their own and none is lost', async () => {
    await using opened = await open(await engine.freshDatabase())
    const { database } = opened
    await migrate(database, migrations)
    const names = Array.from({ length: 20 }, (_, n) => `office ${n}`)
    await Promise.all(
      names.map((officeName) =>
        database.transaction().execute(async (transaction) => {
          await transaction.insertInto('postOffices').values({ officeName }).execute()
          const own = await transaction
            .selectFrom('postOffices')
            .selectAll()
            .where('officeName', '=', officeName)
            .execute()
          assert.equal(own.length, 1)
        }),
      ),
    )
    assert.equal((await database.selectFrom('postOffices').selectAll().execute()).length, names.length)
  })

  test('data of another version, with a migration that is not known here, are refused', async () => {
    await using opened = await open(await engine.freshDatabase())
    const { database } = opened
    await migrate(database, migrations)
    const others = Object.fromEntries(Object.entries(migrations).map(([name, one]) => [`${name}_other`, one]))
    await assert.rejects(migrate(database, others), OtherVersionsData)
  })

  test('migrating again changes nothing', async () => {
    await using opened = await open(await engine.freshDatabase())
    const { database } = opened
    await migrate(database, migrations)
    await mail(database)
    await migrate(database, migrations)
    assert.deepEqual(await database.selectFrom('mailedLetters').selectAll().execute(), [letter])
  })

  test('a migration that fails half-way leaves nothing, so that the next start can begin again', async () => {
    await using opened = await open(await engine.freshDatabase())
    const { database } = opened
    const failing: Migrations = {
      '0001_post_offices': {
        async up(database) {
          await database.schema.createTable('post_offices').addColumn('half', 'text').execute()
          throw new Error('deliberate')
        },
      },
    }
    await assert.rejects(migrate(database, failing), /deliberate/)
    await migrate(database, migrations)
    await mail(database)
  })

  test('of several migrations all apply, or none', async () => {
    await using opened = await open(await engine.freshDatabase())
    const { database } = opened
    const failing: Migrations = {
      ...migrations,
      '0003_broken': { up: async (database) => void (await sql`no such statement`.execute(database)) },
    }
    await assert.rejects(migrate(database, failing))
    await assert.rejects(mail(database), 'not even the first has applied')
    await migrate(database, migrations)
    await mail(database)
  })

  test('a migration that is new may sort before those that applied earlier', async () => {
    await using opened = await open(await engine.freshDatabase())
    const { database } = opened
    await migrate(database, migrations)
    await mail(database)
    await migrate(database, {
      ...migrations,
      '0000_ground': {
        up: (database) => database.schema.createTable('ground').addColumn('key', 'text').execute(),
      },
    })
    await sql`select * from ground`.execute(database)
    assert.equal((await database.selectFrom('mailedLetters').selectAll().execute()).length, 1)
  })

  test('a statement sees a column that was added after it was first used', async () => {
    await using opened = await open(await engine.freshDatabase())
    const { database } = opened
    await migrate(database, migrations)
    await mail(database)
    const all = () => sql<Record<string, unknown>>`select * from post_offices`.execute(database)
    assert.deepEqual((await all()).rows, [{ officeName: 'Baltimore' }])
    await sql`alter table post_offices add column zip_code text`.execute(database)
    assert.deepEqual((await all()).rows, [{ officeName: 'Baltimore', zipCode: null }])
  })

  if (engine.lasts) {
    test('what was stored is there after closing and opening again', async () => {
      const url = await engine.freshDatabase()
      {
        await using first = await open(url)
        await migrate(first.database, migrations)
        await mail(first.database)
      }
      await using second = await open(url)
      await migrate(second.database, migrations)
      assert.deepEqual(await second.database.selectFrom('mailedLetters').selectAll().execute(), [letter])
    })
  }

  if (engine.name !== 'PostgreSQL') return

  test('two services in one PostgreSQL have tables and migrations of their own', async () => {
    const url = await engine.freshDatabase()
    await using one = await open(url, 'one')
    await using two = await open(url, 'two')
    await migrate(one.database, migrations)
    await mail(one.database)
    await migrate(two.database, migrations)
    assert.deepEqual(await two.database.selectFrom('mailedLetters').selectAll().execute(), [])
    await mail(two.database)
    assert.equal((await one.database.selectFrom('mailedLetters').selectAll().execute()).length, 1)
  })

  test('processes of one service that start at once make its schema and tables once', async () => {
    const url = await engine.freshDatabase()
    const started = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const opened = await open(url)
        await migrate(opened.database, migrations)
        return opened
      }),
    )
    await mail(started[0]!.database)
    for (const { database } of started) {
      assert.equal((await database.selectFrom('mailedLetters').selectAll().execute()).length, 1)
      await database.destroy()
    }
  })

  test('a role that may not create a schema is content with one that is there', async () => {
    const url = await engine.freshDatabase()
    {
      await using owner = await open(url)
      await migrate(owner.database, migrations)
      await sql`create role clerk login`.execute(owner.database)
      await sql`grant usage on schema post to clerk`.execute(owner.database)
      await sql`grant select on all tables in schema post to clerk`.execute(owner.database)
    }
    const clerkUrl = url.replace('//gatehouse@', '//clerk@')
    await using clerk = await open(clerkUrl)
    assert.deepEqual(await clerk.database.selectFrom('postOffices').selectAll().execute(), [])
    await assert.rejects(open(clerkUrl, 'elsewhere'), /permission denied/)
  })

  test('a connection that PostgreSQL cuts ends neither the process nor later queries', async () => {
    await using opened = await open(await engine.freshDatabase())
    const { database } = opened
    await migrate(database, migrations)
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(database)
    await using other = await open(await engine.freshDatabase())
    await sql`select pg_terminate_backend(${rows[0]?.pid}, 5000)`.execute(other.database)
    // The one that was cut may still be handed out once, until its end has been read.
    await mail(database).catch(() => mail(database))
    assert.equal((await database.selectFrom('mailedLetters').selectAll().execute()).length, 1)
  })
})

test('a URL of another engine is refused without being quoted', async () => {
  await assert.rejects(openDatabase('mysql://user:password@localhost/x', 'post'), {
    message: 'DATABASE_URL must begin with sqlite: or postgres:',
  })
})
