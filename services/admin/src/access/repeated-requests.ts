// Idempotency keys: whoever did not hear the answer of a change can ask again without making it twice.

import { now } from '@gatehouse/clock/clock'
import { Refusal } from '@gatehouse/http/refusal'
import type { KeyValue } from '@gatehouse/storage/key-value'
import type { Secrets } from '@gatehouse/storage/secrets'

/** Milliseconds that an answer is kept. */
const KEPT = 24 * 60 * 60 * 1000
/** Milliseconds after which a request that never ended, because the process did, may be made again. */
const LONGEST_REQUEST = 60 * 1000

export const IDEMPOTENCY_KEY = '^[\\w-]{8,64}$'

interface Request {
  administratorId: string
  operation: string
  input: unknown
  key: string
}

export interface RepeatedRequests {
  /**
   * Runs the request, or answers as it was answered before. What failed may be tried again.
   *
   * @throws Refusal `key_reused` for another request, `key_in_use` while the first is under way
   */
  once<Answer>(request: Request, run: () => Promise<Answer>): Promise<Answer>
}

export function createRepeatedRequests(keyValue: KeyValue, secrets: Secrets): RepeatedRequests {
  // An answer may hold a client secret: it is kept sealed.
  const purpose = 'answer to a repeated request'

  async function answered<Answer>(key: string, print: string): Promise<{ answer: Answer } | undefined> {
    const kept = await keyValue.get<string>(`answer:${key}`)
    if (kept === undefined) return undefined
    const { print: first, answer } = JSON.parse(secrets.unseal(purpose, kept))
    if (first !== print) throw new Refusal('key_reused')
    return { answer }
  }

  return {
    async once<Answer>({ administratorId, operation, input, key }: Request, run: () => Promise<Answer>) {
      const name = secrets.digest(purpose, `${administratorId} ${key}`)
      const print = secrets.digest(purpose, JSON.stringify([operation, input]))
      const before = await answered<Answer>(name, print)
      if (before) return before.answer
      const turn = await keyValue.increment(`turn:${name}`, now() + LONGEST_REQUEST)
      if (turn > 1) throw new Refusal('key_in_use', undefined, {}, { 'retry-after': '1' })
      try {
        // Whoever had the turn before may have ended just now.
        const meanwhile = await answered<Answer>(name, print)
        if (meanwhile) return meanwhile.answer
        const answer = await run()
        await keyValue.put(
          `answer:${name}`,
          secrets.seal(purpose, JSON.stringify({ print, answer })),
          now() + KEPT,
        )
        return answer
      } finally {
        await keyValue.remove(`turn:${name}`)
      }
    },
  }
}
