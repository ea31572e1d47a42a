import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { deriveSecrets } from '@gatehouse/storage/secrets'
import { onEveryEngine } from '@gatehouse/storage/testing'
import fc from 'fast-check'
import { type Authority, issue, newAuthority } from '../src/authenticators/certificate-issuing.ts'
import { createTestCertificates } from '../src/authenticators/certificates.ts'
import { openStores, ROOT } from './support/stores.ts'

const maria = { id: 'account-1', name: 'Maria Example', email: 'maria@example.com' }
const oliver = { id: 'account-2', name: 'Oliver Example', email: 'oliver@example.com' }

onEveryEngine((engine) => {
  test('each person has a certificate, and keeps it', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const { certificates } = stores
    const choices = await certificates.choicesFor([maria, oliver])
    assert.deepEqual(
      choices.map(({ label }) => label),
      ['Maria Example', 'Oliver Example', 'Expired certificate', 'Untrusted certificate'],
    )
    const [hers, his] = choices
    const presented = await certificates.present(hers!.id)
    assert.ok(presented.outcome === 'valid')
    assert.equal(presented.subject, '/C=US/O=Gatehouse/CN=Maria Example')
    assert.equal(presented.issuer, '/C=US/O=Gatehouse/CN=Example Test CA')
    assert.match(presented.fingerprint, /^[0-9a-f]{64}$/)
    assert.notDeepEqual(await certificates.present(his!.id), presented)
    assert.deepEqual(await certificates.choicesFor([maria, oliver]), choices)
    assert.deepEqual(await certificates.present(hers!.id), presented)
  })

  test('of two that ask first at once, both get the same certificates, by one authority', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const { certificates } = stores
    const [one, two] = await Promise.all([certificates.choicesFor([maria]), certificates.choicesFor([maria])])
    assert.deepEqual(one, two)
    assert.equal((await certificates.present(one[0]!.id)).outcome, 'valid')
  })

  test('an expired certificate and one of a stranger are told apart from what nobody has (RFC 5280 §6.1.3)', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const { certificates } = stores
    const [, expired, untrusted] = await certificates.choicesFor([maria])
    assert.deepEqual(await certificates.present(expired!.id), { outcome: 'expired' })
    assert.deepEqual(await certificates.present(untrusted!.id), { outcome: 'untrusted' })
    for (const id of ['', 'authority', 'account-1', `${expired!.id}x`]) {
      assert.deepEqual(await certificates.present(id), { outcome: 'unknown' }, id)
    }
  })

  test('a choice tells nothing of the account, and what is kept is sealed', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const choices = await stores.certificates.choicesFor([maria])
    assert.ok(!JSON.stringify(choices).includes('account-1'))
    const kept = await stores.everythingIn('test_certificates')
    for (const text of ['BEGIN', 'PRIVATE', 'Maria']) assert.ok(!kept.includes(text), text)
  })
})

test('neither the name of the authority nor its key alone makes a certificate trusted (RFC 5280 §6.1.3)', async () => {
  await using stores = await openStores('sqlite::memory:')
  const { certificates, database } = stores
  const secrets = deriveSecrets(ROOT)
  await certificates.choicesFor([maria])
  const row = await database
    .selectFrom('testCertificates')
    .select('sealed')
    .where('id', '=', 'authority')
    .executeTakeFirstOrThrow()
  const trusted: Authority = JSON.parse(secrets.unseal('test certificate', row.sealed))
  const validity = { from: now() - 60_000, until: now() + 60_000 }
  const namesake = await newAuthority('Example Test CA', validity)
  const forged = { ...trusted, privateKey: namesake.privateKey }
  const renamed = { ...trusted, certificate: (await newAuthority('Another CA', validity)).certificate }
  for (const [id, authority] of Object.entries({ trusted, namesake, renamed, forged })) {
    const certificate = await issue(authority, { commonName: 'Maria Example' }, validity)
    const sealed = secrets.seal('test certificate', certificate)
    await database.insertInto('testCertificates').values({ id, sealed, madeAt: now() }).execute()
    const { outcome } = await certificates.present(id)
    assert.equal(outcome, id === 'trusted' ? 'valid' : 'untrusted', id)
  }
})

test('a name means what it says, whatever signs are in it', async () => {
  await using stores = await openStores('sqlite::memory:')
  const { certificates } = stores
  const names = ['O’Neill, Ana', 'CN=Other+O=Else', 'a/CN=Other', '#0403', 'Ñandú "x" <y>;', ' blank ']
  const people = names.map((name) => ({ id: name, name, email: 'ana@example.com' }))
  const choices = await certificates.choicesFor(people)
  for (const [index, name] of names.entries()) {
    const presented = await certificates.present(choices[index]!.id)
    assert.ok(presented.outcome === 'valid', name)
    // Three attributes, whatever the name would like there to be.
    assert.match(presented.subject, /^\/C=US\/O=Gatehouse\/CN=([^/\n]|\\\/)+$/)
  }
})

test('the certificates are what RFC 5280 asks of them: for authentication by a client, and no authorities', async () => {
  await using stores = await openStores('sqlite::memory:')
  const [choice] = await stores.certificates.choicesFor([maria])
  const row = await stores.database
    .selectFrom('testCertificates')
    .selectAll()
    .where('id', '=', choice!.id)
    .executeTakeFirstOrThrow()
  const certificate = new X509Certificate(deriveSecrets(ROOT).unseal('test certificate', row.sealed))
  assert.equal(certificate.ca, false)
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2'])
  assert.equal(certificate.subjectAltName, 'email:maria@example.com')
  assert.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1')
})

test('the authority and the certificates outlast a restart with the same secrets, and no other', async () => {
  await using stores = await openStores('sqlite::memory:')
  const [choice] = await stores.certificates.choicesFor([maria])
  const { database } = stores
  const again = createTestCertificates({ database, secrets: deriveSecrets(ROOT), name: 'Example' })
  assert.equal((await again.present(choice!.id)).outcome, 'valid')
  const other = deriveSecrets(Buffer.alloc(32, 'another'))
  await assert.rejects(
    createTestCertificates({ database, secrets: other, name: 'Example' }).present(choice!.id),
  )
})

test('whatever is presented, nothing that is unknown is taken', async () => {
  await using stores = await openStores('sqlite::memory:')
  await stores.certificates.choicesFor([maria])
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 100 }), async (id) => {
      assert.deepEqual(await stores.certificates.present(id), { outcome: 'unknown' })
    }),
    { numRuns: 100 },
  )
})

test('a certificate expires by the clock of the suite', async () => {
  await using stores = await openStores('sqlite::memory:')
  const { certificates } = stores
  const [choice] = await certificates.choicesFor([maria])
  advanceClock(6 * 365 * 86_400_000 - 60_000)
  assert.equal((await certificates.present(choice!.id)).outcome, 'valid')
  advanceClock(120_000)
  assert.deepEqual(await certificates.present(choice!.id), { outcome: 'expired' })
})
