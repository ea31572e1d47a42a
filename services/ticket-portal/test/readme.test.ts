import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { generateKeyPairSync, webcrypto } from 'node:crypto'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { startStubSignIn } from '@gatehouse/relying-party/stub-sign-in'
import * as oidc from 'openid-client'
import { RUTH } from './portal.ts'

const README = join(import.meta.dirname, '..', 'README.md')
const MODULES = join(import.meta.dirname, '..', '..', '..', 'node_modules')

test('the delegation in the README signs a person in, and is not longer than it says', async () => {
  const code = /```js\n([^`]*(?:`[^`\n]+`[^`]*)*)```/.exec(await readFile(README, 'utf8'))?.[1] ?? ''
  const lines = code.split('\n').filter((line) => line.trim() !== '')
  assert.ok(lines.length > 20 && lines.length <= 34, `${lines.length} lines`)

  const folder = await mkdtemp(join(tmpdir(), 'delegation-'))
  const signIn = await startStubSignIn({ clientId: 'any-service', claims: RUTH })
  try {
    await symlink(MODULES, join(folder, 'node_modules'))
    await writeFile(join(folder, 'delegation.mjs'), code)
    const { delegateSignIn } = await import(pathToFileURL(join(folder, 'delegation.mjs')).href)

    const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
    const { d: _, ...publicJwk } = jwk
    signIn.clientKeys = { keys: [{ ...publicJwk, kty: 'EC', kid: 'own', alg: 'ES256' }] }
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
    const key = await webcrypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign'])
    const { begin, finish } = await delegateSignIn({
      issuer: signIn.url,
      website: 'https://service.example',
      clientId: 'any-service',
      authentication: oidc.PrivateKeyJwt({ key, kid: 'own' }),
      options: { execute: [oidc.allowInsecureRequests] },
    })

    const { url, keep } = await begin()
    assert.equal(url.searchParams.get('acr_values'), RUTH.acr)
    const person = { sub: RUTH.sub, name: RUTH.name, username: RUTH.preferred_username }
    assert.deepEqual(await finish(signIn.approve(url), keep), { ...person, hasExtraSecurity: true })

    signIn.idToken = { acr: 'urn:gatehouse:acr:my-ssa:password' }
    const second = await begin()
    assert.deepEqual(await finish(signIn.approve(second.url), second.keep), {
      ...person,
      hasExtraSecurity: false,
    })
    await assert.rejects(finish(signIn.approve((await begin()).url), second.keep), 'another state')
  } finally {
    await signIn.close()
    await rm(folder, { recursive: true })
  }
})
