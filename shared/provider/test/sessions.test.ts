import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { createSessions } from '../src/sessions/sessions.ts'
import { openStores, type Stores } from './support/stores.ts'

const MINUTE = 60_000
const rules = { idleMs: 15 * MINUTE, longestMs: 12 * 60 * MINUTE, oneBrowser: true }
const sessionsOf = ({ sessionStore }: Stores, changes = {}) =>
  createSessions(sessionStore, (secret) => `digest of ${secret}`, { ...rules, ...changes })

onEveryEngine((engine) => {
  test('a session lives for as long as it is used, and not a moment longer (NIST SP 800-63B-4 §5.2)', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const sessions = sessionsOf(stores)
    const { secret } = await sessions.begin()
    for (let times = 0; times < 3; times += 1) {
      advanceClock(14 * MINUTE)
      assert.ok(await sessions.find(secret))
    }
    advanceClock(15 * MINUTE)
    assert.equal(await sessions.find(secret), undefined)
    assert.equal(await sessions.find(secret), undefined)
  })

  test('however busy, it ends (NIST SP 800-63B-4 §5.2)', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const sessions = sessionsOf(stores, { idleMs: 100 * rules.longestMs })
    const { secret, session } = await sessions.begin()
    assert.ok(session.expiresAt <= now() + rules.longestMs)
    advanceClock(rules.longestMs - MINUTE)
    assert.ok(await sessions.find(secret))
    advanceClock(MINUTE)
    assert.equal(await sessions.find(secret), undefined)
  })

  test('only the digest of the secret is kept', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const sessions = createSessions(stores.sessionStore, () => 'digest', rules)
    const { secret } = await sessions.begin()
    assert.match(secret, /^[\w-]{43}$/)
    assert.ok(!(await stores.everythingIn('sessions')).includes(secret))
  })

  test('at a step up the old secret is worth nothing, and what was known stays (OWASP ASVS 5.0 7.2.4)', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const sessions = sessionsOf(stores)
    const pending = { clientId: 'a', list: [1, 2] }
    const before = await sessions.begin({ pending })
    const after = await sessions.renew(before.session, { accountId: 'maria' })
    assert.ok(after)
    assert.notEqual(after.secret, before.secret)
    assert.equal(await sessions.find(before.secret), undefined)
    const found = await sessions.find(after.secret)
    assert.equal(found?.accountId, 'maria')
    assert.equal(found?.id, before.session.id)
    assert.deepEqual(found?.pending, pending)
    // Whoever still holds the session as it was before cannot renew it again.
    assert.equal(await sessions.renew(before.session, {}), undefined)
  })

  test('changes are kept as they are, and null takes away', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const sessions = sessionsOf(stores)
    const { session } = await sessions.begin({
      ceremony: { challenge: 'c' },
      notice: { kind: 'n', until: 5 },
    })
    assert.deepEqual(session.ceremony, { challenge: 'c' })
    const changed = await sessions.change(session, { ceremony: null, visited: ['a'] })
    assert.equal(changed?.ceremony, undefined)
    assert.deepEqual(changed?.notice, { kind: 'n', until: 5 })
    assert.deepEqual(changed?.visited, ['a'])
    await sessions.end(session)
    assert.equal(await sessions.change(session, { visited: [] }), undefined)
  })

  test('signing in ends what the steps before needed, and begins the longest time anew', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const sessions = sessionsOf(stores)
    const { session } = await sessions.begin({
      accountId: 'maria',
      ceremony: { challenge: 'c' },
      notice: { kind: 'n' },
      challenge: { channel: 'text', challengeId: 'x', expiresAt: 1 },
    })
    advanceClock(10 * MINUTE)
    const signedIn = await sessions.signIn(session, 'maria', [], { methods: ['sms'] })
    assert.ok(signedIn)
    const { ceremony, notice, challenge, authentication, signInId } = signedIn.session
    assert.deepEqual([ceremony, notice, challenge], [undefined, undefined, undefined])
    assert.deepEqual(authentication?.methods, ['sms'])
    assert.ok(Math.abs((authentication?.at ?? 0) - now()) < 5000)
    assert.equal((await sessions.ofSignIn(signInId!))?.id, session.id)
    // Tokens hang on the sign-in: the next one is another.
    const again = await sessions.signIn(signedIn.session, 'maria', [], { methods: ['totp'] })
    assert.notEqual(again?.session.signInId, signInId)
    assert.equal(await sessions.ofSignIn(signInId!), undefined)
  })

  test('of one person’s browsers only the newest stays signed in, where the rules say so, and the other is told', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    for (const oneBrowser of [true, false]) {
      const sessions = sessionsOf(stores, { oneBrowser })
      const person = `person of ${oneBrowser}`
      const begin = async (accountId = person) => {
        const { session } = await sessions.begin()
        return (await sessions.signIn(session, accountId, ['a'], { methods: ['sms'] }))!
      }
      const [older, other] = [await begin(), await begin(`${person}, another`)]
      const newest = await begin()
      assert.equal((await sessions.find(newest.secret))?.accountId, person)
      assert.ok((await sessions.find(other.secret))?.signInId)
      const found = await sessions.find(older.secret)
      assert.equal(found?.signInId === undefined, oneBrowser)
      assert.equal(found?.accountId === undefined, oneBrowser)
      assert.deepEqual(found?.visited, oneBrowser ? [] : ['a'])
      assert.equal(found?.notice?.kind, oneBrowser ? 'used_in_another_browser' : undefined)
      const kept = await sessions.ofSignIn(older.session.signInId!)
      assert.equal(kept === undefined, oneBrowser)
    }
  })

  test('all sessions of an account end at once, but the one that asked', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const sessions = sessionsOf(stores)
    const [one, two, hers] = [
      await sessions.begin({ accountId: 'maria' }),
      await sessions.begin({ accountId: 'maria' }),
      await sessions.begin({ accountId: 'oliver' }),
    ]
    await sessions.endAll('maria', 'password_changed', one.session)
    assert.equal((await sessions.find(one.secret))?.accountId, 'maria')
    assert.equal((await sessions.find(two.secret))?.accountId, undefined)
    assert.equal((await sessions.find(two.secret))?.notice?.kind, 'password_changed')
    assert.equal((await sessions.find(hers.secret))?.accountId, 'oliver')
    await sessions.endAll('maria', 'suspended')
    assert.equal((await sessions.find(one.secret))?.accountId, undefined)
  })

  test('a sign-in is over when its session is, without asking keeping it alive', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const sessions = sessionsOf(stores)
    const { session } = await sessions.begin()
    const signedIn = (await sessions.signIn(session, 'maria', [], { methods: [] }))!
    advanceClock(14 * MINUTE)
    assert.ok(await sessions.ofSignIn(signedIn.session.signInId!))
    advanceClock(MINUTE)
    assert.equal(await sessions.ofSignIn(signedIn.session.signInId!), undefined)
  })

  test('the dead are cleared away when another begins', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const sessions = sessionsOf(stores)
    await sessions.begin()
    advanceClock(15 * MINUTE)
    await sessions.begin()
    assert.equal(JSON.parse(await stores.everythingIn('sessions')).length, 1)
  })
})
