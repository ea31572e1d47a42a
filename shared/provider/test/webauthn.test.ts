import 'reflect-metadata'
import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { describe, test } from 'node:test'
import { now } from '@gatehouse/clock/clock'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { BasicConstraintsExtension, X509CertificateGenerator } from '@peculiar/x509'
import fc from 'fast-check'
import { createWebAuthn, type WebAuthnKind } from '../src/authenticators/webauthn.ts'
import { type Ceremony, SecurityKey, type Statement } from './support/security-key.ts'
import { openStores } from './support/stores.ts'

const PUBLIC_URL = 'https://secure.example.com'
const BOTH: WebAuthnKind[] = ['security_key', 'platform_authenticator']
const handleOf = (accountId: string) => Buffer.from(accountId).toString('base64url')

async function openProvider(url = 'sqlite::memory:', most = 3) {
  const stores = await openStores(url)
  const { accounts, authenticators } = stores
  const webauthn = createWebAuthn({ rpName: 'Example', publicUrl: PUBLIC_URL, authenticators, most })
  return {
    ...stores,
    webauthn,
    async person(email?: string) {
      return (await accounts.find(await stores.newAccount(email)))!
    },
    /** Registers a key as a person would, but for what `wrong` says. */
    async register(
      account: Awaited<ReturnType<typeof this.person>>,
      key = new SecurityKey(),
      kind: WebAuthnKind = 'security_key',
      wrong: Partial<Ceremony> = {},
    ) {
      const { challenge } = await webauthn.registrationOptions(account, kind)
      const response = key.register({ challenge, ...wrong })
      return webauthn.register({ account, kind, name: 'My key', challenge, response })
    },
    async authenticate(
      accountId: string | undefined,
      key: SecurityKey,
      kinds: WebAuthnKind[] = ['security_key'],
      wrong: Partial<Ceremony> = {},
    ) {
      const { challenge } = await webauthn.authenticationOptions(accountId, kinds)
      const response = key.authenticate({ challenge, ...wrong })
      return webauthn.authenticate({ accountId, kinds, challenge, response })
    },
  }
}

describe('options', () => {
  test('of a registration are for this site, this person, and no key that they have (WebAuthn Level 3 §7.1)', async () => {
    await using provider = await openProvider()
    const maria = await provider.person()
    const key = new SecurityKey()
    await provider.register(maria, key)
    const options = await provider.webauthn.registrationOptions(maria, 'security_key')
    assert.deepEqual(options.rp, { name: 'Example', id: 'secure.example.com' })
    assert.deepEqual(options.user, {
      id: handleOf(maria.id),
      name: 'maria@example.com',
      displayName: 'maria@example.com',
    })
    assert.deepEqual(
      options.excludeCredentials?.map(({ id, transports }) => ({ id, transports })),
      [{ id: key.id, transports: ['usb', 'nfc'] }],
    )
    assert.equal(options.attestation, 'none')
    assert.equal(options.authenticatorSelection?.userVerification, 'preferred')
    assert.ok(Buffer.from(options.challenge, 'base64url').length >= 16)
    const again = await provider.webauthn.registrationOptions(maria, 'security_key')
    assert.notEqual(again.challenge, options.challenge)
    // What the device itself has, is excluded as well when it is called otherwise.
    const platform = await provider.webauthn.registrationOptions(maria, 'platform_authenticator')
    assert.equal(platform.excludeCredentials?.length, 1)
    assert.equal(platform.authenticatorSelection?.residentKey, 'required')
    assert.equal(platform.authenticatorSelection?.userVerification, 'required')
    assert.equal(platform.authenticatorSelection?.authenticatorAttachment, 'platform')
  })

  test('of a sign-in name the person’s own keys of the kinds asked for; without a person, none', async () => {
    await using provider = await openProvider()
    const maria = await provider.person()
    const [key, passkey] = [new SecurityKey(), new SecurityKey()]
    await provider.register(maria, key)
    await provider.register(maria, passkey, 'platform_authenticator')
    await provider.register(await provider.person('oliver@example.com'))
    const idsFor = async (accountId: string | undefined, kinds: WebAuthnKind[]) => {
      const { allowCredentials = [] } = await provider.webauthn.authenticationOptions(accountId, kinds)
      return allowCredentials.map(({ id }) => id).toSorted()
    }
    assert.deepEqual(await idsFor(maria.id, ['security_key']), [key.id])
    assert.deepEqual(await idsFor(maria.id, ['platform_authenticator']), [passkey.id])
    assert.deepEqual(await idsFor(maria.id, BOTH), [key.id, passkey.id].toSorted())
    assert.deepEqual(await idsFor(undefined, ['platform_authenticator']), [])
    const discoverable = await provider.webauthn.authenticationOptions(undefined, ['platform_authenticator'])
    assert.equal(discoverable.userVerification, 'required')
    assert.equal(discoverable.rpId, 'secure.example.com')
  })
})

onEveryEngine((engine) => {
  test('a key that was registered signs its person in, once for each answer (NIST SP 800-63B-4 §3.1.6)', async () => {
    await using provider = await openProvider(await engine.freshDatabase())
    const maria = await provider.person()
    const key = new SecurityKey()
    const registered = await provider.register(maria, key)
    assert.ok(typeof registered === 'object')
    assert.equal(registered.name, 'My key')
    const { challenge } = await provider.webauthn.authenticationOptions(maria.id, ['security_key'])
    const response = key.authenticate({ challenge })
    const given = { accountId: maria.id, kinds: BOTH, challenge, response }
    const both = await Promise.all([
      provider.webauthn.authenticate(given),
      provider.webauthn.authenticate(given),
    ])
    assert.deepEqual(both.map((used) => used?.id).toSorted(), [registered.id, undefined].toSorted())
    assert.equal(await provider.webauthn.authenticate(given), undefined)
    assert.equal((await provider.authenticate(maria.id, key))?.counter, 2)
    const [kept] = await provider.authenticators.of(maria.id)
    assert.equal(kept?.counter, 2)
    assert.ok(kept?.lastUsedAt)
  })

  test('of one answer to a registration one key comes, and nobody has more of them than may be', async () => {
    await using provider = await openProvider(await engine.freshDatabase(), 2)
    const maria = await provider.person()
    const oliver = await provider.person('oliver@example.com')
    const key = new SecurityKey()
    const outcomes = await Promise.all([provider.register(maria, key), provider.register(oliver, key)])
    assert.equal(outcomes.filter((outcome) => outcome === 'refused').length, 1)
    const other = outcomes[0] === 'refused' ? maria : oliver
    // Not as another kind either.
    assert.equal(await provider.register(other, key, 'platform_authenticator'), 'refused')
    assert.equal(typeof (await provider.register(other)), 'object')
    const last = await Promise.all([provider.register(other), provider.register(other)])
    assert.deepEqual(last.map((outcome) => typeof outcome).toSorted(), ['object', 'string'])
    assert.ok(last.includes('too_many'))
    assert.equal((await provider.authenticators.of(other.id)).length, 2)
  })
})

describe('a registration is refused', () => {
  const wrong: [string, Partial<Ceremony>][] = [
    ['of another challenge', { challenge: randomBytes(32).toString('base64url') }],
    ['of another origin', { origin: 'https://secure.example.com.evil.example' }],
    ['over http', { origin: 'http://secure.example.com' }],
    ['for another site', { rpId: 'evil.example' }],
    ['that nobody touched', { flags: 4 }],
    ['that is a sign-in', { type: 'webauthn.get' }],
  ]
  for (const [what, ceremony] of wrong) {
    test(what, async () => {
      await using provider = await openProvider()
      const maria = await provider.person()
      assert.equal(await provider.register(maria, new SecurityKey(), 'security_key', ceremony), 'refused')
      assert.deepEqual(await provider.authenticators.of(maria.id), [])
    })
  }

  test('of a passkey whose device did not look who it is; a security key need not (NIST SP 800-63B-4 §3.1.7)', async () => {
    await using provider = await openProvider()
    const maria = await provider.person()
    const unlocked = { flags: 1 }
    const passkey = await provider.register(maria, new SecurityKey(), 'platform_authenticator', unlocked)
    assert.equal(passkey, 'refused')
    const key = await provider.register(maria, new SecurityKey(), 'security_key', unlocked)
    assert.equal(typeof key, 'object')
  })

  test('without a challenge of ours, even if the answer has none either', async () => {
    await using provider = await openProvider()
    const account = await provider.person()
    for (const challenge of ['', 'short']) {
      const response = new SecurityKey().register({ challenge })
      const given = { account, kind: 'security_key' as const, name: 'Key', challenge, response }
      assert.equal(await provider.webauthn.register(given), 'refused')
    }
  })

  test('with a certificate that nobody asked for, in whatever form, though all else is right', async () => {
    await using provider = await openProvider()
    const maria = await provider.person()
    const [maker, key] = [await attestationMaker(), new SecurityKey()]
    const statement: Statement = (signed) =>
      new Map<string, unknown>([...basic(maker.sign(signed)), ['x5c', [maker.certificate]]])
    for (const format of [
      'packed',
      'fido-u2f',
      'tpm',
      'apple',
      'android-key',
      'android-safetynet',
      'other',
    ]) {
      const refused = await provider.register(maria, key, 'security_key', { format, statement })
      assert.equal(refused, 'refused', format)
    }
    // What the key says of itself tells nothing of its maker, and browsers leave it there.
    const itself: Statement = (signed) => basic(key.sign(signed))
    const wrong: Statement = (signed) => basic(new SecurityKey().sign(signed))
    const packed = { format: 'packed' }
    assert.equal(
      await provider.register(maria, key, 'security_key', { ...packed, statement: wrong }),
      'refused',
    )
    assert.equal(
      typeof (await provider.register(maria, key, 'security_key', { ...packed, statement: itself })),
      'object',
    )
  })

  test('whatever it is, without an error', async () => {
    await using provider = await openProvider()
    const account = await provider.person()
    const { challenge } = await provider.webauthn.registrationOptions(account, 'security_key')
    const whole = new SecurityKey().register({ challenge })
    const register = (response: unknown) =>
      provider.webauthn.register({ account, kind: 'security_key', name: 'Key', challenge, response })
    await fc.assert(
      fc.asyncProperty(replaced(whole), async (response) => {
        assert.equal(await register(response), 'refused')
      }),
      { numRuns: 200 },
    )
    // Nothing signs a registration, so one with other bytes may be one: of a key that nobody has.
    await fc.assert(
      fc.asyncProperty(damaged(whole), async (response) => {
        const outcome = await register(response)
        assert.ok(typeof outcome === 'object' || ['refused', 'too_many'].includes(outcome))
      }),
      { numRuns: 200 },
    )
  })
})

describe('a sign-in is refused', () => {
  const wrong: [string, Partial<Ceremony>][] = [
    ['of another challenge', { challenge: randomBytes(32).toString('base64url') }],
    ['of another origin (NIST SP 800-63B-4 §3.2.5)', { origin: 'https://secure-example.com' }],
    ['for another site', { rpId: 'example.com' }],
    ['that nobody touched', { flags: 4 }],
    ['that is a registration', { type: 'webauthn.create' }],
    ['that says it is somebody else', { userHandle: handleOf('somebody else') }],
    ['whose counter did not grow', { counter: 1 }],
    ['whose counter went back to nothing', { counter: 0 }],
  ]
  for (const [what, ceremony] of wrong) {
    test(what, async () => {
      await using provider = await openProvider()
      const maria = await provider.person()
      const key = new SecurityKey()
      await provider.register(maria, key)
      assert.ok(await provider.authenticate(maria.id, key))
      assert.equal(await provider.authenticate(maria.id, key, ['security_key'], ceremony), undefined)
      assert.ok(await provider.authenticate(maria.id, key))
    })
  }

  test('by somebody else’s key, by one of another kind, and by one that was removed', async () => {
    await using provider = await openProvider()
    const maria = await provider.person()
    const oliver = await provider.person('oliver@example.com')
    const key = new SecurityKey()
    const registered = await provider.register(maria, key)
    assert.equal(await provider.authenticate(oliver.id, key), undefined)
    assert.equal(await provider.authenticate(maria.id, key, ['platform_authenticator']), undefined)
    assert.equal(await provider.authenticate(maria.id, new SecurityKey()), undefined)
    assert.ok(typeof registered === 'object')
    await provider.authenticators.remove(maria.id, registered.id)
    assert.equal(await provider.authenticate(maria.id, key), undefined)
  })

  test('by a signature of another key under the same name', async () => {
    await using provider = await openProvider()
    const maria = await provider.person()
    const key = new SecurityKey()
    await provider.register(maria, key)
    const { challenge } = await provider.webauthn.authenticationOptions(maria.id, ['security_key'])
    const forged = { ...new SecurityKey().authenticate({ challenge }), id: key.id, rawId: key.id }
    const given = { accountId: maria.id, kinds: BOTH, challenge, response: forged }
    assert.equal(await provider.webauthn.authenticate(given), undefined)
  })

  test('without a challenge of ours, even if the answer has none either', async () => {
    await using provider = await openProvider()
    const maria = await provider.person()
    const key = new SecurityKey()
    await provider.register(maria, key)
    const given = {
      accountId: maria.id,
      kinds: BOTH,
      challenge: '',
      response: key.authenticate({ challenge: '' }),
    }
    assert.equal(await provider.webauthn.authenticate(given), undefined)
  })

  test('whatever it is, without an error', async () => {
    await using provider = await openProvider()
    const maria = await provider.person()
    const key = new SecurityKey()
    await provider.register(maria, key)
    const { challenge } = await provider.webauthn.authenticationOptions(maria.id, ['security_key'])
    const whole = key.authenticate({ challenge })
    await fc.assert(
      fc.asyncProperty(fc.oneof(replaced(whole), damaged(whole)), async (response) => {
        const given = { accountId: maria.id, kinds: BOTH, challenge, response }
        assert.equal(await provider.webauthn.authenticate(given), undefined)
      }),
      { numRuns: 300 },
    )
    // It was all for want of what was spoiled.
    const given = { accountId: maria.id, kinds: BOTH, challenge, response: whole }
    assert.ok(await provider.webauthn.authenticate(given))
  })
})

describe('a passkey in place of a password (NIST SP 800-63B-4 §3.1.7)', () => {
  test('says who it is, and must have looked', async () => {
    await using provider = await openProvider()
    const maria = await provider.person()
    const key = new SecurityKey()
    await provider.register(maria, key, 'platform_authenticator')
    const kinds: WebAuthnKind[] = ['platform_authenticator']
    const hers = { userHandle: handleOf(maria.id) }
    assert.equal((await provider.authenticate(undefined, key, kinds, hers))?.accountId, maria.id)
    assert.equal(await provider.authenticate(undefined, key, kinds), undefined)
    assert.equal(await provider.authenticate(undefined, key, kinds, { userHandle: null }), undefined)
    assert.equal(await provider.authenticate(undefined, key, kinds, { ...hers, flags: 1 }), undefined)
    const other = { userHandle: handleOf('somebody else') }
    assert.equal(await provider.authenticate(undefined, key, kinds, other), undefined)
  })

  test('that does not count stays good, until it once has counted (WebAuthn Level 3 §6.1.1)', async () => {
    await using provider = await openProvider()
    const maria = await provider.person()
    const key = new SecurityKey({ counts: false })
    await provider.register(maria, key, 'platform_authenticator')
    for (let times = 0; times < 3; times += 1) {
      assert.equal((await provider.authenticate(maria.id, key, BOTH))?.counter, 0)
    }
    assert.equal((await provider.authenticate(maria.id, key, BOTH, { counter: 7 }))?.counter, 7)
    assert.equal(await provider.authenticate(maria.id, key, BOTH), undefined)
  })
})

const basic = (signature: Uint8Array) =>
  new Map<string, unknown>([
    ['alg', -7],
    ['sig', signature],
  ])

/** A maker of keys, with a certificate as §8.2.1 wants it. */
async function attestationMaker() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = {
    privateKey: privateKey.toCryptoKey(algorithm, true, ['sign']),
    publicKey: publicKey.toCryptoKey(algorithm, true, ['verify']),
  }
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'C=US, O=Example, OU=Authenticator Attestation, CN=Example',
    notBefore: new Date(now() - 60_000),
    notAfter: new Date(now() + 60_000),
    keys,
    signingAlgorithm: algorithm,
    extensions: [new BasicConstraintsExtension(false, undefined, true)],
  })
  return {
    certificate: new Uint8Array(certificate.rawData),
    sign: (data: Buffer) => new Uint8Array(sign('sha256', data, privateKey)),
  }
}

interface Response {
  response: Record<string, unknown>
}

const insideOf = ({ response }: Response) =>
  fc.constantFrom(...Object.keys(response).filter((name) => name !== 'transports'))

const withInside = (whole: Response, name: string, value: unknown) => ({
  ...whole,
  response: { ...whole.response, [name]: value },
})

/** Anything at all, and the whole answer with one part of it replaced. */
function replaced(whole: Response): fc.Arbitrary<unknown> {
  const part = fc.oneof(
    fc.anything(),
    fc.string({ unit: 'binary' }),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
  )
  const outside = fc.constantFrom('id', 'rawId', 'type', 'response')
  return fc.oneof(
    fc.anything(),
    fc.tuple(outside, part).map(([name, value]) => ({ ...whole, [name]: value })),
    fc.tuple(insideOf(whole), part).map(([name, value]) => withInside(whole, name, value)),
  )
}

/** Where the two numbers of a signature in DER stand: a library that forgives their frame still judges them. */
function numbersOf(signature: Buffer): number[] {
  const ofTheFirst = signature[3] ?? 0
  const second = 4 + ofTheFirst + 2
  return [...signature.keys()].filter((at) => (at >= 4 && at < 4 + ofTheFirst) || at >= second)
}

/** The whole answer with one byte of it changed, or the end of a part cut off. */
function damaged(whole: Response): fc.Arbitrary<unknown> {
  const change = fc.integer({ min: 1, max: 255 })
  return fc.tuple(insideOf(whole), fc.nat(), change, fc.boolean()).map(([name, at, by, isCut]) => {
    const bytes = Buffer.from(String(whole.response[name]), 'base64url')
    const places = name === 'signature' ? numbersOf(bytes) : [...bytes.keys()]
    const place = places[at % places.length] ?? 0
    bytes[place] = (bytes[place] ?? 0) ^ by
    return withInside(whole, name, (isCut ? bytes.subarray(0, place) : bytes).toString('base64url'))
  })
}
