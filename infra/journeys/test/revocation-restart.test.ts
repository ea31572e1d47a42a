import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { PersonasFile } from '@gatehouse/contracts/personas'
import type { Persona } from '@gatehouse/testkit/gatehouse'
import { administratorClient, signInHeadless } from '@gatehouse/testkit/sign-in'
import { startGatewayProcess } from '../src/gateway-process.ts'
import { verify } from '../src/gateway-requests.ts'
import { freePortBase, startSuiteProcess } from '../src/suite-process.ts'

const dataDirectory = await mkdtemp(join(tmpdir(), 'gatehouse-revocation-'))
const portBase = await freePortBase()
let suite = await startSuiteProcess(dataDirectory, portBase)
const gateway = await startGatewayProcess(suite.urls, dataDirectory)
after(async () => {
  await gateway.kill()
  await suite.kill()
  await rm(dataDirectory, { recursive: true, force: true })
})

/** Until sign-in is back and every service has its keys again. */
const PATIENCE = 90_000

const { personas }: PersonasFile = JSON.parse(await readFile(join(dataDirectory, 'personas.json'), 'utf8'))

function persona(id: string): Persona {
  const found = personas.find((one) => one.id === id)
  assert.ok(found)
  return found
}

test('no kill of sign-in gives a revoked token back, and a gateway that lost sign-in refuses everybody until it has it again', {
  timeout: 280_000,
}, async () => {
  const { urls } = suite
  const revoked = (await signInHeadless({ urls, persona: persona('maria') })).tokens.access_token
  const valid = (await signInHeadless({ urls, persona: persona('maria') })).tokens.access_token
  const rosa = await signInHeadless({
    urls,
    persona: persona('rosa'),
    client: administratorClient,
    securityKey: true,
  })
  for (const token of [revoked, valid]) assert.equal((await verify(gateway.urls, { token })).status, 200)

  const sid = JSON.parse(Buffer.from(String(revoked.split('.')[1]), 'base64url').toString()).sid
  const answer = await fetch(`${urls.admin}/api/revocations`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${rosa.tokens.access_token}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ target: { kind: 'session', value: sid }, reason: 'A phone was lost' }),
    signal: AbortSignal.timeout(20_000),
  })
  const { act, revocation } = (await answer.json()) as {
    act: { state: string }
    revocation: { enforcement: { state: string }[] }
  }
  // At once, before anybody could have noticed an acknowledgement that never came.
  await suite.kill()
  assert.equal(act.state, 'done')
  assert.ok(revocation.enforcement.length >= 2, 'the suite has a gateway, and here is another')
  assert.equal((await verify(gateway.urls, { token: revoked })).status, 401)

  let blind = await verify(gateway.urls, { token: valid })
  for (const until = performance.now() + PATIENCE; performance.now() < until; await pause(50)) {
    blind = await verify(gateway.urls, { token: valid })
    if (blind.problem.code === 'revocations_unknown') break
  }
  assert.equal(blind.status, 503)
  assert.equal(blind.problem.code, 'revocations_unknown')
  assert.equal(blind.headers.get('retry-after'), '1')

  suite = await startSuiteProcess(dataDirectory, portBase)
  const seen = new Set<number>()
  let open = 503
  for (const until = performance.now() + PATIENCE; open !== 200 && performance.now() < until; ) {
    seen.add((await verify(gateway.urls, { token: revoked })).status)
    open = (await verify(gateway.urls, { token: valid })).status
    await pause(50)
  }
  assert.equal(open, 200)
  assert.equal((await verify(gateway.urls, { token: revoked })).status, 401)
  assert.equal((await verify(suite.urls, { token: revoked })).status, 401, 'at the restarted gateway too')
  assert.ok(!seen.has(200), 'never in between')
})
