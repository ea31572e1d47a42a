import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startService } from '@gatehouse/http/running-service'
import { service } from '../src/service.ts'
import { browser, location, pathOf } from './browser.ts'
import { startStubGateway } from './stub-gateway.ts'
import { startStubSignIn } from './stub-sign-in.ts'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

test('a sign-in under way and a session outlive a restart, and no log line tells a secret of either', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bso-'))
  const [signIn, gateway, port] = await Promise.all([startStubSignIn(), startStubGateway(), freePort()])
  const environment = {
    PROFILE: 'test',
    HOST: '127.0.0.1',
    PORT: String(port),
    DATA_DIR: folder,
    LOG_LEVEL: 'trace',
    LOG_FILE: join(folder, 'log'),
    BSO_URL: `http://localhost:${port}`,
    SIGN_IN_URL: signIn.url,
    GATEWAY_URL: gateway.url,
  }
  let running = await startService(service, environment)
  async function restart() {
    await running.close()
    running = await startService(service, environment)
  }
  try {
    signIn.clientKeys = (await running.app.inject('/.well-known/jwks.json')).json()
    const person = browser((request) => running.app.inject(request))
    const authorization = await person.begin('/cbsv/online-verification')
    const callback = signIn.approve(authorization)

    await restart()
    assert.equal(location(await person.get(pathOf(callback))), '/cbsv/online-verification')
    await person.get('/cbsv/online-verification')

    await restart()
    const entries = { 'ssn-1': '987654320', 'firstName-1': 'Avery', 'lastName-1': 'Sample' }
    assert.equal((await person.post('/cbsv/online-verification', entries)).statusCode, 200)

    gateway.answer = () => ({ status: 401, body: {} })
    signIn.endGrants()
    assert.match((await person.post('/cbsv/online-verification', entries)).body, /Your session ended/)
    await person.get(`/callback?state=${callback.searchParams.get('state')}&code=a-second-code`)
    await person.get(pathOf(signIn.deny(await person.begin(), 'server_error', 'a-long-description')))
    await running.close()

    const lines = await readFile(environment.LOG_FILE, 'utf8')
    assert.match(lines, /"path":"\/callback"/)
    const query = Object.fromEntries([...authorization.searchParams, ...callback.searchParams])
    const secrets = [query.state, query.nonce, query.code, query.code_challenge, ...person.cookies.values()]
    for (const secret of [...secrets, ...signIn.tokensIssued, ...Object.values(entries)])
      assert.ok(secret && !lines.includes(secret))
    for (const text of ['Maria', '960001012', 'a-second-code', 'a-long-description'])
      assert.ok(!lines.includes(text), text)
  } finally {
    await running.close()
    await Promise.all([signIn.close(), gateway.close()])
    await rm(folder, { recursive: true })
  }
})
