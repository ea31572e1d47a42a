import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createAccounts } from '../src/accounts/accounts.ts'
import type { AccountStore } from '../src/accounts/store.ts'
import { hashPassword, isPasswordOf } from '../src/password/password-hash.ts'

const PASSWORD = 'a password of these tests'

describe('passwords', () => {
  test('are hashed by argon2id with 7 MiB, five passes, one lane and a salt of their own (OWASP ASVS 5.0 11.4.2)', async () => {
    const [one, other] = await Promise.all([hashPassword(PASSWORD), hashPassword(PASSWORD)])
    assert.match(one, /^\$argon2id\$v=19\$m=7168,t=5,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
    assert.notEqual(one, other)
    assert.equal(await isPasswordOf(one, PASSWORD), true)
    assert.equal(await isPasswordOf(one, `${PASSWORD} `), false)
  })

  test('match however their accents were typed (NIST SP 800-63B-4 §3.1.1.2)', async () => {
    assert.equal(await isPasswordOf(await hashPassword('contrase\u00f1a'), 'contrasen\u0303a'), true)
  })

  test('an unknown address costs the same work as a wrong password (OWASP ASVS 5.0 6.3.8)', async () => {
    const compared: string[] = []
    const account = { id: 'a', email: 'maria@example.com' }
    const store = {
      findByEmail: async (email: string) => (email === account.email ? account : undefined),
      passwordHash: async () => 'hers',
    } as unknown as AccountStore
    const accounts = createAccounts(store, {
      hashPassword: async () => 'nobody’s',
      isPasswordOf: async (hash) => {
        compared.push(hash)
        return true
      },
    })
    assert.equal((await accounts.withPassword('Maria@example.com ', 'x'))?.id, 'a')
    // Even a password that fits the spare hash lets nobody in.
    assert.equal(await accounts.withPassword('nobody@example.com', 'x'), undefined)
    assert.deepEqual(compared, ['hers', 'nobody’s'])
  })

  test('a hash that cannot be read lets nobody in', async () => {
    await assert.rejects(isPasswordOf('plain', 'plain'))
  })
})
