import { advanceClock } from '@gatehouse/clock/shifted-date'
import { argon2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { startGatehouse } from '@gatehouse/testkit/gatehouse'
import { signInHeadless } from '@gatehouse/testkit/sign-in'
import type { Figure } from './figures.ts'

const SECONDS = 10
/** Those who have a BSO User ID. One sign-in each at a time: a newer one at Login.gov ends the older. */
const PERSONAS = ['maria', 'james'] as const
const FIVE_MINUTES = 5 * 60 * 1000

/** The floor of every sign-in: one password check (argon2id as login-gov does it), one after the other. */
async function passwordChecksPerSecond(): Promise<number> {
  const check = promisify(argon2)
  const parameters = {
    message: 'a password of this measurement',
    nonce: randomBytes(16),
    parallelism: 1,
    tagLength: 32,
    memory: 7_168,
    passes: 5,
  }
  const started = performance.now()
  let checks = 0
  while (performance.now() - started < 2_000) {
    await check('argon2id', parameters)
    checks += 1
  }
  return (checks * 1000) / (performance.now() - started)
}

/** Whole sign-ins over HTTP, from the authorization request to the tokens, texts read from the lab. */
export async function signIns(progress: (line: string) => void): Promise<Figure[]> {
  const floor = await passwordChecksPerSecond()
  const gatehouse = await startGatehouse({ logLevel: 'warn' })
  try {
    const one = (id: string) => signInHeadless({ urls: gatehouse.urls, persona: gatehouse.persona(id) })
    progress('warming up')
    await Promise.all(PERSONAS.map(one))
    progress(`signing in for ${SECONDS} seconds`)
    const started = performance.now()
    let done = 0
    await Promise.all(
      PERSONAS.map(async (id) => {
        while (performance.now() - started < SECONDS * 1000) {
          await one(id)
          done += 1
          // Ten texts in five minutes are the limit of a phone; the suite's clock makes room.
          if (done % 8 === 0) advanceClock(FIVE_MINUTES)
        }
      }),
    )
    const value = (done * 1000) / (performance.now() - started)
    return [
      {
        name: 'headless sign-ins, two people at a time',
        value,
        unit: 'per second',
        against: 'argon2id password checks alone',
        ratio: value / floor,
      },
      {
        name: 'argon2id password checks alone',
        value: floor,
        unit: 'per second',
        against: null,
        ratio: null,
      },
    ]
  } finally {
    await gatehouse.close()
  }
}
