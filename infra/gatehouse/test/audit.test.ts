// A suite on files of its own: people sign in and verify, and then the audit trails are judged, from outside and over HTTP.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { auditTrail } from '@gatehouse/contracts/audit'
import { createServiceCalls, type ServiceCalls } from '@gatehouse/contracts/calls'
import { recentVerifications } from '@gatehouse/contracts/cbsv'
import { credentialHolders } from '@gatehouse/contracts/credential-holders'
import { sentCodes } from '@gatehouse/contracts/one-time-codes'
import { SERVICE_NAMES } from '@gatehouse/contracts/services'
import { startGatehouse } from '@gatehouse/testkit/gatehouse'
import { commandLineClient, signInHeadless } from '@gatehouse/testkit/sign-in'
import { createServiceTokens } from '@gatehouse/tokens/service-tokens'

const PROGRAM = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const SSN = '987654320'

let directory: string
let suite: Awaited<ReturnType<typeof startGatehouse>>
let calls: ServiceCalls

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gatehouse-audit-'))
  suite = await startGatehouse({ dataDirectory: directory })
  const { urls } = suite
  calls = createServiceCalls({
    urls,
    tokens: createServiceTokens({
      clientId: 'admin',
      privateKey: JSON.parse(await readFile(join(directory, 'admin', 'service-key.json'), 'utf8')),
      tokenEndpoint: `${urls['sign-in']}/token`,
      fetch,
    }),
    fetch,
    requestId: () => undefined,
  })
  const { tokens } = await signInHeadless({ urls, persona: suite.persona('maria') })
  const verified = await fetch(`${urls.gateway}/cbsv/verifications`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokens.access_token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ requests: [{ ssn: SSN, firstName: 'Avery', lastName: 'Sample' }] }),
  })
  assert.equal(verified.status, 200)
  await signInHeadless({ urls, persona: suite.persona('maria'), provider: 'id.me' })
  const client = { ...commandLineClient, scope: 'openid profile' }
  await signInHeadless({ urls, persona: suite.persona('daniel'), provider: 'my-ssa', client })
})
after(async () => {
  await stop()
  await rm(directory, { recursive: true, force: true })
})

let isRunning = true
/** Stops the suite, once. */
async function stop(): Promise<void> {
  if (isRunning) await suite?.close()
  isRunning = false
}

/** Not in this process, in which the suite runs. */
function gatehouse(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const { GATEHOUSE_URLS: _, DATABASE_URL: __, SERVICE_SECRET: ___, ...env } = process.env
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [PROGRAM, ...args, '--data', directory],
      { timeout: 60_000, env },
      (error, stdout, stderr) => resolve({ status: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })
}

/** What the owner of a service's database may do, past its triggers. */
function tamper(service: string, ...changes: string[]): void {
  const database = new DatabaseSync(join(directory, service, `${service}.sqlite`), { timeout: 5_000 })
  database.exec(
    'drop trigger if exists audit_events_no_update; drop trigger if exists audit_events_no_delete',
  )
  for (const change of changes) database.exec(change)
  database.close()
}

test('no audit trail of the suite holds an SSN, a phone number, a password or a token after people signed in and verified', async () => {
  const forbidden = suite.personas.flatMap(({ ssn, phoneNumber, password }) =>
    [ssn, phoneNumber, phoneNumber.slice(2), password].filter((each) => each !== undefined),
  )
  let entries = 0
  for (const service of SERVICE_NAMES) {
    const { events } = await auditTrail(calls, service).page({ limit: 200 })
    entries += events.length
    const told = JSON.stringify(events)
    for (const secret of [SSN, ...forbidden]) assert.ok(!told.includes(secret), service)
    assert.doesNotMatch(told, /(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])|eyJ[\w-]{10}/, service)
    assert.deepEqual((await auditTrail(calls, service).verify()).intact, true, service)
  }
  assert.ok(entries > 10, `${entries} entries`)
})

test('from a credential as sign-in has it administrators come to the codes that were sent for it', async () => {
  const database = new DatabaseSync(join(directory, 'sign-in', 'sign-in.sqlite'), { readOnly: true })
  const credentials = database.prepare('select idp, subject from credentials').all()
  database.close()
  const services = { 'login.gov': 'login-gov', 'id.me': 'id-me', 'my-ssa': 'my-ssa' } as const
  assert.deepEqual(credentials.map(({ idp }) => idp).toSorted(), Object.keys(services).toSorted())
  for (const { idp, subject } of credentials) {
    const service = services[idp as keyof typeof services]
    const holders = credentialHolders(calls, service)
    const holder = await holders.bySubject(String(subject))
    assert.ok(holder, service)
    assert.deepEqual(await holders.byOwner(holder.owner), holder)
    const { codes } = await sentCodes(calls).ofOwner(service, holder.owner)
    assert.equal(codes.length, 1, service)
    assert.deepEqual([codes[0]?.phoneNumberEnding], holder.phoneNumberEndings)
    const found = await holders.byPhoneNumberEnding(codes[0]?.phoneNumberEnding ?? '')
    assert.ok(found.some(({ owner }) => owner === holder.owner))
  }
  const [userId] = suite.persona('maria').userIds
  const { verifications } = await recentVerifications(calls).of({ bsoUserId: userId?.bsoUserId ?? '' })
  assert.deepEqual(
    verifications.map(({ maskedSsn, result }) => [maskedSsn, result]),
    [['XXXXX4320', 'Yes']],
  )
})

test('the trails are verified while the suite runs, and the first broken entry of each is named', async () => {
  const whole = await gatehouse('audit', 'verify')
  assert.deepEqual([whole.status, whole.stderr], [0, ''], whole.stdout)
  assert.match(whole.stdout, /sign-in +\d+ +intact/)
  assert.match(whole.stdout, /Every audit trail is what was recorded\./)

  const heads = await gatehouse('audit', 'head', '--json')
  assert.equal(heads.status, 0)
  const noted = join(directory, 'sign-in', 'heads.json')
  await writeFile(noted, heads.stdout)
  const { sequence } = JSON.parse(heads.stdout).heads['sign-in']
  assert.ok(sequence >= 3)
  assert.equal((await gatehouse('audit', 'verify', '--heads', noted)).status, 0)

  tamper('login-gov', "update audit_events set actor = 'nobody' where sequence = 2")
  tamper(
    'sign-in',
    `delete from audit_events where sequence = ${sequence}`,
    'update audit_head set (sequence, hash) = (select sequence, hash from audit_events order by sequence desc limit 1)',
  )
  const broken = await gatehouse('audit', 'verify')
  assert.deepEqual([broken.status, broken.stderr], [1, ''])
  assert.match(broken.stdout, /login-gov +1 +BROKEN: entry 2 is not what was recorded/)
  assert.match(broken.stdout, /sign-in +\d+ +intact/, 'a cut end is a chain by itself')
  assert.match(broken.stdout, /Broken: login-gov\./)

  const cut = JSON.parse(
    (await gatehouse('audit', 'verify', '--heads', noted, '--service', 'sign-in', '--json')).stdout,
  )
  assert.equal(cut.intact, false)
  assert.deepEqual(cut.services, [
    {
      service: 'sign-in',
      entries: sequence - 1,
      intact: false,
      firstBroken: { sequence, problem: 'missing' },
    },
  ])
})

test('the trails are verified as well when the suite is down, and a database that is gone is found out', async () => {
  await stop()
  assert.equal((await gatehouse('audit', 'verify', '--service', 'cbsv')).status, 0)
  const file = join(directory, 'cbsv', 'cbsv.sqlite')
  await rename(file, `${file}.away`)
  const gone = await gatehouse('audit', 'verify', '--service', 'cbsv')
  assert.equal(gone.status, 1)
  assert.match(gone.stdout, /BROKEN: database missing/)
  await rm(join(directory, 'cbsv', 'secret'))
  assert.match((await gatehouse('audit', 'verify', '--service', 'cbsv')).stdout, /never started/)
})

test('what cannot be understood or read is said with a status of its own', async () => {
  const nowhere = await gatehouse('audit', 'verify', '--heads', join(directory, 'nothing.json'))
  assert.deepEqual([nowhere.status, nowhere.stdout], [1, ''])
  for (const args of [['audit'], ['audit', 'check'], ['audit', 'verify', '--service', 'nobody']]) {
    const { status, stdout, stderr } = await gatehouse(...args)
    assert.deepEqual([status, stdout], [2, ''], args.join(' '))
    assert.match(stderr, /audit verify|--service takes/)
  }
})
