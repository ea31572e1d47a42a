import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { PersonasFile } from '@gatehouse/contracts/personas'
import { portsFrom, servicesWithTakenPort, urlsAt } from '@gatehouse/launcher/addresses'
import { documentedRequests } from '@gatehouse/numident/documented'
import { postgresBinaries, startPostgres } from '@gatehouse/storage/postgres-for-tests'
import { redisProgram, startRedis } from '@gatehouse/storage/redis-for-tests'
import { signInHeadless } from '@gatehouse/testkit/sign-in'
import { composeUp } from '../src/compose.ts'

const binaries = postgresBinaries()

/** Ports that are free together, away from those that people use. */
async function freePorts() {
  for (let base = 21_000; base < 60_000; base += 1_000) {
    const ports = portsFrom(base)
    if ((await servicesWithTakenPort(ports)).length === 0) return ports
  }
  throw new Error('no free ports')
}

test('the services of the compose file, each a process of its own on PostgreSQL, sign a person in and verify', {
  skip: binaries ? false : `PostgreSQL not found for ${process.platform}-${process.arch}`,
  timeout: 180_000,
}, async () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'gatehouse-compose-'))
  after(() => rmSync(dataDirectory, { recursive: true, force: true }))
  const postgres = await startPostgres(binaries as string)
  after(() => postgres.stop())
  const program = redisProgram()
  const redis = program ? await startRedis(program) : undefined
  after(() => redis?.stop())
  const urls = urlsAt(await freePorts())
  const stop = await composeUp({
    urls,
    dataDirectory,
    databaseUrl: await postgres.freshDatabase(),
    redisUrl: redis?.url,
    given: {
      LAB_ACCOUNT_SID: `AC${randomBytes(16).toString('hex')}`,
      LAB_AUTH_TOKEN: randomBytes(16).toString('hex'),
    },
  })
  try {
    const { personas } = JSON.parse(
      readFileSync(join(dataDirectory, 'personas.json'), 'utf8'),
    ) as PersonasFile
    const maria = personas.find(({ id }) => id === 'maria')
    assert.ok(maria)
    const { tokens, claims } = await signInHeadless({ urls, persona: maria })
    assert.equal(claims.iss, urls['sign-in'])
    const response = await fetch(`${urls.gateway}/cbsv/verifications`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens.access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ requests: documentedRequests.map(({ request }) => request) }),
    })
    assert.equal(response.status, 200)
    const { results } = (await response.json()) as { results: { result: string }[] }
    assert.deepEqual(
      results.map(({ result }) => result),
      documentedRequests.map(({ result }) => result),
    )
  } finally {
    await stop()
  }
})
