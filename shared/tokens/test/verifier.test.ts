import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { sign } from 'node:crypto'
import { describe, test } from 'node:test'
import { epochSeconds, now } from '@gatehouse/clock/clock'
import { exportJWK, SignJWT } from 'jose'
import { includesScope, isIntendedFor } from '../src/access-token.ts'
import { localKeySource } from '../src/key-source.ts'
import { createTokenVerifier, TokenRefusal } from '../src/verifier.ts'
import {
  AUDIENCE,
  claims,
  encode,
  header,
  hmac,
  ISSUER,
  issue,
  makeKey,
  signature,
  signParts,
  signTexts,
} from './issuing.ts'

const current = makeKey('current')
const previous = makeKey('previous')
const stranger = makeKey('stranger')
const rsa = makeKey('rsa', 'RS256')
const published = { keys: [current.jwk, previous.jwk, rsa.jwk] }

function verifierOf(options: object = {}, keys = localKeySource(published)) {
  return createTokenVerifier({ issuer: ISSUER, keys, audience: AUDIENCE, ...options })
}
const verifier = verifierOf()

async function reasonFor(token: string, by = verifier): Promise<string> {
  assert.equal(by.remembered(token), undefined)
  try {
    await by.verify(token)
  } catch (error) {
    assert.ok(error instanceof TokenRefusal, String(error))
    assert.equal(by.remembered(token), undefined, 'a refused token is not remembered')
    return error.reason
  }
  return 'accepted'
}

const sound = () => issue(current)
const headerText = (changes?: object) => JSON.stringify({ ...header(current), ...changes })
const claimsText = (changes?: object) => JSON.stringify({ ...claims(), ...changes })
const parts = (token: string) => token.split('.') as [string, string, string]

/** The same letter but for the bits that decoding drops. */
function withStrayBits(part: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return part.slice(0, -1) + letters[letters.indexOf(part.at(-1) as string) ^ 1]
}

describe('an access token is accepted', () => {
  test('when it is signed by a published key, and its claims come back frozen', async () => {
    const found = await verifier.verify(issue(current, { amr: ['pwd', 'otp'] }))
    assert.equal(found.sub, 'pairwise-subject')
    assert.ok(Object.isFrozen(found) && Object.isFrozen(found.amr))
  })

  test('when the previous key signed it, since rotation keeps that one published (ASVS 9.1.3)', async () => {
    assert.equal(await reasonFor(issue(previous)), 'accepted')
  })

  test('when jose issued it as sign-in does', async () => {
    const token = await new SignJWT({ client_id: 'bso', jti: 'one' })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'current' })
      .setIssuer(ISSUER)
      .setSubject('someone')
      .setAudience([AUDIENCE, 'urn:other'])
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(current.privateKey)
    assert.equal(await reasonFor(token), 'accepted')
  })

  test('with the long form of its type (RFC 9068 §2.1)', async () => {
    assert.equal(await reasonFor(issue(current, {}, { typ: 'application/at+jwt' })), 'accepted')
  })

  test('under RS256 where the verifier allows that (RFC 9068 §4)', async () => {
    assert.equal(await reasonFor(issue(rsa), verifierOf({ algorithms: ['ES256', 'RS256'] })), 'accepted')
  })

  test('up to the last moment before exp, and from exp on it is refused without leeway (ASVS 9.2.1)', async () => {
    const exp = epochSeconds() + 100
    const token = issue(current, { exp })
    await verifier.verify(token)
    advanceClock(exp * 1000 - now() - 500)
    assert.ok(verifier.remembered(token))
    advanceClock(exp * 1000 - now())
    assert.equal(await reasonFor(token), 'expired')
  })

  test('and is then remembered: the second look waits for nothing', async () => {
    const token = sound()
    assert.equal(verifier.remembered(token), undefined)
    const found = await verifier.verify(token)
    assert.equal(verifier.remembered(token), found)
  })
})

describe('an access token is refused', () => {
  const cases: [title: string, reason: string, token: () => string][] = [
    [
      'with alg none and no signature (ASVS 9.1.2, RFC 8725 §3.2)',
      'malformed',
      () => `${encode(headerText({ alg: 'none' }))}.${encode(claimsText())}.`,
    ],
    [
      'with alg none and a signature (ASVS 9.1.2)',
      'wrong_algorithm',
      () => issue(current, {}, { alg: 'none' }),
    ],
    [
      'with alg None, nOnE or NONE (RFC 8725 §2.1)',
      'wrong_algorithm',
      () => issue(current, {}, { alg: 'nOnE' }),
    ],
    [
      'with alg es256: names are case-sensitive (ASVS 9.1.2)',
      'wrong_algorithm',
      () => issue(current, {}, { alg: 'es256' }),
    ],
    ['with alg that is a list', 'wrong_algorithm', () => issue(current, {}, { alg: ['ES256'] })],
    ['without alg', 'wrong_algorithm', () => issue(current, {}, { alg: undefined })],
    [
      'with HS256 keyed by the public key, which everybody has (ASVS 9.1.2, RFC 8725 §2.1)',
      'wrong_algorithm',
      () => {
        const input = `${encode(headerText({ alg: 'HS256' }))}.${encode(claimsText())}`
        return `${input}.${hmac(current.publicKey.export({ format: 'pem', type: 'spki' }), input)}`
      },
    ],
    [
      'with HS256 keyed by the public JWK',
      'wrong_algorithm',
      () => {
        const input = `${encode(headerText({ alg: 'HS256' }))}.${encode(claimsText())}`
        return `${input}.${hmac(JSON.stringify(current.jwk), input)}`
      },
    ],
    ['signed by an RSA key where only ES256 is allowed (ASVS 9.1.2)', 'wrong_algorithm', () => issue(rsa)],
    [
      'that says ES256 and names an RSA key (RFC 8725 §3.1)',
      'wrong_algorithm',
      () => issue(current, {}, { kid: 'rsa' }),
    ],
    [
      'with a changed payload (ASVS 9.1.1)',
      'bad_signature',
      () => {
        const [head, , sig] = parts(sound())
        return `${head}.${encode(claimsText({ sub: 'somebody-else' }))}.${sig}`
      },
    ],
    [
      'with a changed header (ASVS 9.1.1)',
      'bad_signature',
      () => {
        const [, body, sig] = parts(sound())
        return `${encode(headerText({ extra: 1 }))}.${body}.${sig}`
      },
    ],
    [
      'with a changed signature (ASVS 9.1.1)',
      'bad_signature',
      () => {
        const [head, body, sig] = parts(sound())
        const bytes = Buffer.from(sig, 'base64url')
        bytes[10] = (bytes[10] as number) ^ 1
        return `${head}.${body}.${bytes.toString('base64url')}`
      },
    ],
    [
      'with a signature of zeros (CVE-2022-21449)',
      'bad_signature',
      () => {
        const [head, body] = parts(sound())
        return `${head}.${body}.${Buffer.alloc(64).toString('base64url')}`
      },
    ],
    [
      'with a signature in DER (RFC 7518 §3.4)',
      'bad_signature',
      () => {
        const [head, body] = parts(sound())
        return `${head}.${body}.${sign('sha256', Buffer.from(`${head}.${body}`), current.privateKey).toString('base64url')}`
      },
    ],
    [
      'with a signature that goes on after 64 bytes',
      'bad_signature',
      () => {
        const [head, body] = parts(sound())
        return `${head}.${body}.${Buffer.concat([signature(current, `${head}.${body}`), Buffer.alloc(3)]).toString('base64url')}`
      },
    ],
    [
      'signed by a stranger under a published key id (ASVS 9.1.1)',
      'bad_signature',
      () => issue(stranger, {}, { kid: 'current' }),
    ],
    [
      'signed by one published key and naming another',
      'bad_signature',
      () => issue(previous, {}, { kid: 'current' }),
    ],
    ['with an unknown key id (ASVS 9.1.3)', 'unknown_key', () => issue(stranger)],
    ['with the key id __proto__', 'unknown_key', () => issue(current, {}, { kid: '__proto__' })],
    ['without a key id', 'no_key_id', () => issue(current, {}, { kid: undefined })],
    ['with an empty key id', 'no_key_id', () => issue(current, {}, { kid: '' })],
    ['with a key id that is a number', 'no_key_id', () => issue(current, {}, { kid: 1 })],
    ['with a key id that is a list', 'no_key_id', () => issue(current, {}, { kid: ['current'] })],
    ['with a key id of 300 letters', 'no_key_id', () => issue(current, {}, { kid: 'k'.repeat(300) })],
    [
      'that brings its own key in jwk (ASVS 9.1.3, RFC 8725 §3.10)',
      'refused_header',
      () => issue(stranger, {}, { jwk: stranger.jwk }),
    ],
    [
      'that points at a key with jku (ASVS 9.1.3)',
      'refused_header',
      () => issue(stranger, {}, { jku: 'https://attacker.example/jwks' }),
    ],
    [
      'that points at a certificate with x5u (ASVS 9.1.3)',
      'refused_header',
      () => issue(stranger, {}, { x5u: 'https://attacker.example/cert' }),
    ],
    [
      'that brings a certificate in x5c (ASVS 9.1.3)',
      'refused_header',
      () => issue(stranger, {}, { x5c: ['AAAA'] }),
    ],
    ['with crit (RFC 7515 §4.1.11)', 'refused_header', () => issue(current, {}, { crit: ['exp'], exp: 1 })],
    ['with crit that is empty', 'refused_header', () => issue(current, {}, { crit: [] })],
    ['with b64 false (RFC 7797)', 'refused_header', () => issue(current, {}, { b64: false })],
    ['with b64 true', 'refused_header', () => issue(current, {}, { b64: true })],
    [
      'of type JWT, as ID tokens are (ASVS 9.2.2, RFC 9068 §4)',
      'wrong_type',
      () => issue(current, {}, { typ: 'JWT' }),
    ],
    ['without a type (ASVS 9.2.2)', 'wrong_type', () => issue(current, {}, { typ: undefined })],
    [
      'of type logout+jwt or secevent+jwt (ASVS 9.2.2)',
      'wrong_type',
      () => issue(current, {}, { typ: 'logout+jwt' }),
    ],
    ['of type AT+JWT', 'wrong_type', () => issue(current, {}, { typ: 'AT+JWT' })],
    [
      'from another issuer (RFC 8725 §3.8)',
      'wrong_issuer',
      () => issue(current, { iss: 'http://elsewhere.test' }),
    ],
    ['from the issuer with a slash more', 'wrong_issuer', () => issue(current, { iss: `${ISSUER}/` })],
    [
      'for another audience (ASVS 9.2.3, ASVS 10.3.1)',
      'wrong_audience',
      () => issue(current, { aud: 'urn:gatehouse:service:terms' }),
    ],
    [
      'for a list of other audiences (ASVS 9.2.3)',
      'wrong_audience',
      () => issue(current, { aud: ['urn:a', `${AUDIENCE}x`] }),
    ],
    [
      'for an audience that only begins like ours (ASVS 9.2.3)',
      'wrong_audience',
      () => issue(current, { aud: 'urn:gatehouse:cbsv:x' }),
    ],
    ['with an empty list of audiences', 'bad_claim', () => issue(current, { aud: [] })],
    ['with an audience that is an object', 'bad_claim', () => issue(current, { aud: { [AUDIENCE]: true } })],
    ['without an audience (ASVS 9.2.3)', 'bad_claim', () => issue(current, { aud: undefined })],
    [
      'after it expired (ASVS 9.2.1)',
      'expired',
      () => issue(current, { iat: epochSeconds() - 301, exp: epochSeconds() - 1 }),
    ],
    [
      'in the second it expires (ASVS 9.2.1)',
      'expired',
      () => issue(current, { exp: epochSeconds(), iat: epochSeconds() - 10 }),
    ],
    ['before nbf (ASVS 9.2.1)', 'not_yet_valid', () => issue(current, { nbf: epochSeconds() + 5 })],
    [
      'issued more than 60 seconds ahead',
      'issued_in_the_future',
      () => issue(current, { iat: epochSeconds() + 70, exp: epochSeconds() + 200 }),
    ],
    [
      'that lives longer than tokens may',
      'lifetime_too_long',
      () => issue(current, { exp: epochSeconds() + 3600 }),
    ],
    [
      'that ends before it was issued',
      'lifetime_too_long',
      () => issue(current, { exp: epochSeconds() - 10 }),
    ],
    ['without exp (ASVS 9.2.1)', 'bad_claim', () => issue(current, { exp: undefined })],
    ['without iat', 'bad_claim', () => issue(current, { iat: undefined })],
    ['with exp that is a text', 'bad_claim', () => issue(current, { exp: String(epochSeconds() + 100) })],
    ['with exp beyond any date', 'bad_claim', () => issue(current, { exp: 1e300 })],
    ['with exp null', 'bad_claim', () => issue(current, { exp: null })],
    ['without sub (ASVS 10.3.3)', 'bad_claim', () => issue(current, { sub: undefined })],
    ['with an empty sub (ASVS 10.3.3)', 'bad_claim', () => issue(current, { sub: '' })],
    ['with sub that is a number', 'bad_claim', () => issue(current, { sub: 7 })],
    ['without client_id (RFC 9068 §2.2)', 'bad_claim', () => issue(current, { client_id: undefined })],
    ['without jti (RFC 9068 §2.2)', 'bad_claim', () => issue(current, { jti: undefined })],
    ['without iss', 'bad_claim', () => issue(current, { iss: undefined })],
    [
      'with scope that is a list (RFC 8693 §4.2)',
      'bad_claim',
      () => issue(current, { scope: ['cbsv.verify'] }),
    ],
    ['with ein that is an object', 'bad_claim', () => issue(current, { ein: { toString: 'x' } })],
    ['with amr that is a text', 'bad_claim', () => issue(current, { amr: 'pwd' })],
    [
      'whose claims come from __proto__',
      'bad_claim',
      () => signTexts(current, headerText(), `{"__proto__":${claimsText()}}`),
    ],
    [
      'that names a claim twice (RFC 8725 §2.4)',
      'duplicate_member',
      () => signTexts(current, headerText(), claimsText().replace('{', '{"sub":"victim",')),
    ],
    [
      'that names a claim twice, once in escapes',
      'duplicate_member',
      () => signTexts(current, headerText(), claimsText().replace('{', '{"\\u0073ub":"victim",')),
    ],
    [
      'that names a header twice',
      'duplicate_member',
      () => signTexts(current, headerText().replace('{', '{"alg":"none",'), claimsText()),
    ],
    [
      'that names a member twice further inside',
      'duplicate_member',
      () => signTexts(current, headerText(), claimsText().replace('{', '{"act":[{"sub":"a","sub" : "b"}],')),
    ],
    ['whose header is a list', 'malformed', () => signTexts(current, `[${headerText()}]`, claimsText())],
    [
      'whose payload is a list (CVE-2026-107723)',
      'malformed',
      () => signTexts(current, headerText(), `[${claimsText()}]`),
    ],
    ['whose payload is null', 'malformed', () => signTexts(current, headerText(), 'null')],
    ['whose payload is a text', 'malformed', () => signTexts(current, headerText(), '"claims"')],
    [
      'whose payload is no JSON',
      'malformed',
      () => signTexts(current, headerText(), claimsText().replaceAll('"', "'")),
    ],
    [
      'whose payload has a second value behind the first',
      'malformed',
      () => signTexts(current, headerText(), `${claimsText()}{}`),
    ],
    [
      'whose payload begins with a byte order mark',
      'malformed',
      () => signTexts(current, headerText(), `\ufeff${claimsText()}`),
    ],
    [
      'whose payload is not UTF-8',
      'malformed',
      () => signTexts(current, headerText(), Buffer.from(claimsText({ sub: 'caf\xe9' }), 'latin1')),
    ],
    [
      'whose payload is UTF-16',
      'malformed',
      () => signTexts(current, headerText(), Buffer.from(claimsText(), 'utf16le')),
    ],
    [
      'with padding (RFC 7515 §2)',
      'malformed',
      () => {
        const [head, body] = parts(sound())
        return signParts(current, `${head}${'='.repeat((4 - (head.length % 4)) % 4 || 4)}`, body)
      },
    ],
    ['with padding after the signature', 'malformed', () => `${sound()}==`],
    [
      'with a line feed inside',
      'malformed',
      () => {
        const [h, b, s] = parts(sound())
        return `${h}.${b.slice(0, 20)}\n${b.slice(20)}.${s}`
      },
    ],
    ['with a space in front', 'malformed', () => ` ${sound()}`],
    ['with a space behind', 'malformed', () => `${sound()} `],
    ['with a NUL behind', 'malformed', () => `${sound()}\0`],
    [
      'with + and / in place of - and _',
      'malformed',
      () => {
        // A signature has 86 letters; one of a few surely holds - or _.
        for (;;) {
          const [h, b, s] = parts(sound())
          if (/[-_]/.test(s)) return `${h}.${b}.${s.replaceAll('-', '+').replaceAll('_', '/')}`
        }
      },
    ],
    [
      'with stray bits in the last letter of the signature',
      'malformed',
      () => {
        const [h, b, s] = parts(sound())
        return `${h}.${b}.${withStrayBits(s)}`
      },
    ],
    [
      'with stray bits in the last letter of the payload',
      'malformed',
      () => {
        const body = encode(`${claimsText()}${' '.repeat((3 - (claimsText().length % 3)) % 3)} `)
        const [head] = parts(sound())
        return signParts(current, head, withStrayBits(body))
      },
    ],
    ['with letters outside ASCII', 'malformed', () => `${sound().slice(0, -1)}\u0141`],
    [
      'with a letter too many for base64url',
      'malformed',
      () => {
        const [h, b, s] = parts(sound())
        return `${h}.${b}.${s}AAA`
      },
    ],
    ['with two parts', 'malformed', () => parts(sound()).slice(0, 2).join('.')],
    ['with four parts', 'malformed', () => `${sound()}.AAAA`],
    ['with five parts, as JWE has', 'malformed', () => `${sound()}.AAAA.AAAA`],
    ['with an empty header', 'malformed', () => sound().replace(/^[^.]+/, '')],
    ['with an empty payload', 'malformed', () => sound().replace(/\.[^.]+\./, '..')],
    ['that is empty', 'malformed', () => ''],
    ['that is two dots', 'malformed', () => '..'],
    ['that is longer than 8 KiB', 'oversized', () => issue(current, { pad: 'x'.repeat(8 * 1024) })],
  ]
  for (const [title, reason, token] of cases) {
    test(title, async () => {
      const text = token()
      // The remainder of a part decides whether its last letter has spare bits; make sure the case is the one it says.
      assert.equal(await reasonFor(text), reason)
    })
  }
})

describe('what a verifier remembers', () => {
  test('ends when the key leaves the JWKS, and comes back with it (ASVS 9.1.3)', async () => {
    const keys = localKeySource(published)
    const by = verifierOf({}, keys)
    const token = sound()
    await by.verify(token)
    keys.replace({ keys: [previous.jwk] })
    assert.equal(by.remembered(token), undefined)
    assert.equal(await reasonFor(token, by), 'unknown_key')
    keys.replace(published)
    assert.equal(await reasonFor(token, by), 'accepted')
  })

  test('ends when another key takes the name of the one that signed', async () => {
    const keys = localKeySource(published)
    const by = verifierOf({}, keys)
    const token = sound()
    await by.verify(token)
    keys.replace({ keys: [{ ...stranger.jwk, kid: 'current' }] })
    assert.equal(await reasonFor(token, by), 'bad_signature')
  })

  test('survives a JWKS that holds the same key again', async () => {
    const keys = localKeySource(published)
    const by = verifierOf({}, keys)
    const token = sound()
    await by.verify(token)
    keys.replace({ keys: [{ ...current.jwk }, stranger.jwk] })
    assert.ok(by.remembered(token))
  })

  test('is bounded, and junk evicts nothing', async () => {
    const by = verifierOf({ maximumRemembered: 10 })
    const [first, ...others] = Array.from({ length: 11 }, sound) as [string, ...string[]]
    await by.verify(first)
    for (let count = 0; count < 50; count++) {
      await assert.rejects(by.verify(`${first}A`))
      await assert.rejects(by.verify(issue(stranger, {}, { kid: 'current' })))
    }
    assert.ok(by.remembered(first))
    for (const token of others) await by.verify(token)
    const remembered = [first, ...others].filter((token) => by.remembered(token))
    assert.ok(remembered.length <= 10 && remembered.length >= 5, String(remembered.length))
    assert.equal(await reasonFor(others.at(-1) as string, verifierOf()), 'accepted')
  })

  test('is of that very token: one bit of difference is another token', async () => {
    const token = sound()
    await verifier.verify(token)
    const [head, body, sig] = parts(token)
    assert.equal(verifier.remembered(`${head}.${body}.${withStrayBits(sig)}`), undefined)
    assert.equal(verifier.remembered(`${token}.`), undefined)
    assert.equal(verifier.remembered(token.toLowerCase()), undefined)
  })
})

test('audience and scope are compared word by word (ASVS 10.3.1, ASVS 10.3.2)', async () => {
  const found = await verifier.verify(
    issue(current, { scope: 'cbsv.verify openid', aud: [AUDIENCE, 'urn:b'] }),
  )
  assert.ok(isIntendedFor(found, AUDIENCE) && isIntendedFor(found, 'urn:b'))
  assert.ok(!isIntendedFor(found, 'urn:gatehouse'))
  assert.ok(includesScope(found, 'cbsv.verify') && includesScope(found, 'openid'))
  assert.ok(
    !includesScope(found, 'cbsv') && !includesScope(found, 'CBSV.verify') && !includesScope(found, ''),
  )
  assert.ok(!includesScope({ ...found, scope: undefined }, 'cbsv.verify'))
})

test('a JWK as jose exports it can be published', async () => {
  const jwk = { ...(await exportJWK(current.publicKey)), kid: 'current' }
  assert.equal(await reasonFor(sound(), verifierOf({}, localKeySource({ keys: [jwk] }))), 'accepted')
})
