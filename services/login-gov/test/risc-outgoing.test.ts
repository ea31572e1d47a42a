// Security events that are pushed to relying services (fact sheet 7.1), over real HTTP.

import { advanceClock } from '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { epochSeconds, now } from '@gatehouse/clock/clock'
import type { AccountEvent } from '@gatehouse/provider/accounts/account-events'
import type { SigningKeys } from '@gatehouse/provider/keys/signing-keys'
import { compactVerify, decodeJwt, decodeProtectedHeader } from 'jose'
import { sqlConsents } from '../src/consent/consents.ts'
import { LIMITS } from '../src/limits.ts'
import { type Receiver, startReceiver } from './support/receiver.ts'
import { connect, ISSUER, riscClient, riscParts, YEAR } from './support/risc.ts'

const OPENID = 'https://schemas.openid.net/secevent/risc/event-type/'
const LOGIN = 'https://schemas.login.gov/secevent/risc/event-type/'
const EMAIL = 'maria@example.com'

type Parts = Awaited<ReturnType<typeof riscParts>>

let receiver: Receiver
let other: Receiver
let keys: SigningKeys
const open: Parts[] = []

before(async () => {
  receiver = await startReceiver()
  other = await startReceiver()
  const first = await riscParts({ clients: [] })
  keys = first.keys
  await first.close()
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((parts) => parts.close()))
  receiver.received.length = 0
  other.received.length = 0
})
after(() => Promise.all([receiver.close(), other.close()]))

/** The parts with the clients `a` (pushed to) and whatever else is given, and one account connected to all of them. */
async function start(options: Partial<Parameters<typeof riscParts>[0]> = {}) {
  const clients = options.clients ?? [riscClient('a', { pushNotificationUrl: receiver.url })]
  const parts = await riscParts({ keys, ...options, clients })
  open.push(parts)
  const accountId = await parts.accounts.add({ email: EMAIL }, 'a password of these tests')
  assert.ok(accountId)
  for (const { clientId } of clients) await connect(parts.database, accountId, clientId)
  return {
    ...parts,
    accountId,
    publish: (kind: 'suspended' | 'reinstated') => parts.events.publish({ kind, accountId }),
  }
}

const claimsOf = ({ body }: { body: string }) => decodeJwt(body) as Record<string, unknown>
const typesOf = (list: { body: string }[]) =>
  list.flatMap((one) => Object.keys(claimsOf(one).events as object))

type Row = [
  type: string,
  kind: AccountEvent['kind'],
  subject: 'iss-sub' | 'email',
  more: object,
  source: string,
]
const EVENTS: Row[] = [
  [`${OPENID}account-disabled`, 'suspended', 'iss-sub', { reason: 'account-suspension' }, '7.1 row 1'],
  [`${OPENID}account-enabled`, 'reinstated', 'iss-sub', {}, '7.1 row 2'],
  [`${OPENID}account-purged`, 'purged', 'iss-sub', {}, '7.1 row 3'],
  [`${OPENID}identifier-changed`, 'email-added', 'email', {}, '7.1 row 4, added'],
  [`${OPENID}identifier-changed`, 'email-removed', 'email', {}, '7.1 row 4, removed'],
  [`${OPENID}identifier-recycled`, 'email-removed', 'email', {}, '7.1 row 5'],
  [`${OPENID}recovery-activated`, 'recovery-activated', 'iss-sub', {}, '7.1 row 6'],
  [
    `${OPENID}recovery-information-changed`,
    'recovery-information-changed',
    'iss-sub',
    {},
    '7.1 row 7, factor',
  ],
  [`${OPENID}recovery-information-changed`, 'email-added', 'iss-sub', {}, '7.1 row 7, address added'],
  [`${OPENID}recovery-information-changed`, 'email-removed', 'iss-sub', {}, '7.1 row 7, address removed'],
  [`${LOGIN}password-reset`, 'password-reset', 'iss-sub', {}, '7.1 row 8'],
  [`${LOGIN}mfa-limit-account-locked`, 'locked-out', 'iss-sub', {}, '7.1 row 9'],
  [`${LOGIN}reproof-completed`, 'reproofed', 'iss-sub', {}, '7.1 row 10'],
]

describe('the events', () => {
  test('are ten', () => assert.equal(new Set(EVENTS.map(([type]) => type)).size, 10))

  for (const [type, kind, subjectType, more, source] of EVENTS) {
    test(`${kind} gives ${type.split('/').at(-1)} about ${subjectType} (fact sheet ${source})`, async () => {
      const { accountId, events, deliverer, subjects } = await start()
      await events.publish({ kind, accountId, email: 'second@example.com' } as AccountEvent)
      await deliverer.deliverDue()
      const [found, ...again] = receiver.received.filter((one) => typesOf([one])[0] === type)
      assert.ok(found, `${typesOf(receiver.received)}`)
      assert.deepEqual(again, [])

      await compactVerify(found.body, keys.primary.publicKey)
      assert.deepEqual(decodeProtectedHeader(found.body), {
        alg: 'RS256',
        typ: 'secevent+jwt',
        kid: keys.primary.kid,
      })
      const { iat, exp, jti, ...claims } = claimsOf(found)
      const subject =
        subjectType === 'email'
          ? { subject_type: 'email', email: 'second@example.com' }
          : { subject_type: 'iss-sub', iss: ISSUER, sub: await subjects.of(accountId, 'a') }
      assert.deepEqual(claims, { iss: ISSUER, aud: receiver.url, events: { [type]: { subject, ...more } } })
      assert.ok(Math.abs(Number(iat) - epochSeconds()) <= 2)
      assert.equal(Number(exp) - Number(iat), 12 * 3_600)
      assert.match(String(jti), /^[\da-f]{32}$/)
    })
  }

  test('nothing more is told than the rows say', async () => {
    const told = async (event: AccountEvent['kind']) => {
      const { accountId, events, deliverer } = await start()
      receiver.received.length = 0
      await events.publish({ kind: event, accountId, email: 'second@example.com' } as AccountEvent)
      await deliverer.deliverDue()
      return typesOf(receiver.received)
    }
    for (const kind of new Set(EVENTS.map(([, one]) => one))) {
      const expected = EVENTS.filter(([, one]) => one === kind).map(([type]) => type)
      assert.deepEqual(await told(kind), expected, kind)
    }
  })

  test('are posted as application/secevent+jwt, asking for JSON (fact sheet 7.1)', async () => {
    const { publish, deliverer } = await start()
    await publish('suspended')
    await deliverer.deliverDue()
    const [{ method, path, headers }] = receiver.received as [Receiver['received'][0]]
    assert.deepEqual([method, path], ['POST', '/events?for=tests'])
    assert.equal(headers['content-type'], 'application/secevent+jwt')
    assert.equal(headers.accept, 'application/json')
  })

  test('name the client as audience where it is registered so (fact sheet 7.1)', async () => {
    const { publish, deliverer } = await start({
      clients: [riscClient('a', { pushNotificationUrl: receiver.url, pushAudienceIsClientId: true })],
    })
    await publish('suspended')
    await deliverer.deliverDue()
    assert.equal(claimsOf(receiver.received[0]!).aud, 'a')
  })
})

describe('who is told', () => {
  test('each active client with a URL to which the person is connected, under the subject of its agency', async () => {
    const { publish, deliverer, subjects, accountId } = await start({
      clients: [
        riscClient('a', { pushNotificationUrl: receiver.url, agencyId: '1' }),
        riscClient('b', { pushNotificationUrl: other.url, agencyId: '2' }),
        riscClient('no-url'),
        riscClient('gone', { pushNotificationUrl: receiver.url, active: false }),
      ],
    })
    await publish('suspended')
    await deliverer.deliverDue()
    for (const [{ received }, agency] of [
      [receiver, '1'],
      [other, '2'],
    ] as const) {
      assert.equal(received.length, 1)
      const { subject } = Object.values(claimsOf(received[0]!).events as object)[0]
      assert.equal(subject.sub, await subjects.of(accountId, agency))
    }
    assert.notEqual(await subjects.of(accountId, '1'), await subjects.of(accountId, '2'))
  })

  test('nobody the person never went to, or whose consent is gone, or about somebody else', async () => {
    const { events, deliverer, accountId, connections, database, accounts } = await start()
    const stranger = await accounts.add({ email: 'other@example.com' }, 'a password of these tests')
    await events.publish({ kind: 'suspended', accountId: stranger ?? '' })
    await sqlConsents(database, YEAR).revoke(accountId, 'a')
    await events.publish({ kind: 'suspended', accountId })
    await connections.remove(accountId)
    await sqlConsents(database, YEAR).give(accountId, 'a', ['email'])
    await events.publish({ kind: 'suspended', accountId })
    await deliverer.deliverDue()
    assert.deepEqual(receiver.received, [])
  })
})

describe('delivery', () => {
  const states = async ({ outbox }: Parts) =>
    (await outbox.latest(10)).map(({ state, status, failures }) => ({ state, status, failures }))

  for (const status of [301, 400, 404, 429, 500, 503]) {
    test(`an answer of ${status} is not tried again (fact sheet 7.1)`, async () => {
      const parts = await start()
      receiver.next.push(status)
      await parts.publish('suspended')
      await parts.deliverer.deliverDue()
      advanceClock(3_600_000)
      await parts.deliverer.deliverDue()
      assert.equal(receiver.received.length, 1)
      assert.deepEqual(await states(parts), [{ state: 'refused', status, failures: 0 }])
    })
  }

  test('a broken connection is tried once more, with the same jti (fact sheet 7.1)', async () => {
    const parts = await start()
    receiver.next.push('break')
    await parts.publish('suspended')
    await parts.deliverer.deliverDue()
    assert.deepEqual(await states(parts), [{ state: 'waiting', status: undefined, failures: 1 }])
    await parts.deliverer.deliverDue()
    assert.equal(receiver.received.length, 1, 'not before its time')
    advanceClock(5_000)
    await parts.deliverer.deliverDue()
    assert.deepEqual(await states(parts), [{ state: 'accepted', status: 202, failures: 1 }])
    const [first, second] = receiver.received.map((one) => claimsOf(one).jti)
    assert.equal(first, second)
  })

  test('no answer in time is tried once more and then given up (fact sheet 7.1)', async () => {
    const parts = await start({ rules: { timeoutMs: 100 } })
    receiver.next.push('silence', 'silence')
    await parts.publish('suspended')
    await parts.deliverer.deliverDue()
    for (let hour = 0; hour < 3; hour += 1) {
      advanceClock(3_600_000)
      await parts.deliverer.deliverDue()
    }
    assert.equal(receiver.received.length, 2)
    assert.deepEqual(await states(parts), [{ state: 'unreachable', status: undefined, failures: 2 }])
    assert.equal(LIMITS.pushTimeoutMs.default, 3_000)
  })

  test('where nobody listens it is given up after the second try', async () => {
    const gone = await startReceiver()
    await gone.close()
    const parts = await start({ clients: [riscClient('a', { pushNotificationUrl: gone.url })] })
    await parts.publish('suspended')
    await parts.deliverer.deliverDue()
    advanceClock(5_000)
    await parts.deliverer.deliverDue()
    assert.deepEqual(await states(parts), [{ state: 'unreachable', status: undefined, failures: 2 }])
  })

  test('a receiver who does not answer keeps no other waiting', async () => {
    const parts = await start({
      clients: [
        riscClient('a', { pushNotificationUrl: receiver.url }),
        riscClient('b', { pushNotificationUrl: other.url }),
      ],
      rules: { timeoutMs: 400 },
    })
    receiver.next.push('silence')
    await parts.publish('suspended')
    const delivering = parts.deliverer.deliverDue()
    await other.until(1)
    assert.equal((await states(parts)).filter(({ state }) => state === 'waiting').length >= 1, true)
    await delivering
  })

  test('events for one receiver arrive in the order in which they happened', async () => {
    const parts = await start()
    await parts.publish('suspended')
    await parts.publish('reinstated')
    await parts.events.publish({ kind: 'email-removed', accountId: parts.accountId, email: EMAIL })
    await parts.deliverer.deliverDue()
    assert.deepEqual(
      typesOf(receiver.received).map((type) => type.split('/').at(-1)),
      [
        'account-disabled',
        'account-enabled',
        'identifier-changed',
        'identifier-recycled',
        'recovery-information-changed',
      ],
    )
  })

  test('a URL gets 1000 in 60 seconds, and the rest when that time is over (fact sheet 7.1)', async () => {
    assert.deepEqual([LIMITS.pushesPerUrl.default, LIMITS.pushesWindowMs.default], [1_000, 60_000])
    const parts = await start({
      clients: [
        riscClient('a', { pushNotificationUrl: receiver.url }),
        riscClient('b', { pushNotificationUrl: other.url }),
      ],
      rules: { mostPerWindow: 3 },
    })
    for (let count = 0; count < 4; count += 1) await parts.publish('suspended')
    await parts.deliverer.deliverDue()
    assert.equal(receiver.received.length, 3)
    assert.equal(other.received.length, 3, 'each URL by itself')
    advanceClock(55_000)
    await parts.deliverer.deliverDue()
    assert.equal(receiver.received.length, 3)
    advanceClock(5_000)
    await parts.deliverer.deliverDue()
    assert.equal(receiver.received.length, 4)
  })

  test('what waits for its time is sent without being asked for again', async () => {
    const parts = await start()
    receiver.next.push('break')
    await parts.publish('suspended')
    await parts.deliverer.deliverDue()
    advanceClock(5_000)
    await receiver.until(2)
  })
})

describe('when the process ends', () => {
  const folder = mkdtempSync(join(tmpdir(), 'risc-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  let files = 0
  const durable = () => ({ databaseUrl: `sqlite:${folder}/${++files}.sqlite`, rootSecret: randomBytes(32) })

  test('between the change and the push, the next process pushes', async () => {
    const where = durable()
    const { publish, accountId, subjects, ...first } = await start(where)
    await publish('suspended')
    const sub = await subjects.of(accountId, 'a')
    await first.close()
    open.length = 0
    assert.equal(receiver.received.length, 0)

    const clients = [riscClient('a', { pushNotificationUrl: receiver.url })]
    const second = await riscParts({ ...where, clients, keys })
    open.push(second)
    await second.deliverer.deliverDue()
    assert.deepEqual(claimsOf(receiver.received[0]!).events, {
      [`${OPENID}account-disabled`]: {
        subject: { subject_type: 'iss-sub', iss: ISSUER, sub },
        reason: 'account-suspension',
      },
    })
  })

  test('in the middle of a push, the next one pushes again with the same jti once it is sure that nobody else does', async () => {
    const parts = await start()
    await parts.publish('suspended')
    // As a process does that is killed before it notes what came of it.
    const [report] = await parts.outbox.latest(1)
    const taken = await parts.outbox.take(receiver.url, now(), now() + 6_000, { most: 9, since: 0 })
    assert.equal(taken?.jti, report?.jti)
    await parts.deliverer.deliverDue()
    assert.equal(receiver.received.length, 0)
    advanceClock(6_000)
    await parts.deliverer.deliverDue()
    assert.equal(claimsOf(receiver.received[0]!).jti, report?.jti)
  })

  test('closing waits for no receiver, and what was on its way is pushed next time', {
    timeout: 5_000,
  }, async () => {
    const where = durable()
    const { publish, ...first } = await start({ ...where, rules: { timeoutMs: 60_000 } })
    receiver.next.push('silence')
    await publish('suspended')
    first.deliverer.wake()
    await receiver.until(1)
    await first.close()
    open.length = 0

    const clients = [riscClient('a', { pushNotificationUrl: receiver.url })]
    const second = await riscParts({ ...where, clients, keys })
    open.push(second)
    await second.deliverer.deliverDue()
    assert.equal(receiver.received.length, 2)
    assert.equal(claimsOf(receiver.received[0]!).jti, claimsOf(receiver.received[1]!).jti)
  })

  test('an event that cannot be kept fails the change that it tells of', async () => {
    const { publish, database } = await start()
    await database.schema.dropTable('security_event_deliveries').execute()
    await assert.rejects(publish('suspended'))
    await database.destroy()
    open.length = 0
  })
})

describe('what is kept and logged', () => {
  test('addresses and subjects are sealed while they wait, forgotten afterwards, and never logged (OWASP ASVS 5.0 14.2.7, 16.2.5)', async () => {
    const parts = await start()
    await parts.events.publish({
      kind: 'email-removed',
      accountId: parts.accountId,
      email: 'gone@example.com',
    })
    const rows = async () =>
      JSON.stringify(
        await parts.database
          .selectFrom('securityEventDeliveries' as never)
          .selectAll()
          .execute(),
      )
    assert.match(await rows(), /"sealedClaims":"/)
    assert.doesNotMatch(await rows(), /gone@example/)
    await parts.deliverer.deliverDue()
    assert.doesNotMatch(await rows(), /"sealedClaims":"/)
    assert.doesNotMatch(JSON.stringify(parts.logged), /gone@example|eyJ[\w-]+\.eyJ/)
  })
})
