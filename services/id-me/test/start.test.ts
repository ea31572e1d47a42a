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
import {
  AGENCY,
  authorizeUrl,
  codeFor,
  type IdMe,
  postToken,
  startIdMe,
  tokenParameters,
  userInfo,
} from './support/id-me.ts'

test('the mock does not start where PROFILE is live, and names a setting it cannot use', async () => {
  const start = (environment: Record<string, string>) => startIdMe({ environment })
  await assert.rejects(start({ PROFILE: 'live' }), /PROFILE is test only/)
  await assert.rejects(start({ FORM_ACTION_ORIGINS: 'localhost' }), /FORM_ACTION_ORIGINS must be/)
  await assert.rejects(start({ LIMITS: '{"accessTokenMs":0}' }), /accessTokenMs/)
  await assert.rejects(start({ OPERATOR_TOKEN: 'short' }), /OPERATOR_TOKEN/)
})

test('lifetimes are those of LIMITS', async () => {
  const idMe = await startIdMe({ environment: { LIMITS: '{"accessTokenMs":7000}' } })
  const tokens = await postToken(idMe.app, tokenParameters(await codeFor(idMe)))
  assert.equal(tokens.json().expires_in, 7)
  await idMe.app.close()
})

test('a killed process loses nothing that it acknowledged: codes, tokens, keys, and what was used', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'id-me-killed-'))
  const databaseUrl = `sqlite:${join(folder, 'id-me.sqlite')}`
  const secrets = deriveSecrets(randomBytes(32))
  // Nothing is closed in an orderly way: the next process opens the file as the last one left it.
  const started: IdMe[] = []
  async function next() {
    const idMe = await startIdMe({ databaseUrl, secrets })
    started.push(idMe)
    return idMe
  }
  let idMe = await next()
  const keys = (await idMe.app.inject('/oidc/.well-known/jwks')).body
  const cookie = await idMe.cookieOf('maria')
  await idMe.allowAll('maria')
  idMe = await next()
  const back = await idMe.app.inject({ url: authorizeUrl(), headers: { cookie } })
  const code = new URL(String(back.headers.location)).searchParams.get('code') ?? ''
  idMe = await next()
  const tokens = await postToken(idMe.app, tokenParameters(code))
  assert.equal(tokens.statusCode, 200, tokens.body)
  idMe = await next()
  assert.equal((await userInfo(idMe.app, tokens.json().access_token)).statusCode, 200)
  idMe = await next()
  assert.equal((await userInfo(idMe.app, tokens.json().access_token)).statusCode, 401)
  assert.equal((await postToken(idMe.app, tokenParameters(code))).json().error, 'invalid_grant')
  assert.equal((await idMe.app.inject('/oidc/.well-known/jwks')).body, keys)
  for (const one of started) await one.app.close()
  rmSync(folder, { recursive: true, force: true })
})

onEveryEngine((engine) => {
  test('the wire is the same on every engine, and nothing that could be used is in the tables', async () => {
    const idMe = await startIdMe({ databaseUrl: await engine.freshDatabase() })
    const code = await codeFor(idMe)
    const uses = await Promise.all([1, 2, 3].map(() => postToken(idMe.app, tokenParameters(code))))
    assert.equal(uses.filter(({ statusCode }) => statusCode === 200).length, 1)
    const tokens = (await postToken(idMe.app, tokenParameters(await codeFor(idMe)))).json()
    const asked = await Promise.all([1, 2, 3].map(() => userInfo(idMe.app, tokens.access_token)))
    assert.equal(asked.filter(({ statusCode }) => statusCode === 200).length, 1)
    const refresh = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token, ...AGENCY }
    const renewed = await Promise.all([1, 2, 3].map(() => postToken(idMe.app, refresh)))
    assert.equal(renewed.filter(({ statusCode }) => statusCode === 200).length, 1)

    const rows: unknown[] = []
    for (const table of ['clients', 'grants', 'tokens', 'sessions', 'auditEvents']) {
      rows.push(...(await idMe.ground.database.selectFrom(table).selectAll().execute()))
    }
    const kept = JSON.stringify(rows)
    for (const secret of [code, tokens.access_token, tokens.refresh_token, AGENCY.client_secret])
      assert.ok(!kept.includes(secret))
    await idMe.app.close()
  })
})
