import assert from 'node:assert/strict'
import { CallFailed, CallRefused, type ServiceCalls } from '@gatehouse/contracts/calls'
import { LetterDelivery } from '@gatehouse/contracts/lab'
import type { ServiceName } from '@gatehouse/contracts/services'
import type { Letter, LetterKind, LetterRequest } from '@gatehouse/contracts/upgrade-codes'
import { buildForTest } from '@gatehouse/http/testing'
import { Value } from 'typebox/value'
import { service } from '../src/service.ts'

export interface Delivered extends LetterDelivery {
  letterId: string
}

/** The lab's post, as this service sees it: as strict about what it takes as the real one. */
export function fakePost() {
  const delivered: Delivered[] = []
  let mode: 'takes' | 'down' | 'refuses' | 'takes and does not say so' = 'takes'
  let held: { arrived: () => void; released: Promise<void> } | undefined
  let calls = 0
  const post = {
    delivered,
    get calls() {
      return calls
    },
    now: (next: typeof mode) => {
      mode = next
    },
    /** The next letter is answered only once it is released. */
    holdNext() {
      const arrival = Promise.withResolvers<void>()
      const release = Promise.withResolvers<void>()
      held = { arrived: arrival.resolve, released: release.promise }
      return { arrived: arrival.promise, release: release.resolve }
    },
    newest(): Delivered {
      const letter = delivered.at(-1)
      if (!letter) throw new Error('no letter was mailed')
      return letter
    },
  }
  const asCalls: ServiceCalls = {
    async call(callee, { scope, method, path, body }) {
      calls += 1
      assert.deepEqual([callee, scope, method], ['lab', 'letters.write', 'PUT'])
      const letterId = /^\/post\/letters\/([\w-]{22})$/.exec(path)?.[1]
      assert.ok(letterId)
      assert.ok(Value.Check(LetterDelivery, body))
      const hold = held
      held = undefined
      const letter = { letterId, ...(body as LetterDelivery) }
      // It has the letter before anybody hears of it.
      if (mode === 'takes' || mode === 'takes and does not say so') delivered.push(letter)
      hold?.arrived()
      await hold?.released
      if (mode === 'down') throw new CallFailed('lab', 'no answer')
      if (mode === 'refuses') {
        const problem = { type: 'about:blank', title: 'no', status: 400, code: 'invalid_request' }
        throw new CallRefused('lab', problem)
      }
      if (mode === 'takes and does not say so') throw new CallFailed('lab', 'no answer')
      return undefined as never
    },
  }
  return { post, calls: asCalls }
}

export const address = {
  name: 'Ruth Example',
  street: '700 Example Street',
  city: 'Baltimore',
  state: 'MD',
  zipCode: '21235',
}

let owners = 0
export function newOwner(): string {
  owners += 1
  return `account-${owners}`
}

/** The service with a post of the test's own. */
export async function startService(
  environment: Record<string, string> = {},
  options: Pick<Parameters<typeof buildForTest>[1] & object, 'databaseUrl' | 'secrets'> = {},
) {
  const { post, calls } = fakePost()
  const built = await buildForTest(service, { environment, calls, ...options })
  const { app } = built

  async function caller(name: ServiceName = 'my-ssa', scope = 'letters.write') {
    async function send(method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) {
      const headers = await built.as(name, scope)
      const answer = await app.inject({ method, url, headers, ...(payload ? { payload } : {}) })
      return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json(), answer }
    }
    const at = (owner: string) => `/owners/${encodeURIComponent(owner)}`
    const request = (asked: Partial<LetterRequest> = {}) =>
      send('POST', '/letters', { owner: newOwner(), kind: 'upgrade-code', recipient: address, ...asked })
    return {
      send,
      request,
      list: async (owner: string, kind: LetterKind = 'upgrade-code'): Promise<Letter[]> =>
        (await send('GET', `${at(owner)}/letters?kind=${kind}`)).body.letters,
      cancel: (owner: string, kind: LetterKind = 'upgrade-code') =>
        send('DELETE', `${at(owner)}/letters?kind=${kind}`),
      resend: (letterId: string) => send('POST', `/letters/${letterId}/resends`, {}),
      comeBack: (letterId: string) => send('POST', `/letters/${letterId}/returns`, {}),
      redeem: (owner: string, code: string, reference = 'enrolment-1', kind: LetterKind = 'upgrade-code') =>
        send('POST', `${at(owner)}/redemptions`, { kind, code, reference }),
      /** Requests a letter and gives it with the code that came. */
      async letter(asked: Partial<LetterRequest> = {}) {
        const owner = asked.owner ?? newOwner()
        const { status, body } = await request({ ...asked, owner })
        assert.equal(status, 201)
        return { owner, letterId: body.letterId as string, code: post.newest().code, body: body as Letter }
      },
    }
  }

  return {
    ...built,
    post,
    caller,
    mySsa: await caller(),
    lab: await caller('lab', 'letters.return'),
    audit: () => built.ground.database.selectFrom('auditEvents').selectAll().execute(),
    close: () => app.close(),
  }
}

/** Another code of the same length. */
export function wrong(code: string): string {
  return code.replace(/^./, (first) => (first === '1' ? '2' : '1'))
}

/** Waits, for two seconds at most, until something holds. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let n = 0; n < 200; n += 1) {
    if (await holds()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('it did not come to hold')
}
