import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { epochSeconds, now } from '@gatehouse/clock/clock'
import { createRules, type Rules } from '@gatehouse/revocations/rules'
import type { AccessTokenClaims } from '@gatehouse/tokens/access-token'
import { type Child, startChild } from './child.ts'
import { type Figure, median } from './figures.ts'
import { ready } from './gateway-throughput.ts'
import { startIssuer } from './issuer.ts'
import { createRuleSource } from './rule-source.ts'

const RULES = 1_000_000
/** At once in a gateway, unless all are. One goes before the measurement: code is compiled and buffers have their size. */
const WAVE = 100_000
const LIMIT_MEGABYTES = 10
/** More than a rule is kept. */
const LATER = 6 * 60 * 1_000
const LIVE_RULES = 100_000
const TOKENS = 20_000
const ROUNDS = 15
const REPEATS = 10

/** Memory of a gateway process before, with and after a million rules. */
async function memory(progress: (line: string) => void): Promise<Figure[]> {
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))
  const source = createRuleSource()
  const issuer = await startIssuer(source)
  let gateway: Child | undefined
  try {
    const child = await startChild(
      'movable-gateway',
      {
        DATA_DIR: directory,
        DATABASE_URL: 'sqlite::memory:',
        LOG_LEVEL: 'error',
        SIGN_IN_URL: issuer.url,
      },
      ['--expose-gc'],
    )
    gateway = child
    await ready(child)
    const megabytes = async () => (await child.ask<number>('memory', 'memory')) / 1024 / 1024
    const come = (count: number) => source.send(count)
    const go = async (count: number) => {
      await child.ask({ advance: LATER }, 'advanced')
      source.ahead += LATER
      // In a gateway at work these are the heartbeats of a few minutes.
      await source.beat(Math.ceil(count / 2_500) + 50)
    }
    progress(`${WAVE} rules, to warm up`)
    await come(WAVE)
    await go(WAVE)
    const before = await megabytes()
    progress(`${RULES} rules in waves of ${WAVE}`)
    let afterWaves = before
    for (let sent = 0; sent < RULES; sent += WAVE) {
      await come(WAVE)
      await go(WAVE)
      afterWaves = await megabytes()
    }
    progress(`${RULES} rules at once`)
    await come(RULES)
    const held = await megabytes()
    await go(RULES)
    const left = await megabytes()
    const above = (name: string, value: number): Figure => ({
      name: `gateway memory above what it was, after 1,000,000 rules have come and gone ${name}`,
      value: value - before,
      unit: 'MB',
      against: `the limit of ${LIMIT_MEGABYTES} MB`,
      ratio: (value - before) / LIMIT_MEGABYTES,
    })
    return [
      above('in ten waves', afterWaves),
      above('at once', left),
      { name: 'gateway memory, before', value: before, unit: 'MB', against: null, ratio: null },
      {
        name: 'gateway memory, with 1,000,000 rules at once',
        value: held,
        unit: 'MB',
        against: 'before',
        ratio: held / before,
      },
    ]
  } finally {
    await gateway?.stop()
    source.close()
    await issuer.close()
    await rm(directory, { recursive: true, force: true })
  }
}

function rulesFor(count: number): Rules {
  const rules = createRules()
  for (let sequence = 1; sequence <= count; sequence += 1) {
    rules.add({
      sequence,
      revocationId: 'measured',
      instant: now(),
      matches: [{ by: 'session', value: randomUUID() }],
    })
  }
  return rules
}

/** Read from JSON, as those of verified tokens are. */
const newTokens = (): AccessTokenClaims[] =>
  Array.from({ length: TOKENS }, () =>
    JSON.stringify({
      iss: 'http://sign-in.test',
      sub: randomUUID(),
      aud: 'urn:gatehouse:cbsv',
      client_id: 'bso',
      iat: epochSeconds(),
      exp: epochSeconds() + 300,
      jti: randomUUID(),
      sid: randomUUID(),
      idp: 'login.gov',
      bso_user_id: 'MARIA7K2',
      ein: '960001012',
    }),
  ).map((text) => Object.freeze(JSON.parse(text) as AccessTokenClaims))

/** Nanoseconds for each of `tokens`. */
function cost(rules: Rules, tokens: AccessTokenClaims[]): number {
  const started = performance.now()
  for (const claims of tokens) if (rules.revokes(claims)) throw new Error('a valid token was refused')
  return ((performance.now() - started) * 1e6) / tokens.length
}

/** The check with no rule and with a hundred thousand, in turn. */
function check(progress: (line: string) => void): Figure[] {
  progress(`the check with 0 and with ${LIVE_RULES} rules`)
  const all = { none: rulesFor(0), many: rulesFor(LIVE_RULES) }
  const names = ['none', 'many'] as const
  const first = { none: [] as number[], many: [] as number[] }
  const again = { none: [] as number[], many: [] as number[] }
  for (let round = 0; round < ROUNDS; round += 1) {
    const order = round % 2 === 0 ? names : names.toReversed()
    for (const name of order) first[name].push(cost(all[name], newTokens()))
    const tokens = newTokens()
    for (const name of order) cost(all[name], tokens)
    for (let time = 0; time < REPEATS; time += 1) {
      for (const name of order) again[name].push(cost(all[name], tokens))
    }
  }
  const compared = (name: string, { none, many }: typeof first): Figure => ({
    name: `${name}, with ${LIVE_RULES.toLocaleString('en-US')} rules`,
    value: median(many),
    unit: 'ns',
    against: `the same with 0 rules: ${Math.round(median(none))} ns`,
    ratio: median(many) / median(none),
  })
  return [
    compared('revocation check of a remembered token', again),
    compared('revocation check of a token that was never seen, or after a new rule', first),
  ]
}

/** What a gateway's memory of rules costs: bytes and time. */
export async function revocationMemory(progress: (line: string) => void): Promise<Figure[]> {
  return [...check(progress), ...(await memory(progress))]
}
