// The service `upgrade-codes` for these tests, as its contract has it: letters with codes that can be read here.
import { now } from '@gatehouse/clock/clock'
import { CallFailed, CallRefused, type ServiceCalls } from '@gatehouse/contracts/calls'
import { type Letter, LetterRequest } from '@gatehouse/contracts/upgrade-codes'
import { Value } from 'typebox/value'

interface Printed {
  owner: string
  code: string
  recipient: LetterRequest['recipient']
  subject: string | undefined
  letter: Letter
  expiresAt: number
  reference?: string
}

const DAY = 24 * 60 * 60 * 1000
const WRONG_TRIES = 5

export function stubLetters() {
  const printed: Printed[] = []
  const wrong = new Map<string, { count: number; until: number }>()
  const stub = {
    /** All letters, oldest first. */
    printed,
    isDown: false,
    /** Most letters for one owner. */
    most: 100,
    /** Runs after a code is spent and before that is answered. */
    afterRedemption: async () => {},
    /** The code of the newest letter. */
    code: () => printed.at(-1)?.code ?? '',
    calls: { call } as ServiceCalls,
  }

  function refuse(status: number, code: string, more: object = {}): never {
    throw new CallRefused('upgrade-codes', { type: 'about:blank', title: code, status, code, ...more })
  }

  function request(body: unknown): Letter {
    if (!Value.Check(LetterRequest, body)) return refuse(400, 'invalid_request')
    const { owner, recipient, subject } = body
    const earlier = printed.filter((one) => one.owner === owner)
    if (earlier.length >= stub.most) refuse(429, 'too_many_letters', { retryAt: now() + 30 * DAY })
    for (const { letter } of earlier) if (letter.state === 'mailed') letter.state = 'resent'
    const expiresAt = now() + 60 * DAY
    const letter: Letter = {
      letterId: `letter-${printed.length + 1}`,
      kind: 'activation-code',
      state: 'mailed',
      expiresOn: new Date(expiresAt).toISOString().slice(0, 10),
      at: { requested: now(), mailed: now() },
    }
    printed.push({ owner, code: `CODE${printed.length + 1}`, recipient, subject, letter, expiresAt })
    return letter
  }

  function redeem(owner: string, { code, reference }: { code: string; reference: string }) {
    const tries = wrong.get(owner) ?? { count: 0, until: 0 }
    if (tries.until > now()) refuse(429, 'locked_out', { retryAt: tries.until })
    const found = printed.find((one) => one.owner === owner && one.code === code)
    const isOpen = found?.letter.state === 'mailed' && found.expiresAt > now()
    if (found && (isOpen || (found.letter.state === 'used' && found.reference === reference))) {
      found.letter.state = 'used'
      found.reference = reference
      wrong.delete(owner)
      return { letterId: found.letter.letterId, usedAt: now() }
    }
    tries.count += 1
    if (tries.count >= WRONG_TRIES) tries.until = now() + DAY
    wrong.set(owner, tries)
    if (tries.until > now()) refuse(429, 'locked_out', { retryAt: tries.until })
    return refuse(409, 'code_not_accepted', { triesLeft: WRONG_TRIES - tries.count })
  }

  async function call(service: string, { method, path, body }: Parameters<ServiceCalls['call']>[1]) {
    if (service !== 'upgrade-codes' || stub.isDown) throw new CallFailed('upgrade-codes', 'no answer')
    if (method === 'POST' && path === '/letters') return request(body)
    const [, escaped = '', what] = /^\/owners\/([^/]+)\/(letters|redemptions)/.exec(path) ?? []
    const owner = decodeURIComponent(escaped)
    if (what === 'letters') {
      const own = printed.filter((one) => one.owner === owner)
      for (const { letter, expiresAt } of own)
        if (letter.state === 'mailed' && expiresAt <= now()) letter.state = 'expired'
      return { letters: own.map(({ letter }) => letter).reverse() }
    }
    const answer = redeem(owner, body as { code: string; reference: string })
    await stub.afterRedemption()
    return answer
  }

  return stub
}
