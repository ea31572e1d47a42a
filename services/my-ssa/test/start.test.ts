// Starting: configuration, and going on after the process was killed.

import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { deriveSecrets } from '@gatehouse/storage/secrets'
import { onEveryEngine } from '@gatehouse/storage/testing'
import { PATHS } from '../src/paths.ts'
import { type MySsa, PASSWORD, POSTS, startMySsa } from './support/my-ssa.ts'
import {
  authorizeUrl,
  codeOf,
  postToken,
  tokenParameters,
  tokensFor,
  userInfo,
  verified,
} from './support/wire.ts'

test('the mock does not start where PROFILE is live, and names a setting it cannot use', async () => {
  const start = (environment: Record<string, string>) => startMySsa({ environment })
  await assert.rejects(start({ PROFILE: 'live' }), /PROFILE is test only/)
  await assert.rejects(start({ FORM_ACTION_ORIGINS: 'localhost' }), /FORM_ACTION_ORIGINS must be/)
  await assert.rejects(start({ LIMITS: '{"accessTokenMs":0}' }), /accessTokenMs/)
  await assert.rejects(start({ OPERATOR_TOKEN: 'short' }), /OPERATOR_TOKEN/)
  await assert.rejects(start({ PERSONAS_FILE: '/nowhere' }), /PERSONAS_FILE cannot be read/)
  await assert.rejects(start({ CLIENTS_FILE: '/nowhere' }), /CLIENTS_FILE cannot be read/)
})

test('lifetimes are those of LIMITS', async (t) => {
  const mySsa = await startMySsa({ environment: { LIMITS: '{"accessTokenMs":7000,"idTokenMs":90000}' } })
  t.after(() => mySsa.app.close())
  const tokens = await tokensFor(mySsa, await mySsa.signedIn('maria'))
  assert.equal(tokens.expires_in, 7)
  const { claims } = await verified(mySsa, tokens.id_token)
  assert.equal(Number(claims.exp) - Number(claims.iat), 90)
})

test('a killed process loses nothing that it acknowledged: requests, sessions, codes, tokens, keys', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'my-ssa-killed-'))
  const databaseUrl = `sqlite:${join(folder, 'my-ssa.sqlite')}`
  const secrets = deriveSecrets(randomBytes(32))
  // Nothing is closed in an orderly way: the next process opens the file as the last one left it.
  const started: MySsa[] = []
  t.after(async () => {
    for (const one of started) await one.app.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const browser = (await next()).browser()
  async function next() {
    const mySsa = await startMySsa({ databaseUrl, secrets })
    started.push(mySsa)
    return mySsa
  }
  /** The same browser after a restart. */
  async function restarted() {
    const mySsa = await next()
    browser.movesTo(mySsa.app)
    return mySsa
  }
  const keys = (await started[0]?.app.inject('/jwks'))?.body
  await browser.open(authorizeUrl())
  await restarted()
  const back = await browser.submit(PATHS.signIn, { username: 'MariaExample84', password: PASSWORD })
  const code = new URL(String(back.headers.location)).searchParams.get('code') ?? ''
  let mySsa = await restarted()
  const tokens = (await postToken(mySsa, await tokenParameters(code))).json()
  mySsa = await restarted()
  assert.equal((await userInfo(mySsa, tokens.access_token)).statusCode, 200)
  assert.ok((await verified(mySsa, tokens.id_token)).claims.sub)
  assert.equal((await mySsa.app.inject('/jwks')).body, keys)
  assert.ok(await codeOf(browser), 'still signed in')
  assert.equal((await postToken(mySsa, await tokenParameters(code))).json().error, 'invalid_grant')
  assert.equal((await userInfo(mySsa, tokens.access_token)).statusCode, 401)
})

onEveryEngine((engine) => {
  // Nobody shares what is in memory.
  if (!engine.lasts) return
  test('two processes over one database have the same keys, people and clients, and answer alike', async (t) => {
    const databaseUrl = await engine.freshDatabase()
    const secrets = deriveSecrets(randomBytes(32))
    // The tables are there before both make what is lacking.
    const first = await startMySsa({ databaseUrl, secrets })
    await first.ground.database.deleteFrom('signingKeys').execute()
    const [one, other] = await Promise.all([1, 2].map(() => startMySsa({ databaseUrl, secrets })))
    t.after(async () => {
      for (const mySsa of [first, one, other]) await mySsa?.app.close()
    })
    assert.ok(one && other)
    assert.equal((await one.app.inject('/jwks')).body, (await other.app.inject('/jwks')).body)
    const people = await one.ground.database.selectFrom('usernames').selectAll().execute()
    assert.equal(people.length, 3)

    const code = await codeOf(await one.signedIn('maria'))
    const uses = await Promise.all(
      [one, other, one, other].map(async (mySsa) => postToken(mySsa, await tokenParameters(code))),
    )
    assert.equal(uses.filter(({ statusCode }) => statusCode === 200).length, 1)

    const tokens = await tokensFor(one, await one.signedIn('maria'))
    const rows: unknown[] = []
    for (const table of ['clients', 'oidcModels', 'sessions', 'signingKeys', 'accounts', 'auditEvents']) {
      rows.push(...(await one.ground.database.selectFrom(table).selectAll().execute()))
    }
    const kept = JSON.stringify(rows)
    for (const secret of [code, tokens.access_token, POSTS.client_secret, PASSWORD, '987654325']) {
      assert.ok(secret && !kept.includes(secret))
    }
    assert.ok(!/"d\\*":/.test(kept), 'no private key')
  })
})
