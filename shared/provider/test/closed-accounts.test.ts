// Accounts that let nobody in although the password is right.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { keyValueMigrations, sqlKeyValue } from '@gatehouse/storage/key-value'
import { deriveSecrets } from '@gatehouse/storage/secrets'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { createAccounts } from '../src/accounts/accounts.ts'
import { sqlAccountStore } from '../src/accounts/store.ts'
import { providerMigrations } from '../src/migrations.ts'
import { createPasswordStep } from '../src/password/password-step.ts'
import { createSessions } from '../src/sessions/sessions.ts'
import { sqlSessionStore } from '../src/sessions/store.ts'

const EMAIL = 'maria@example.com'
const PASSWORD = 'a password of these tests'

onEveryEngine((engine) => {
  async function opened(t: { after(end: () => Promise<void>): void }) {
    const database = await openDatabase<unknown>(await engine.freshDatabase(), 'provider')
    t.after(() => database.destroy())
    await migrate(database, { ...keyValueMigrations, ...providerMigrations })
    const accounts = createAccounts(sqlAccountStore(database, deriveSecrets(randomBytes(32))))
    const id = await accounts.add({ email: EMAIL }, PASSWORD)
    assert.ok(id)
    const step = createPasswordStep(accounts, sqlKeyValue(database), { mostTries: 5, waitMs: 60_000 })
    const outcome = async (password: string) => (await step.attempt('s', EMAIL, password)).outcome
    const rules = { idleMs: 60_000, longestMs: 60_000, oneBrowser: true }
    const sessions = createSessions(sqlSessionStore(database), (secret) => secret, rules)
    return { accounts, id, outcome, sessions }
  }

  test('a password that has to be reset is refused until it is another one', async (t) => {
    const { accounts, id, outcome } = await opened(t)
    assert.equal(await outcome(PASSWORD), 'accepted')
    assert.equal(await accounts.requirePasswordReset(id), true)
    assert.equal((await accounts.find(id))?.passwordResetRequired, true)
    assert.equal(await outcome(PASSWORD), 'password_reset_required')
    await accounts.setPassword(id, `${PASSWORD}, another one`)
    assert.equal((await accounts.find(id))?.passwordResetRequired, false)
    assert.equal(await outcome(`${PASSWORD}, another one`), 'accepted')
    assert.equal(await accounts.requirePasswordReset('nobody'), false)
  })

  test('suspension comes before a required reset, and whoever guesses wrong learns of neither', async (t) => {
    const { accounts, id, outcome } = await opened(t)
    await accounts.requirePasswordReset(id)
    await accounts.setSuspended(id, true)
    assert.equal(await outcome(PASSWORD), 'suspended')
    assert.equal(await outcome('another password'), 'refused')
    await accounts.setSuspended(id, false)
    assert.equal(await outcome(PASSWORD), 'password_reset_required')
  })

  test('a suspended account is not signed in by any second factor, and keeps nobody else out', async (t) => {
    const { accounts, id, sessions } = await opened(t)
    const other = await accounts.add({ email: 'other@example.com' }, PASSWORD)
    await accounts.setSuspended(id, true)
    const { session, secret } = await sessions.begin({ accountId: id })
    assert.equal(await sessions.signIn(session, id, [], { methods: ['sms'] }), undefined)
    assert.equal((await sessions.find(secret))?.signInId, undefined)
    const theirs = await sessions.begin({ accountId: other ?? '' })
    assert.ok(await sessions.signIn(theirs.session, other ?? '', [], { methods: ['sms'] }))
    await accounts.setSuspended(id, false)
    assert.ok(await sessions.signIn(session, id, [], { methods: ['sms'] }))
  })

  test('a second factor signs nobody in whose password has to be reset meanwhile', async (t) => {
    const { accounts, id, sessions } = await opened(t)
    const { session, secret } = await sessions.begin({ accountId: id })
    await accounts.requirePasswordReset(id)
    assert.equal(await sessions.signIn(session, id, [], { methods: ['sms'] }), undefined)
    assert.equal((await sessions.find(secret))?.signInId, undefined)
    await accounts.setPassword(id, `${PASSWORD}, another one`)
    assert.ok(await sessions.signIn(session, id, [], { methods: ['sms'] }))
  })

  test('a session that was signed out while its second factor was judged stays signed out (OWASP ASVS 5.0 7.4.3)', async (t) => {
    const { id, sessions } = await opened(t)
    const { session, secret } = await sessions.begin({ accountId: id })
    await sessions.endAll(id, 'password_changed')
    assert.equal(await sessions.signIn(session, id, [], { methods: ['sms'] }), undefined)
    const found = await sessions.find(secret)
    assert.deepEqual([found?.accountId, found?.signInId], [undefined, undefined])
    // Nor does one that somebody has signed in to meanwhile become another person's.
    const anonymous = await sessions.begin()
    await sessions.change(anonymous.session, { accountId: id })
    assert.equal(await sessions.signIn(anonymous.session, 'another', [], { methods: ['sms'] }), undefined)
  })
})
