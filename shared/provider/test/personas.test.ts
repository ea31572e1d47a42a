import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ConfigurationError } from '@gatehouse/http/configuration'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { seedPersonas } from '../src/accounts/personas.ts'
import { openStores, PASSWORD } from './support/stores.ts'

const directory = mkdtempSync(join(tmpdir(), 'gatehouse-personas-'))
after(() => rmSync(directory, { recursive: true, force: true }))

const maria = {
  id: 'maria',
  about: 'the plain path',
  firstName: 'Maria',
  lastName: 'Example',
  email: 'maria@example.com',
  phoneNumber: '+12025550142',
  dateOfBirth: '1984-03-12',
  ssn: '987654325',
  address: { street: '100 Example Street', city: 'Baltimore', state: 'MD', zipCode: '21235' },
  proofing: 'proofed',
  userIds: [],
  password: PASSWORD,
}
const { ssn: _, ...withoutSsn } = maria
const anna = {
  ...withoutSsn,
  id: 'anna',
  email: 'anna@example.com',
  proofing: 'unproofed',
  providers: ['id.me'],
  affiliations: [{ group: 'military', subgroups: ['Veteran'] }],
}
const oliver = {
  ...maria,
  id: 'oliver',
  email: 'oliver@example.com',
  proofing: 'fails',
  providers: ['login.gov'],
}
const james = { ...maria, id: 'james', email: 'james@example.com', proofing: 'face-matched', providers: [] }

let files = 0
function personasFile(content: unknown): string {
  files += 1
  const path = join(directory, `${files}.json`)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}
const fileOf = (...personas: unknown[]) => personasFile({ companies: [], personas })

onEveryEngine((engine) => {
  test('each persona gets an account with a phone, at the providers named for it and else at all', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const { accounts, authenticators } = stores
    await seedPersonas(fileOf(maria, anna, oliver, james), 'login.gov', stores)
    const account = await accounts.withPassword('maria@example.com', PASSWORD)
    assert.ok(account)
    const [phone, ...others] = await authenticators.of(account.id)
    assert.deepEqual(phone?.details, { number: '+12025550142', prefers: 'text' })
    assert.deepEqual(others, [])
    assert.ok(await accounts.findByEmail('oliver@example.com'))
    assert.equal(await accounts.findByEmail('anna@example.com'), undefined)
    assert.equal(await accounts.findByEmail('james@example.com'), undefined)
  })

  test('what is proofed is known at once, what is not waits as evidence', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const { accounts } = stores
    const atIdMe = [maria, anna, { ...oliver, providers: undefined }, { ...james, providers: undefined }]
    await seedPersonas(fileOf(...atIdMe), 'id.me', stores)
    const of = (name: string) => accounts.findByEmail(`${name}@example.com`)
    const proofed = await of('maria')
    assert.equal(proofed?.profile?.socialSecurityNumber, '987654325')
    assert.equal(proofed?.profile?.faceMatched, false)
    assert.equal((await of('james'))?.profile?.faceMatched, true)
    const unproofed = await of('anna')
    assert.equal(unproofed?.profile, undefined)
    assert.equal(unproofed?.evidence?.outcome, 'passes')
    // Not even as an empty number: there are people who have none.
    assert.equal('socialSecurityNumber' in (unproofed?.evidence?.identity ?? {}), false)
    assert.deepEqual(unproofed?.affiliations, anna.affiliations)
    const fails = await of('oliver')
    assert.equal(fails?.profile, undefined)
    assert.equal(fails?.evidence?.outcome, 'fails')
  })

  test('at the next start nothing is added and nothing that people changed is put back', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const { accounts, authenticators } = stores
    const path = fileOf(maria)
    await seedPersonas(path, 'login.gov', stores)
    const { id } = (await accounts.findByEmail('maria@example.com'))!
    await accounts.setPassword(id, 'another')
    await accounts.setProfile(id, undefined)
    const [phone] = await authenticators.of(id)
    const secret = { secret: 'GEZDGNBVGY3TQOJQ' }
    await authenticators.add({ accountId: id, kind: 'authenticator_app', name: 'App', details: secret })
    await authenticators.remove(id, phone!.id)
    await Promise.all([seedPersonas(path, 'login.gov', stores), seedPersonas(path, 'login.gov', stores)])
    assert.equal((await stores.database.selectFrom('accounts').select('id').execute()).length, 1)
    assert.equal((await accounts.withPassword('maria@example.com', 'another'))?.id, id)
    assert.equal((await accounts.find(id))?.profile, undefined)
    assert.deepEqual(
      (await authenticators.of(id)).map(({ kind }) => kind),
      ['authenticator_app'],
    )
  })

  test('an account whose making was cut short gets its phone at the next start, and one only', async () => {
    await using stores = await openStores(await engine.freshDatabase())
    const id = await stores.newAccount()
    const path = fileOf(maria)
    await seedPersonas(path, 'login.gov', stores)
    assert.equal((await stores.authenticators.ofKind(id, 'phone')).length, 1)
    // A process that looked before the phone was there.
    const authenticators = { ...stores.authenticators, of: async () => [] }
    await seedPersonas(path, 'login.gov', { ...stores, authenticators })
    assert.equal((await stores.authenticators.ofKind(id, 'phone')).length, 1)
  })
})

test('a file that does not fit names fields, not what they hold', async () => {
  const nobody = { accounts: {} as never, authenticators: {} as never }
  const broken: [string, unknown, RegExp][] = [
    ['an SSN', fileOf({ ...maria, ssn: '123-45-6789' }), /^PERSONAS_FILE.*ssn/],
    ['a phone', fileOf({ ...maria, phoneNumber: '123-45-6789' }), /^PERSONAS_FILE.*phoneNumber/],
    ['a provider', fileOf({ ...maria, providers: ['123-45-6789'] }), /^PERSONAS_FILE.*providers/],
    ['no JSON', personasFile('{"ssn": 123-45-6789'), /^PERSONAS_FILE is not usable/],
    ['no object', personasFile(['123-45-6789']), /^PERSONAS_FILE is not usable/],
    ['no file', join(directory, '123-45-6789'), /^PERSONAS_FILE cannot be read$/],
  ]
  for (const [what, path, message] of broken) {
    await assert.rejects(
      seedPersonas(path as string, 'login.gov', nobody),
      (error: Error) => {
        assert.ok(error instanceof ConfigurationError)
        assert.match(error.message, message)
        assert.ok(!error.message.includes('123-45-6789'))
        return true
      },
      what,
    )
  }
})
