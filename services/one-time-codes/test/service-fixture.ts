import { randomBytes } from 'node:crypto'
import { serviceAccess } from '@gatehouse/contracts/access'
import type { ChallengeRequest } from '@gatehouse/contracts/one-time-codes'
import type { ServiceName } from '@gatehouse/contracts/services'
import { buildForTest } from '@gatehouse/http/testing'
import { service } from '../src/service.ts'
import { startFakeTwilio } from './fake-twilio.ts'

export const labAccount = {
  sid: `AC${randomBytes(16).toString('hex')}`,
  token: randomBytes(16).toString('hex'),
}
let people = 0

// One more service that uses codes, with the default policy. My Social Security will be such.
Object.assign(serviceAccess['one-time-codes'], { 'challenges.write': ['login-gov', 'id-me', 'sign-in'] })

/** The service with a carrier of the test's own. */
export async function startService(environment: Record<string, string> = {}) {
  const carrier = await startFakeTwilio()
  const built = await buildForTest(service, {
    environment: {
      LAB_URL: carrier.url,
      LAB_ACCOUNT_SID: labAccount.sid,
      LAB_AUTH_TOKEN: labAccount.token,
      ...environment,
    },
  })
  const { app } = built

  /** A service that uses codes, as it is seen from here. Login.gov unless another is named. */
  async function caller(name: ServiceName = 'login-gov') {
    const send = async (method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) => {
      const headers = await built.as(name, 'challenges.write')
      const answer = await app.inject({ method, url, headers, ...(payload ? { payload } : {}) })
      return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() }
    }
    const request = (asked: Partial<ChallengeRequest> = {}) =>
      send('POST', '/challenges', { ...newPerson(), ...asked })
    const verify = (challengeId: string, code: string) =>
      send('POST', `/challenges/${challengeId}/verifications`, { code })
    const triesAt = (owner: string) => `/owners/${encodeURIComponent(owner)}/tries`
    return {
      request,
      verify,
      countTry: (owner: string) => send('POST', triesAt(owner)),
      forgetTries: (owner: string) => send('DELETE', triesAt(owner)),
      triesOf: (owner: string) => send('GET', triesAt(owner)),
      find: (challengeId: string) => send('GET', `/challenges/${challengeId}`),
      resend: (challengeId: string, channel?: 'text' | 'call') =>
        send('POST', `/challenges/${challengeId}/resends`, channel ? { channel } : {}),
      /** Requests a text and gives the challenge with the code that arrived. */
      async challenge(asked: Partial<ChallengeRequest> = {}) {
        const { body } = await request(asked)
        return { challengeId: body.challengeId as string, code: carrier.newestCode(), body }
      },
      async tryWrongly(challengeId: string, times: number) {
        const answers = []
        for (let n = 0; n < times; n += 1) answers.push(await verify(challengeId, 'wrong'))
        return answers
      },
    }
  }

  return {
    ...built,
    carrier,
    caller,
    audit: () => built.ground.database.selectFrom('auditEvents').selectAll().execute(),
    async close() {
      await app.close()
      await carrier.close()
    },
  }
}

/** Somebody with an own number, so that tests do not count against each other. */
export function newPerson(): ChallengeRequest {
  people += 1
  return {
    owner: `account-${people}`,
    purpose: 'sign-in',
    channel: 'text',
    length: 6,
    phoneNumber: `+1${200 + people}5550142`,
    sender: 'Login.gov',
  }
}

/** Another code of the same length. */
export function wrong(code: string): string {
  return code.replace(/^./, (digit) => String((Number(digit) + 1) % 10))
}
