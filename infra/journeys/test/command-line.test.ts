import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { MY_SSA_ACR } from '@gatehouse/contracts/my-ssa'
import { startGatehouse } from '@gatehouse/testkit/gatehouse'
import { createRemoteJWKSet, jwtVerify } from 'jose'

const program = fileURLToPath(import.meta.resolve('@gatehouse/cli/main'))
const gatehouse = await startGatehouse()
after(() => gatehouse.close())
const { urls } = gatehouse

/** The command line in a process of its own, pointed at the suite of this test. */
async function run(args: string[], { input = '', dataDirectory = gatehouse.dataDirectory } = {}) {
  const child = spawn(process.execPath, [program, ...args, '--data', dataDirectory], {
    env: { ...process.env, GATEHOUSE_URLS: JSON.stringify(urls) },
    timeout: 180_000,
  })
  child.stdin.end(input)
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { status, stdout, stderr }
}

test('sign-in --json prints the tokens of a whole sign-in, which the keys of sign-in verify', async () => {
  const { status, stdout, stderr } = await run(['sign-in', '--persona', 'maria', '--json'])
  assert.equal(stderr, '')
  assert.equal(status, 0)
  const { access_token, id_token, expires_in, claims } = JSON.parse(stdout)
  assert.equal(expires_in, 300)
  const keys = createRemoteJWKSet(new URL(`${urls['sign-in']}/jwks`))
  const verified = await jwtVerify(access_token, keys, {
    issuer: urls['sign-in'],
    audience: 'urn:gatehouse:cbsv',
    typ: 'at+jwt',
    algorithms: ['ES256'],
  })
  assert.deepEqual(claims, verified.payload)
  assert.equal(claims.bso_user_id, 'MARIA7K2')
  const identity = await jwtVerify(id_token, keys, { issuer: urls['sign-in'], audience: 'gatehouse-cli' })
  assert.equal(identity.payload.sub, claims.sub)
})

test('sign-in tells in plain words what the token says, and the tokens last', async () => {
  const { status, stdout } = await run(['sign-in', '--persona', 'james', '--ein', '96-0001012'])
  assert.equal(status, 0)
  assert.match(stdout, /^ {2}bso_user_id +JAMES4Q9$/m)
  assert.match(stdout, /^ {2}exp +\d+ {2}\(\d{4}-\d\d-\d\dT/m)
  assert.match(stdout.trimEnd(), /\nid_token eyJ[\w-]+\.[\w-]+\.[\w-]+$/)
})

test('sign-in goes by way of the provider that is asked for, and names those there are', async () => {
  const signedIn = await run(['sign-in', '--provider', 'id.me', '--json'])
  assert.equal(signedIn.status, 0, signedIn.stderr)
  assert.equal(JSON.parse(signedIn.stdout).claims.idp, 'id.me')
  const refused = await run(['sign-in', '--provider', 'elsewhere'])
  assert.equal(refused.status, 2)
  assert.match(refused.stderr, /--provider takes login\.gov, id\.me or my-ssa/)
})

test('sign-in --admin gives a token for the interface of the console, which the console takes', async () => {
  const { status, stdout, stderr } = await run(['sign-in', '--admin', '--json'])
  assert.equal(status, 0, stderr)
  const { access_token, claims } = JSON.parse(stdout)
  assert.deepEqual([claims.aud, claims.amr], ['urn:gatehouse:admin', ['mfa', 'phr']])
  const response = await fetch(`${urls.admin}/api/me`, {
    headers: { authorization: `Bearer ${access_token}` },
  })
  assert.equal(response.status, 200)
  const { email, rights } = (await response.json()) as { email: string; rights: string[] }
  assert.deepEqual([email, rights], ['rosa@example.com', ['viewer', 'revoker']])
  const refused = await run(['sign-in', '--admin', '--provider', 'id.me'])
  assert.equal(refused.status, 2)
})

test('sign-in by way of my Social Security says whether it was with extra security, also for who has no User ID', async () => {
  const said = async (...args: string[]) => {
    const { status, stdout, stderr } = await run(['sign-in', '--provider', 'my-ssa', '--json', ...args])
    assert.equal(status, 0, stderr)
    return JSON.parse(stdout).claims
  }
  const daniel = await said('--persona', 'daniel')
  assert.equal(daniel.idp, 'my-ssa')
  assert.equal(daniel.acr, MY_SSA_ACR.withExtraSecurity)
  assert.deepEqual(daniel.amr, ['pwd', 'sms', 'mfa'])
  assert.deepEqual([daniel.bso_user_id, daniel.scope], [undefined, undefined])
  const maria = await said()
  assert.equal(maria.acr, MY_SSA_ACR.withPassword)
  assert.deepEqual(maria.amr, ['pwd'])
  assert.deepEqual([maria.bso_user_id, maria.scope], ['MARIA7K2', undefined])
  const refused = await run(['sign-in', '--provider', 'my-ssa', '--channel', 'call'])
  assert.equal(refused.status, 2)
  assert.match(refused.stderr, /by text only/)
})

test('letters prints the code of the letter, with which the next sign-in enables extra security', async () => {
  const ruth = ['--persona', 'ruth']
  assert.match((await run(['letters', ...ruth])).stdout, /^There is no letter at 700 Example Street\.$/m)
  const signIn = ['sign-in', '--provider', 'my-ssa', '--json', ...ruth]
  const skipped = await run(signIn)
  assert.equal(JSON.parse(skipped.stdout).claims.acr, MY_SSA_ACR.withPassword, skipped.stderr)
  const { stdout } = await run(['letters', ...ruth])
  assert.match(stdout, /Printed +From +Subject +Code\n +\d{4}-\d\d-\d\d .*Your account upgrade code +\d{7}$/m)
  const { letters } = JSON.parse((await run(['letters', ...ruth, '--json'])).stdout)
  assert.equal(letters.length, 1)
  assert.ok(stdout.includes(letters[0].code))
  assert.equal((await fetch(letters[0].pdf)).headers.get('content-type'), 'application/pdf')
  const enabled = await run([...signIn, '--extra-security', 'enable'])
  assert.equal(JSON.parse(enabled.stdout).claims.acr, MY_SSA_ACR.withExtraSecurity, enabled.stderr)
  assert.match((await run(['letters', '--ein', '96-0002037'])).stdout, /no letter at 2 Mortgage Avenue/)
  const unknown = await run(['letters', '--ein', '960009999'])
  assert.deepEqual([unknown.status, unknown.stdout], [1, ''])
  assert.match(unknown.stderr, /There are: 960001012, 960002037/)
})

test('verify without a name and SSN asks about three documented number holders, one of each result', async () => {
  const json = await run(['verify', '--json'])
  assert.equal(json.status, 0)
  const { results } = JSON.parse(json.stdout) as { results: { ssn: string; result: string }[] }
  assert.deepEqual(
    results.map(({ result }) => result),
    ['Yes', 'No', 'Deceased'],
  )
  for (const { ssn } of results) assert.match(ssn, /^XXXXX\d{4}$/)
})

test('verify asks about one person, with the SSN from standard input where it is to stay off the screen', async () => {
  const args = ['verify', '--ssn', '-', '--first', 'Avery', '--middle', 'Lee', '--last', 'Sample']
  const { status, stdout } = await run([...args, '--dob', '04121975', '--gender', 'F'], {
    input: '987654320\n',
  })
  assert.equal(status, 0)
  assert.match(stdout, /XXXXX4320 +Avery Lee Sample +04121975 +F +Yes/)
  assert.ok(!stdout.includes('987654320'))
})

test('verify says which field breaks which rule, with status 1', async () => {
  const { status, stdout, stderr } = await run([
    'verify',
    '--ssn',
    '987-65-4320',
    '--first',
    'A',
    '--last',
    'B',
  ])
  assert.equal(status, 1)
  assert.equal(stdout, '')
  assert.match(stderr, /ssn: .*hyphens/)
  assert.ok(!stderr.includes('987-65-4320'))
})

test('somebody whose User ID has no CBSV is refused at the gateway, in one sentence', async () => {
  const { status, stderr } = await run(['verify', '--persona', 'james', '--ein', '960002037'])
  assert.equal(status, 1)
  assert.equal(stderr.trim().split('\n').length, 1)
  assert.match(stderr, /access token/)
})

test('a sign-in that cannot end says where it stopped, with status 1', async () => {
  const { status, stdout, stderr } = await run(['sign-in', '--persona', 'oliver'])
  assert.equal(status, 1)
  assert.equal(stdout, '')
  assert.match(stderr, /^The sign-in stopped at “We could not verify your identity”/)
  const unknown = await run(['sign-in', '--persona', 'nobody'])
  assert.equal(unknown.status, 1)
  assert.match(unknown.stderr, /maria, james, nadia, oliver/)
})

test('register gives a relying service its client_id and client_secret, which the token endpoint knows', async () => {
  const redirectUri = 'http://localhost:9/callback'
  const args = ['register', '--name', 'Shop', '--redirect-uri', redirectUri, '--scope', 'openid profile bso']
  const { status, stdout } = await run([...args, '--json'])
  assert.equal(status, 0)
  const { client_id, client_secret, redirect_uris } = JSON.parse(stdout)
  assert.deepEqual(redirect_uris, [redirectUri])
  const exchange = async (secret: string) => {
    const response = await fetch(`${urls['sign-in']}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${client_id}:${secret}`).toString('base64')}` },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code: 'none',
        redirect_uri: redirectUri,
        code_verifier: 'v'.repeat(43),
      }),
    })
    return ((await response.json()) as { error: string }).error
  }
  assert.equal(await exchange(client_secret), 'invalid_grant')
  assert.equal(await exchange('wrong'), 'invalid_client')
})

test('register names the providers that people may choose, and says which there are', async () => {
  const args = ['register', '--name', 'Shop', '--redirect-uri', 'http://localhost:9/callback', '--json']
  const { stdout } = await run([...args, '--provider', 'my-ssa', '--provider', 'login.gov'])
  assert.deepEqual(JSON.parse(stdout).identity_providers, ['my-ssa', 'login.gov'])
  const { status, stderr } = await run([...args, '--provider', 'elsewhere'])
  assert.equal(status, 1)
  assert.match(stderr, /identity_providers must be an array of one or more of login\.gov, id\.me, my-ssa/)
})

test('without the operator token of the suite nothing is registered', async () => {
  const args = ['register', '--name', 'Shop', '--redirect-uri', 'http://localhost:9/callback']
  const { status, stderr } = await run(args, { dataDirectory: '/nowhere' })
  assert.equal(status, 1)
  assert.match(stderr, /operator-token cannot be read. Say with --data/)
})

test('rotate-keys puts other keys in force, and what the old ones signed stays good', async () => {
  const keyIds = async () => {
    const response = await fetch(`${urls['sign-in']}/jwks`)
    return ((await response.json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid)
  }
  const signedIn = JSON.parse((await run(['sign-in', '--json'])).stdout)
  const before = await keyIds()
  const { status, stdout } = await run(['rotate-keys', '--json'])
  assert.equal(status, 0)
  const { current } = JSON.parse(stdout)
  for (const kid of current) assert.ok(before.includes(kid), 'the next key was known before')
  const verified = await fetch(`${urls.gateway}/cbsv/verifications`, {
    method: 'POST',
    headers: { authorization: `Bearer ${signedIn.access_token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ requests: [{ ssn: '987654320', firstName: 'Avery', lastName: 'Sample' }] }),
  })
  assert.equal(verified.status, 200)
  const [header] = JSON.parse((await run(['sign-in', '--json'])).stdout).access_token.split('.')
  assert.ok(current.includes(JSON.parse(Buffer.from(header, 'base64url').toString()).kid))
})
