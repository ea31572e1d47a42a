// The personas get their accounts once, however often and by however many processes the service is started.

import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Persona } from '@gatehouse/provider/accounts/personas'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { deriveSecrets } from '@gatehouse/storage/secrets'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { createElectronicAccess } from '../src/electronic-access/electronic-access.ts'
import { migrations } from '../src/migrations.ts'
import { seedMySsaPersonas } from '../src/personas/seed.ts'
import { sqlUsernames } from '../src/usernames/store.ts'
import { PERSONAS } from './support/my-ssa.ts'

onEveryEngine((engine) => {
  test('two starts at once and one after them make each account once, and a blocked person gets none', async () => {
    // biome-ignore lint/suspicious/noExplicitAny: each store names the tables that it uses
    const database = await openDatabase<any>(await engine.freshDatabase(), 'my_ssa')
    await migrate(database, migrations)
    const secrets = deriveSecrets(Buffer.alloc(32, 'of these tests'))
    const usernames = sqlUsernames(database, secrets)
    await createElectronicAccess({ database, secrets }).block('987654325')
    const seeded = new Set<string>()
    const extraSecurity = {
      seed: async (accountId: string, state: string, phone: string) => {
        seeded.add(`${await usernames.of(accountId)} ${state} ${phone}`)
      },
    }
    const personas = PERSONAS.personas as unknown as Persona[]
    const start = () => seedMySsaPersonas(personas, { usernames, extraSecurity })
    await Promise.all([start(), start()])
    await start()
    assert.equal(await usernames.accountOf('MariaExample84'), undefined)
    assert.deepEqual([...seeded].toSorted(), [
      'DanielPattern68 on +12025550149',
      'RuthTemplate79 requested +12025550148',
    ])
    const rows = await database.selectFrom('accounts').select('id').execute()
    assert.equal(rows.length, 2)
    await database.destroy()
  })
})
