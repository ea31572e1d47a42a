import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RevocationKind } from '@gatehouse/contracts/revocations'
import { migrate, openDatabase } from '@gatehouse/storage/database'
import { deriveSecrets } from '@gatehouse/storage/secrets'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { decodeJwt } from 'jose'
import { createAccounts } from '../src/accounts/accounts.ts'
import { migrations } from '../src/migrations.ts'
import { createLabels } from '../src/revocations/labels.ts'
import type { Tables } from '../src/revocations/selection.ts'
import { createConsole } from './revoking.ts'
import { buildSignIn } from './signing-in.ts'

const target = (kind: RevocationKind, value: string) => ({ kind, value })

onEveryEngine(({ freshDatabase }) => {
  test('two hundred at once are named by name, or by a masked address, and who is unknown is left out', async () => {
    const database = await openDatabase<Tables>(await freshDatabase(), 'sign_in')
    await using closing = { [Symbol.asyncDispose]: () => database.destroy() }
    void closing
    await migrate(database, migrations)
    const accounts = createAccounts(database as never, deriveSecrets(Buffer.alloc(32, 5)).digest)
    async function arrive(
      subject: string,
      names: { givenName?: string; familyName?: string },
      email?: string,
    ) {
      const described = { givenName: undefined, familyName: undefined, ...names, email }
      const person = { acr: 'ial/1', amr: [], isProofed: false, birthdate: undefined, ssn: undefined }
      const identity = { idp: 'login.gov', subject, username: undefined, ...person, ...described }
      const { accountId } = await accounts.recognize(identity as never)
      await accounts.describe(accountId, identity as never)
      return accountId
    }
    const maria = await arrive('maria', { givenName: 'Maria', familyName: 'Example' }, 'maria@example.com')
    const nameless = await arrive('nameless', {}, 'somebody@example.com')
    const unknown = await arrive('unknown', {})

    const labelsOf = createLabels(database, {
      clientName: async (id) => (id === 'bso' ? 'Business Services Online' : undefined),
      providerName: (idp) => (idp === 'login.gov' ? 'Login.gov' : undefined),
    })
    const many = Array.from({ length: 195 }, (_, index) => target('credential', `login.gov:nobody-${index}`))
    const asked = [
      target('account', maria),
      target('credential', 'login.gov:maria'),
      target('account', nameless),
      target('account', unknown),
      target('client', 'bso'),
      ...many,
    ]
    assert.deepEqual(await labelsOf(asked), [
      { target: target('account', maria), label: 'Maria Example' },
      { target: target('credential', 'login.gov:maria'), label: 'Maria Example' },
      { target: target('account', nameless), label: 's***@example.com' },
      { target: target('client', 'bso'), label: 'Business Services Online' },
    ])
    assert.deepEqual(await labelsOf([]), [])
  })
})

test('the console learns what targets are called, and a gateway does not (ASVS 8.2.2)', async () => {
  const suite = await buildSignIn()
  await using closing = { [Symbol.asyncDispose]: () => suite.app.close() }
  void closing
  const console = createConsole(suite)
  const { access_token } = await suite.signedIn()
  const { sid } = decodeJwt<{ sid: string }>(access_token)
  const account = await console.accountOf(access_token)
  const { given_name, family_name } = suite.stub.state.claims
  const targets = [
    target('session', sid),
    target('account', account),
    target('provider', 'login.gov'),
    target('session', 'nobody'),
    target('ein', '123456789'),
    target('everything', '*'),
  ]
  const answer = await console.call('people.read', 'POST', '/revocations/labels', { targets })
  assert.equal(answer.statusCode, 200, answer.body)
  const name = `${given_name} ${family_name}`
  assert.deepEqual(answer.json().labels, [
    { target: targets[0], label: name },
    { target: targets[1], label: name },
    { target: targets[2], label: 'Login.gov' },
  ])
  const headers = await suite.as('gateway', 'revocations.read')
  const gateway = { method: 'POST', url: '/revocations/labels', headers, payload: { targets } } as const
  assert.equal((await suite.app.inject(gateway)).statusCode, 403)
})
