// For tests: the services that the console asks, as small as they can be, each answer checked against its contract.

import { now } from '@gatehouse/clock/clock'
import { cursorBehind } from '@gatehouse/contracts/audit'
import { type Call, CallFailed, CallRefused, type ServiceCalls } from '@gatehouse/contracts/calls'
import type { Revocation, RevocationOrder, RevocationTarget } from '@gatehouse/contracts/revocations'
import type { ServiceName } from '@gatehouse/contracts/services'
import type { Disablement } from '@gatehouse/contracts/user-id-administration'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'

export const ACCOUNT = 'account-maria'
export const USER_ID = 'ABCD1234'
export const EIN = '123456789'

interface Asked {
  service: ServiceName
  method: string
  path: string
  query: URLSearchParams
  body: Record<string, unknown>
}

interface Disabling {
  order?: string
  by: string
  reason: string
  until?: number
}

type Answer = (asked: Asked, ...parts: string[]) => unknown

const userId = (disabled: unknown) => ({
  bsoUserId: USER_ID,
  ein: EIN,
  companyName: '=Example, Inc.',
  holderName: 'MARIA EXAMPLE',
  services: ['CBSV'],
  issuedAt: 1,
  accounts: [ACCOUNT],
  ...(disabled ? { disabled } : {}),
})
const company = (disabled: unknown) => ({
  ein: EIN,
  name: '=Example, Inc.',
  userIds: 1,
  ...(disabled ? { disabled } : {}),
})
const PERSON = {
  accountId: ACCOUNT,
  name: 'Maria Example',
  email: 'maria@example.com',
  maskedSsn: 'XXX-XX-4325',
  idps: ['login.gov'],
}
const METADATA = { client_name: 'A relying service', redirect_uris: ['https://service.example/callback'] }
const CLIENT = { clientId: 'service', registration: 'registered', hasSecret: true, metadata: METADATA }
const TERMS_TEXT = { introduction: ['Read this.'], conditions: [{ text: 'Be good.' }], agreement: 'I agree' }
const VERSION = { version: '2', textHash: 'a'.repeat(64), isInForce: true, inForceFrom: 5, accounts: 3 }
const KEY = { kid: 'key-1', alg: 'ES256', state: 'current', createdAt: 1 }
const ENROLMENT = {
  id: 'enrolment-1',
  username: 'ruthtemplate79',
  organization: 'Example Network',
  kind: 'EN',
  enrolledAt: 1,
}

const LABELS = new Map([
  [`account ${ACCOUNT}`, 'Maria Example'],
  ['credential login.gov:subject-maria', 'Maria Example'],
  ['client bso', 'Business Services Online'],
  ['provider login.gov', 'Login.gov'],
])

function disablement(orders: Disablement['orders']): Disablement {
  const [{ order: _, ...first }] = orders as [Disablement['orders'][number]]
  return { ...first, orders }
}

/** Owners with one person, one User ID, one company; `calls` is what the console calls them by. */
export function createOwners() {
  const revocations = new Map<string, Revocation>()
  const disabled = new Map<string, Disablement>()
  /** Orders to disable that came, lifted ones too. */
  const ordersSeen = new Set<string>()
  const trails = new Map<ServiceName, { sequence: number; occurredAt: number }[]>()

  const owners = {
    revocations,
    disabled,
    trails,
    /** Services that do not answer. */
    down: new Set<ServiceName>(),
    /** Fails a call after it was done, by `<service> <method> <path>`: its answer never arrives. */
    loseAnswer: new Set<string>(),
    /** Refuses a call, by the code. */
    refuse: new Map<string, { status: number; code: string }>(),
    asked: [] as string[],
    calls: undefined as unknown as ServiceCalls,
    /** What was done that changes something, in order. */
    done: () => owners.asked.filter((line) => !line.includes(' GET ') && !/\/(searches|labels)$/.test(line)),
  }

  function revoke({ target, reference, by, reason, lasting, endsAt, ticket }: RevocationOrder): Revocation {
    const known = [...revocations].find(([id]) => id === reference)
    if (known) return known[1]
    const revocation: Revocation = {
      revocationId: reference,
      target,
      reason,
      by,
      lasting,
      orderedAt: now(),
      instant: now(),
      sequence: revocations.size + 1,
      ended: { sessions: 1, grants: 2, refreshTokens: 1 },
      standing: lasting,
      enforcement: [{ gateway: 'gateway-one', name: 'localhost:4008', state: 'in-force', milliseconds: 3 }],
      reach: [],
      ...(endsAt === undefined ? {} : { endsAt }),
      ...(ticket === undefined ? {} : { ticket }),
    }
    revocations.set(reference, revocation)
    return revocation
  }

  function standing(what: string | undefined, id: string, changed: boolean) {
    return what === 'companies'
      ? { company: company(disabled.get(id)), changed }
      : { userId: userId(disabled.get(id)), changed }
  }

  function found(id = ''): Revocation {
    const revocation = revocations.get(id)
    if (!revocation) throw refusal('sign-in', 404, 'revocation_unknown')
    return revocation
  }

  const answers: [RegExp, Answer][] = [
    [
      /^sign-in POST \/revocations\/previews$/,
      ({ body }) => ({
        target: body,
        sessions: 1,
        people: 1,
        grants: 2,
        refreshTokens: 1,
        tokensInFlight: 2,
        clients: ['bso'],
      }),
    ],
    [/^sign-in POST \/revocations$/, ({ body }) => revoke(body as RevocationOrder)],
    [
      /^sign-in GET \/revocations\/history$/,
      ({ query }) => ({
        revocations: [...revocations.values()].filter(
          ({ target, standing }) =>
            (query.get('kind') ?? target.kind) === target.kind &&
            (query.get('value') ?? target.value) === target.value &&
            (query.get('standing') ?? String(standing)) === String(standing),
        ),
      }),
    ],
    [/^sign-in GET \/revocations\/history\/([^/]+)$/, (_asked, id) => found(id)],
    [
      /^sign-in POST \/revocations\/history\/([^/]+)\/reinstatements$/,
      ({ body }, id) => {
        const revocation = found(id)
        if (!revocation.standing) throw refusal('sign-in', 409, 'not_standing')
        Object.assign(revocation, { standing: false, reinstatedAt: now(), reinstatedBy: body.by })
        return revocation
      },
    ],
    [
      /^sign-in POST \/revocations\/labels$/,
      ({ body }) => ({
        labels: (body.targets as RevocationTarget[]).flatMap((target) => {
          const label = LABELS.get(`${target.kind} ${target.value}`)
          return label === undefined ? [] : [{ target, label }]
        }),
      }),
    ],
    [/^sign-in POST \/people\/searches$/, () => ({ people: [PERSON] })],
    [
      /^sign-in GET \/people\/([^/]+)$/,
      (_asked, accountId) => {
        if (accountId !== ACCOUNT) throw refusal('sign-in', 404, 'person_unknown')
        return {
          accountId,
          createdAt: 1,
          credentials: [{ idp: 'login.gov', subject: 'subject-maria', amr: ['mfa'], lastUsedAt: 2 }],
          sessions: [],
          grants: [],
        }
      },
    ],
    [/^sign-in GET \/relying-services$/, () => ({ relyingServices: [CLIENT] })],
    [/^sign-in GET \/relying-services\/([^/]+)$/, () => CLIENT],
    [
      /^sign-in POST \/relying-services$/,
      () => ({ relyingService: CLIENT, clientSecret: `a-secret-of-the-client-${owners.asked.length}` }),
    ],
    [/^sign-in POST \/relying-services\/([^/]+)\/secrets$/, () => ({ clientSecret: 'a-new-secret' })],
    [/^sign-in PUT \/relying-services\/([^/]+)\/keys$/, () => CLIENT],
    [/^sign-in POST \/relying-services\/([^/]+)\/removals$/, () => undefined],
    [/^sign-in (GET|POST) \/signing-keys$/, () => ({ signingKeys: [KEY] })],
    [/^bso-user-ids POST \/user-ids\/searches$/, () => ({ userIds: [userId(disabled.get(USER_ID))] })],
    [/^bso-user-ids GET \/user-ids$/, () => ({ userIds: [userId(disabled.get(USER_ID))] })],
    [
      /^bso-user-ids GET \/user-ids\/([^/]+)$/,
      (_asked, id = '') => {
        if (id !== USER_ID) throw refusal('bso-user-ids', 404, 'user_id_unknown')
        return userId(disabled.get(id))
      },
    ],
    [/^bso-user-ids POST \/companies\/searches$/, () => ({ companies: [company(disabled.get(EIN))] })],
    [/^bso-user-ids GET \/companies\/([^/]+)$/, () => company(disabled.get(EIN))],
    [/^bso-user-ids GET \/companies\/([^/]+)\/user-ids$/, () => ({ userIds: [userId(undefined)] })],
    [
      /^bso-user-ids POST \/names\/searches$/,
      ({ body }) => ({
        userIds: (body.userIds as string[])
          .filter((id) => id === USER_ID)
          .map((bsoUserId) => ({
            bsoUserId,
            ein: EIN,
            companyName: '=Example, Inc.',
            holderName: 'MARIA EXAMPLE',
          })),
        companies: (body.eins as string[])
          .filter((ein) => ein === EIN)
          .map((ein) => ({ ein, name: '=Example, Inc.' })),
      }),
    ],
    [
      /^bso-user-ids POST \/(user-ids|companies)\/([^/]+)\/disablements$/,
      ({ body }, what, id = '') => {
        const { order = `without-${ordersSeen.size}`, by, reason, until } = body as unknown as Disabling
        const changed = !ordersSeen.has(`${id} ${order}`)
        if (changed) {
          const added = { order, at: now(), by, reason, ...(until === undefined ? {} : { until }) }
          disabled.set(id, disablement([...(disabled.get(id)?.orders ?? []), added]))
        }
        ordersSeen.add(`${id} ${order}`)
        return standing(what, id, changed)
      },
    ],
    [
      /^bso-user-ids POST \/(user-ids|companies)\/([^/]+)\/enablements$/,
      ({ body }, what, id = '') => {
        const before = disabled.get(id)?.orders ?? []
        const left = before.filter(({ order }) => body.order !== undefined && order !== body.order)
        if (left.length > 0) disabled.set(id, disablement(left))
        else disabled.delete(id)
        return standing(what, id, left.length < before.length)
      },
    ],
    [/^terms GET \/terms\/versions$/, () => ({ versions: [VERSION] })],
    [/^terms GET \/terms\/versions\/([^/]+)$/, () => ({ ...VERSION, text: TERMS_TEXT, mustAttestAgain: 3 })],
    [
      /^terms POST \/terms\/previews$/,
      () => ({ textHash: 'b'.repeat(64), inForce: '2', isSameText: false, mustAttestAgain: 3 }),
    ],
    [/^terms POST \/terms\/versions$/, () => ({ ...VERSION, text: TERMS_TEXT, mustAttestAgain: 3 })],
    [/^terms GET \/accounts\/([^/]+)\/attestations$/, () => ({ attestations: [] })],
    [/^ticket-portal GET \/enrolments$/, () => ({ enrolments: [ENROLMENT] })],
    [/^ticket-portal (GET|PUT) \/enrolments\/([^/]+)$/, () => ENROLMENT],
    [/^ticket-portal DELETE \/enrolments\/([^/]+)$/, () => undefined],
    [
      /^(login-gov|id-me|my-ssa) POST \/credential-holders\/searches$/,
      (_asked, service) => ({
        holders:
          service === 'login-gov'
            ? [
                {
                  subject: 'subject-maria',
                  owner: 'owner-maria',
                  codeOwners: ['owner-maria'],
                  phoneNumberEndings: ['0147'],
                },
              ]
            : [],
      }),
    ],
    [
      /^one-time-codes POST \/sent-codes\/searches$/,
      () => ({
        codes: [
          {
            challengeId: 'challenge-1',
            caller: 'login-gov',
            owner: 'owner-maria',
            purpose: 'sign-in',
            phoneNumberEnding: '0147',
            requestedAt: 3,
            sends: 1,
          },
        ],
      }),
    ],
    [/^upgrade-codes GET \/callers\/([^/]+)\/owners\/([^/]+)\/letters$/, () => ({ letters: [] })],
    [/^cbsv GET \/verifications$/, () => ({ verifications: [] })],
    [
      /^([\w-]+) GET \/audit-events$/,
      ({ service, query }) => {
        const limit = Number(query.get('limit') ?? 50)
        const cursor = query.get('cursor')
        const before = cursor === null ? Infinity : JSON.parse(Buffer.from(cursor, 'base64url').toString())[0]
        const until = Number(query.get('until') ?? Infinity)
        const all = (trails.get(service) ?? []).filter(
          ({ sequence, occurredAt }) => sequence < before && occurredAt < until,
        )
        const page = all.toSorted((one, other) => other.sequence - one.sequence).slice(0, limit)
        const events = page.map((entry) => ({
          event: 'something.happened',
          outcome: 'success',
          details: {},
          hash: '0'.repeat(64),
          ...entry,
        }))
        return { events, ...(all.length > limit ? { next: cursorBehind(page.at(-1)?.sequence ?? 0) } : {}) }
      },
    ],
    [
      /^([\w-]+) GET \/audit-events\/verification$/,
      ({ service }) =>
        service === 'cbsv'
          ? { entries: 4, intact: false, firstBroken: { sequence: 5, problem: 'changed' } }
          : { entries: 9, intact: true },
    ],
  ]

  async function call<Response extends TSchema>(service: ServiceName, call: Call<Response>): Promise<never> {
    const { method, path, body, response } = call
    const url = new URL(path, 'http://owner')
    const name = `${service} ${method} ${url.pathname}`
    owners.asked.push(name)
    if (owners.down.has(service)) throw new CallFailed(service, 'no answer')
    const refused = owners.refuse.get(name)
    if (refused) throw refusal(service, refused.status, refused.code)
    for (const [pattern, answer] of answers) {
      const [, ...parts] = pattern.exec(name) ?? [undefined]
      if (!pattern.test(name)) continue
      const asked = { service, method, path, query: url.searchParams, body: (body ?? {}) as Asked['body'] }
      const given = structuredClone(answer(asked, ...parts.map((part) => decodeURIComponent(part ?? ''))))
      if (!Value.Check(response, given)) throw new Error(`the stub breaks the contract of ${name}`)
      if (owners.loseAnswer.delete(name)) throw new CallFailed(service, 'the answer was lost')
      return given as never
    }
    throw new Error(`no stub for ${name}`)
  }

  owners.calls = { call }
  return owners
}

function refusal(service: ServiceName, status: number, code: string): CallRefused {
  return new CallRefused(service, { type: 'about:blank', title: code, status, code })
}
