import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { after, before, suite, test } from 'node:test'
import { UserId, UserIds } from '@gatehouse/contracts/bso-user-ids'
import { buildForTest } from '@gatehouse/http/testing'
import { Value } from 'typebox/value'
import { service } from '../src/service.ts'
import { file, personasFile, personOf } from './people.ts'

type UnderTest = Awaited<ReturnType<typeof buildForTest>>
type Method = 'GET' | 'POST' | 'DELETE'

const personas = personasFile()
after(() => rmSync(personas.directory, { recursive: true, force: true }))

suite('routes', () => {
  let underTest: UnderTest
  before(async () => {
    underTest = await buildForTest(service, { environment: { PERSONAS_FILE: personas.path } })
  })
  after(() => underTest.app.close())

  async function call(method: Method, url: string, payload?: object, headers?: Record<string, string>) {
    const scope = method === 'GET' ? 'user-ids.read' : 'user-ids.write'
    return underTest.app.inject({
      method,
      url,
      headers: headers ?? (await underTest.as('sign-in', scope)),
      ...(payload ? { payload } : {}),
    })
  }
  const association = (accountId: string, id: 'maria' | 'james' | 'nadia', change: object = {}) => ({
    accountId,
    credential: { idp: 'login.gov', subject: `subject of ${accountId}` },
    person: { ...personOf(id), ...change },
  })
  const associate = (accountId: string, id: 'maria' | 'james' | 'nadia', change: object = {}) =>
    call('POST', '/associations', association(accountId, id, change))

  async function auditOf(actor: string) {
    return underTest.ground.database
      .selectFrom('auditEvents')
      .select(['event', 'outcome', 'subject', 'details'])
      .where('actor', '=', actor)
      .execute()
  }

  test('an association answers with the User IDs of the person, and so does the list', async () => {
    const response = await associate('account-list', 'james')
    assert.equal(response.statusCode, 200)
    assert.ok(Value.Check(UserIds, response.json()))
    assert.deepEqual(
      response.json().userIds.map(({ bsoUserId }: UserId) => bsoUserId),
      ['JAMES4Q9', 'JAMES8W3'],
    )
    assert.deepEqual((await call('GET', '/accounts/account-list/user-ids')).json(), response.json())
    assert.deepEqual(await auditOf('account-list'), [
      { event: 'account.associated', outcome: 'success', subject: 'login.gov', details: '{"newLinks":2}' },
    ])
  })

  test('an account that nobody knows has no User IDs', async () => {
    const response = await call('GET', '/accounts/account-unknown/user-ids')
    assert.deepEqual([response.statusCode, response.json()], [200, { userIds: [] }])
  })

  test('an account id that must be escaped in a path arrives as it was', async () => {
    await associate('https://example.com/a b', 'maria')
    const response = await call('GET', `/accounts/${encodeURIComponent('https://example.com/a b')}/user-ids`)
    assert.equal(response.json().userIds.length, 1)
  })

  test('a selection answers with the User ID and is audited', async () => {
    await associate('account-select', 'maria')
    const choice = { bsoUserId: 'MARIA7K2', ein: '960001012' }
    const response = await call('POST', '/accounts/account-select/selections', choice)
    assert.equal(response.statusCode, 200)
    assert.deepEqual(response.json(), {
      ...choice,
      companyName: 'Example Payroll Company',
      services: ['CBSV'],
    })
    assert.deepEqual((await auditOf('account-select')).at(-1), {
      event: 'user-id.selected',
      outcome: 'success',
      subject: 'MARIA7K2',
      details: '{"ein":"960001012"}',
    })
  })

  test('a new User ID is answered with 201, without services, and is audited', async () => {
    await associate('account-request', 'nadia')
    const response = await call('POST', '/accounts/account-request/user-ids', { ein: '960002037' })
    assert.equal(response.statusCode, 201)
    const issued: UserId = response.json()
    assert.ok(Value.Check(UserId, issued))
    assert.deepEqual(issued.services, [])
    assert.deepEqual((await auditOf('account-request')).at(-1), {
      event: 'user-id.issued',
      outcome: 'success',
      subject: issued.bsoUserId,
      details: '{"ein":"960002037"}',
    })
  })

  suite('refuses', () => {
    before(async () => {
      await associate('account-maria', 'maria')
    })

    const refusals: [code: string, status: number, event: string, path: string, body: () => object][] = [
      [
        'user_id_not_linked',
        404,
        'user-id.selection-refused',
        '/accounts/account-maria/selections',
        () => ({ bsoUserId: 'JAMES4Q9', ein: '960001012' }),
      ],
      [
        'company_unknown',
        422,
        'user-id.request-refused',
        '/accounts/account-maria/user-ids',
        () => ({ ein: '960009999' }),
      ],
      [
        'user_id_exists',
        409,
        'user-id.request-refused',
        '/accounts/account-maria/user-ids',
        () => ({ ein: '960001012' }),
      ],
      [
        'person_unknown',
        409,
        'user-id.request-refused',
        '/accounts/account-nobody/user-ids',
        () => ({ ein: '960001012' }),
      ],
      [
        'account_conflict',
        409,
        'account.association-refused',
        '/associations',
        () => association('account-maria', 'james'),
      ],
      [
        'credential_conflict',
        409,
        'account.association-refused',
        '/associations',
        () => ({ ...association('account-maria', 'maria'), accountId: 'account-second' }),
      ],
    ]
    for (const [code, status, event, path, body] of refusals) {
      test(`with ${code} (${status}), and audits it`, async () => {
        const response = await call('POST', path, body())
        assert.equal(response.statusCode, status)
        assert.equal(response.json().code, code)
        assert.match(response.headers['content-type'] as string, /^application\/problem\+json/)
        const refused = await underTest.ground.database
          .selectFrom('auditEvents')
          .select(['event', 'outcome'])
          .where('details', '=', JSON.stringify({ code }))
          .execute()
        assert.deepEqual(refused, [{ event, outcome: 'refusal' }])
      })
    }
  })

  const complete = association('account-fields', 'maria')
  const invalid: [what: string, path: string, body: object, field: string][] = [
    ['an unknown field', '/associations', { ...complete, level: 2 }, 'body.level'],
    [
      'an unknown field of the person',
      '/associations',
      association('a', 'maria', { middleName: 'M' }),
      'body.person.middleName',
    ],
    [
      'an unknown field of the credential',
      '/associations',
      { ...complete, credential: { ...complete.credential, acr: '2' } },
      'body.credential.acr',
    ],
    [
      'an SSN with hyphens',
      '/associations',
      association('a', 'maria', { ssn: '987-65-4325' }),
      'body.person.ssn',
    ],
    ['an SSN as a number', '/associations', association('a', 'maria', { ssn: 987654325 }), 'body.person.ssn'],
    [
      'a date of birth in American order',
      '/associations',
      association('a', 'maria', { dateOfBirth: '03/12/1984' }),
      'body.person.dateOfBirth',
    ],
    [
      'no last name',
      '/associations',
      association('a', 'maria', { lastName: undefined }),
      'body.person.lastName',
    ],
    [
      'an empty first name',
      '/associations',
      association('a', 'maria', { firstName: '' }),
      'body.person.firstName',
    ],
    [
      'an unknown field',
      '/accounts/a/selections',
      { bsoUserId: 'MARIA7K2', ein: '960001012', x: 1 },
      'body.x',
    ],
    [
      'a User ID of nine',
      '/accounts/a/selections',
      { bsoUserId: 'MARIA7K22', ein: '960001012' },
      'body.bsoUserId',
    ],
    [
      'an EIN with a hyphen',
      '/accounts/a/selections',
      { bsoUserId: 'MARIA7K2', ein: '96-0001012' },
      'body.ein',
    ],
    ['an unknown field', '/accounts/a/user-ids', { ein: '960001012', services: ['CBSV'] }, 'body.services'],
    ['no EIN', '/accounts/a/user-ids', {}, 'body.ein'],
  ]
  for (const [what, path, body, field] of invalid) {
    test(`POST ${path} with ${what} is refused by the name of the field, without its value`, async () => {
      const response = await call('POST', path, body)
      assert.equal(response.statusCode, 400)
      assert.equal(response.json().code, 'invalid_request')
      const fields = response.json().errors.map((error: { field: string }) => error.field)
      assert.deepEqual(fields, [field])
      assert.doesNotMatch(JSON.stringify(response.json().errors), /987|1984|Maria/)
    })
  }

  const routes: [Method, string, scope: string, wrongScope: string][] = [
    ['POST', '/associations', 'user-ids.write', 'user-ids.read'],
    ['GET', '/accounts/a/user-ids', 'user-ids.read', 'user-ids.write'],
    ['POST', '/accounts/a/selections', 'user-ids.write', 'user-ids.read'],
    ['POST', '/accounts/a/user-ids', 'user-ids.write', 'user-ids.read'],
  ]
  for (const [method, url, scope, wrongScope] of routes) {
    test(`${method} ${url} needs a token of sign-in with ${scope} (RFC 6750 section 3.1)`, async () => {
      const answers = await Promise.all([
        call(method, url, undefined, {}),
        call(
          method,
          url,
          undefined,
          await underTest.as('sign-in', scope, { aud: 'urn:gatehouse:service:terms' }),
        ),
        call(method, url, undefined, await underTest.as('sign-in', wrongScope)),
        call(method, url, undefined, await underTest.as('bso', scope)),
      ])
      assert.deepEqual(
        answers.map((answer) => [answer.statusCode, answer.json().code]),
        [
          [401, 'invalid_token'],
          [401, 'invalid_token'],
          [403, 'insufficient_scope'],
          [403, 'insufficient_scope'],
        ],
      )
    })
  }

  test('of twenty concurrent calls that request a User ID, one is answered with 201 and the others with 409', async () => {
    await associate('account-race', 'nadia', { ssn: '987654329' })
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => call('POST', '/accounts/account-race/user-ids', { ein: '960001012' })),
    )
    const statuses = answers.map(({ statusCode }) => statusCode).sort()
    assert.deepEqual(statuses, [201, ...Array.from({ length: 19 }, () => 409)])
  })

  test('no SSN is kept in clear, logged, answered or audited, whatever goes wrong', async () => {
    const { app, ground, logLines } = underTest
    const ssn = '987654324'
    await associate('account-secret', 'nadia', { ssn })
    await associate('account-secret', 'nadia', { ssn, dateOfBirth: '1991-07-05' })
    await associate('account-secret', 'nadia', { ssn: `${ssn}0` })
    await call('POST', '/associations', association('account-secret', 'nadia', { ssn, note: ssn }))
    const headers = await underTest.as('sign-in', 'user-ids.write')
    const broken = await app.inject({
      method: 'POST',
      url: '/associations',
      headers: { ...headers, 'content-type': 'application/json' },
      payload: `{"ssn":"${ssn}",`,
    })
    assert.equal(broken.json().code, 'invalid_json')
    assert.doesNotMatch(broken.body, new RegExp(ssn))

    assert.ok(logLines.length > 0)
    assert.doesNotMatch(logLines.join(), new RegExp(`${ssn}|Specimen|SPECIMEN|1991-07`))
    for (const table of ['accounts', 'credentials', 'userIds', 'links', 'auditEvents', 'keyValue']) {
      const rows = JSON.stringify(await ground.database.selectFrom(table).selectAll().execute())
      for (const { ssn = '' } of file.personas) assert.doesNotMatch(rows, new RegExp(ssn), table)
      assert.doesNotMatch(rows, new RegExp(ssn), table)
    }
    const audited = JSON.stringify(await ground.database.selectFrom('auditEvents').selectAll().execute())
    // The whole date: hashes are in there, in which any four digits may turn up.
    assert.doesNotMatch(audited, /NADIA|Nadia|1991-07/)
    const kept = await ground.database
      .selectFrom('accounts')
      .select('ssnDigest')
      .where('accountId', '=', 'account-secret')
      .executeTakeFirst()
    assert.equal(kept?.ssnDigest, ground.secrets.digest('ssn of a holder', ssn))
  })
})

suite('starting', () => {
  async function startWith(content: string, profile = 'test') {
    const { directory, path } = personasFile(content)
    try {
      const { app } = await buildForTest(service, { environment: { PERSONAS_FILE: path, PROFILE: profile } })
      await app.close()
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  }

  test('without PERSONAS_FILE there is no company yet', async () => {
    const { app, ground } = await buildForTest(service)
    assert.deepEqual(await ground.database.selectFrom('companies').selectAll().execute(), [])
    await app.close()
  })

  test('a file of personas that is no JSON, or has a malformed field, is refused without quoting it', async () => {
    const secret = file.personas[0]!.ssn!
    const complaint = async (content: string) => {
      const error = await startWith(content).then(
        () => assert.fail('it started'),
        (error: Error) => error,
      )
      assert.doesNotMatch(String(error.stack), new RegExp(`${secret}|password of these tests`))
      return error.message
    }
    assert.equal(await complaint(`${JSON.stringify(file)}}`), 'PERSONAS_FILE does not hold JSON')
    const malformed = JSON.stringify(file).replace(secret, `${secret.slice(0, 3)}-${secret.slice(3)}`)
    assert.match(await complaint(malformed), /^PERSONAS_FILE cannot be used: \/personas\/0\S* /)
  })

  test('the live profile refuses personas', async () => {
    await assert.rejects(
      startWith(JSON.stringify(file), 'live'),
      /PERSONAS_FILE is for the test profile only/,
    )
  })

  test('a file that is not there stops the start', async () => {
    await assert.rejects(
      buildForTest(service, { environment: { PERSONAS_FILE: '/nowhere/personas.json' } }),
      /ENOENT/,
    )
  })
})

test('time moves for the whole service', async () => {
  const { app, ground, as } = await buildForTest(service, { environment: { PERSONAS_FILE: personas.path } })
  advanceClock(86_400_000)
  const headers = await as('sign-in', 'user-ids.write')
  const payload = {
    accountId: 'account-1',
    credential: { idp: 'login.gov', subject: 'subject-1' },
    person: personOf('maria'),
  }
  assert.equal((await app.inject({ method: 'POST', url: '/associations', headers, payload })).statusCode, 200)
  const issued = await ground.database.selectFrom('userIds').select('issuedAt').executeTakeFirst()
  const linked = await ground.database.selectFrom('links').select('linkedAt').executeTakeFirst()
  assert.ok(linked?.linkedAt - issued?.issuedAt >= 86_400_000)
  await app.close()
})
