import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Revocation } from '@gatehouse/contracts/revocations'
import { portsFrom, urlsAt } from '@gatehouse/launcher/addresses'
import { serviceEnvironments } from '@gatehouse/launcher/environment'
import { prepareFirstStart } from '@gatehouse/launcher/first-start'
import { type Child, startChild } from './child.ts'
import { type Figure, median } from './figures.ts'
import { ready } from './gateway-throughput.ts'
import { type Sessions, storeSessions } from './revoked-sessions.ts'

const PORT_BASE = 24_000
const GATEWAYS = 3
const REVOCATIONS = 1_000
const VALID_TOKENS = 200
/** Fewer revocations where that many take longer. */
const LONGEST_MS = 180_000
/** Of what the gateways take at most. */
const LOAD = 0.6
/** Between two uses of the token that is going to be revoked, at each gateway. */
const PROBE_EVERY_MS = 2
const AIMS = { median: 5, p99: 50, max: 250 }

interface Load {
  perSecond: number
  total: number
  refused: number
  failed: number
}

/** One gateway, and when it acknowledged what. */
interface Gateway {
  child: Child
  /** By sequence, nanoseconds of the clock that all processes share. */
  acknowledgedAt(sequence: number): bigint | undefined
}

interface Probe {
  startedAt: bigint
  endedAt: bigint
  /** 0 when the connection was cut, as happens to an answer that has begun when the revocation comes. */
  status: number
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

function probe(url: string, token: string): Promise<Probe> {
  const startedAt = process.hrtime.bigint()
  return new Promise((resolve) => {
    const end = (status: number) => resolve({ startedAt, endedAt: process.hrtime.bigint(), status })
    request(
      `${url}/cbsv/verifications`,
      { agent, headers: { authorization: `Bearer ${token}` } },
      (response) => {
        response
          .on('error', () => end(0))
          .on('end', () => end(response.statusCode ?? 0))
          .resume()
      },
    )
      .on('error', () => end(0))
      .end()
  })
}

async function startGateways(
  environment: Record<string, string>,
  upstream: string,
  start: typeof startChild,
) {
  const gateways: Gateway[] = []
  for (let number = 0; number < GATEWAYS; number += 1) {
    const child = await start('gateway', {
      ...environment,
      // Sign-in fetches the key of all of them, which is the same, from the first.
      PORT: number === 0 ? String(environment.PORT) : '0',
      DATABASE_URL: 'sqlite::memory:',
      CBSV_INTERNAL_URL: upstream,
      GATEWAY_NAME: `gateway ${number + 1}`,
      TELL_ACKNOWLEDGEMENTS: '1',
    })
    const told: { sequence: number; at: bigint }[] = []
    child.onMessage(({ acknowledged, at }) => {
      if (acknowledged === undefined) return
      const sequence = Number(acknowledged)
      if (sequence > (told.at(-1)?.sequence ?? -1)) told.push({ sequence, at: BigInt(String(at)) })
    })
    gateways.push({
      child,
      acknowledgedAt: (sequence) => told.find((one) => one.sequence >= sequence)?.at,
    })
  }
  await Promise.all(gateways.map(({ child }) => ready(child)))
  return gateways
}

interface Trial {
  /** Milliseconds from the answer until each gateway's refusal was here. */
  refusedAfter: number[]
  /** Milliseconds that the call took. */
  call: number
  /** Whether the answer named every gateway as enforcing it. */
  isInForce: boolean
  /** Requests that were let in although they began after the acknowledgement of their gateway. */
  accepted: number
}

/** Revokes one session whose token is being used at every gateway all the while. */
async function revokeOne(
  signIn: string,
  gateways: Gateway[],
  sessions: Sessions,
  consoleToken: string,
  sid: string,
): Promise<Trial> {
  const token = await sessions.accessToken(sid)
  const probes: Probe[][] = gateways.map(() => [])
  const first = await Promise.all(gateways.map(({ child }) => probe(child.url, token)))
  if (first.some(({ status }) => status !== 200)) throw new Error('the token was not let in to begin with')
  let isOver = false
  const using = gateways.map(async ({ child }, index) => {
    while (!isOver) {
      ;(probes[index] as Probe[]).push(await probe(child.url, token))
      await pause(PROBE_EVERY_MS)
    }
  })
  const calledAt = performance.now()
  const response = await fetch(`${signIn}/revocations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${consoleToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      target: { kind: 'session', value: sid },
      reason: 'measured',
      by: 'bench',
      lasting: false,
      reference: randomUUID(),
    }),
  })
  const revocation = (await response.json()) as Revocation
  const answeredAt = process.hrtime.bigint()
  const call = performance.now() - calledAt
  if (response.status !== 201) throw new Error(`the revocation was answered with ${response.status}`)
  const refusedAfter = await Promise.all(
    gateways.map(async ({ child }, index) => {
      while (true) {
        const one = await probe(child.url, token)
        ;(probes[index] as Probe[]).push(one)
        if (one.status === 401) return Number(one.endedAt - answeredAt) / 1e6
      }
    }),
  )
  isOver = true
  await Promise.all(using)
  const accepted = gateways.map(({ acknowledgedAt }, index) => {
    const at = acknowledgedAt(revocation.sequence ?? 0)
    if (at === undefined) throw new Error('a gateway refused what it had not acknowledged')
    return (probes[index] as Probe[]).filter(({ status, startedAt }) => status === 200 && startedAt > at)
      .length
  })
  return {
    refusedAfter,
    call,
    isInForce:
      revocation.enforcement.length === gateways.length &&
      revocation.enforcement.every(({ state }) => state === 'in-force'),
    accepted: accepted.reduce((sum, one) => sum + one, 0),
  }
}

/**
 * A thousand revocations of sessions, one after the other, at a real sign-in with its database on disk and three gateways in a
 * process each, under valid traffic.
 */
export async function revocation(progress: (line: string) => void): Promise<Figure[]> {
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))
  const children: Child[] = []
  const start: typeof startChild = async (...order) => {
    const child = await startChild(...order)
    children.push(child)
    return child
  }
  try {
    const urls = urlsAt(portsFrom(PORT_BASE))
    const environments = serviceEnvironments({
      dataDirectory: directory,
      urls,
      firstStart: await prepareFirstStart({ dataDirectory: directory, urls, numberHolders: 1 }),
      log: { file: join(directory, 'log.ndjson'), level: 'error' },
      inherited: {},
    })
    progress('starting sign-in and three gateways')
    const upstream = await start('upstream', {})
    await start('sign-in', environments['sign-in'])
    const gateways = await startGateways(environments.gateway, upstream.url, start)
    const load = await start('load', {})
    const sessions = await storeSessions(directory, urls['sign-in'], REVOCATIONS + VALID_TOKENS)
    const tokens = await Promise.all(sessions.sids.slice(REVOCATIONS).map(sessions.accessToken))
    const order = { urls: gateways.map(({ child }) => child.url), tokens }
    progress('finding out what the gateways take')
    await load.ask<Load>({ ...order, seconds: 1 }, 'load')
    const most = await load.ask<Load>({ ...order, seconds: 3 }, 'load')
    const rate = Math.round((most.perSecond * LOAD) / GATEWAYS)

    progress(`revoking ${REVOCATIONS} sessions under load`)
    const loaded = load.ask<Load>({ ...order, rate, seconds: 240 }, 'load')
    const consoleToken = await sessions.consoleToken()
    const trials: Trial[] = []
    const end = performance.now() + LONGEST_MS
    for (const sid of sessions.sids.slice(0, REVOCATIONS)) {
      if (performance.now() > end) break
      trials.push(await revokeOne(urls['sign-in'], gateways, sessions, consoleToken, sid))
      if (trials.length % 250 === 0) progress(`${trials.length} of ${REVOCATIONS}`)
    }
    await load.ask<Load>('stop', 'load')
    const traffic = await loaded
    return figures(trials, traffic, most)
  } finally {
    agent.destroy()
    for (const child of children) await child.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

function figures(trials: Trial[], traffic: Load, most: Load): Figure[] {
  const times = trials.flatMap(({ refusedAfter }) => refusedAfter).sort((one, other) => one - other)
  const slowest = trials.map(({ call }) => call).sort((one, other) => one - other)
  const at = (sorted: number[], share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number
  const measured = { median: median(times), p99: at(times, 0.99), max: at(times, 1) }
  const plain = (name: string, value: number, unit: string): Figure => ({
    name,
    value,
    unit,
    against: null,
    ratio: null,
  })
  return [
    ...(Object.keys(AIMS) as (keyof typeof AIMS)[]).map((name) => ({
      name: `revocation, from the answer until a gateway's refusal is there: ${name}`,
      value: measured[name],
      unit: 'ms',
      against: `the aim of ${AIMS[name]} ms`,
      ratio: measured[name] / AIMS[name],
    })),
    plain(
      'requests let in that began after the acknowledgement of their gateway',
      trials.reduce((sum, { accepted }) => sum + accepted, 0),
      'of all',
    ),
    plain(
      `answers that said in force on ${GATEWAYS} of ${GATEWAYS} gateways`,
      trials.filter(({ isInForce }) => isInForce).length,
      `of ${trials.length}`,
    ),
    plain('the revoke call itself: median', median(slowest), 'ms'),
    plain('the revoke call itself: p99', at(slowest, 0.99), 'ms'),
    {
      name: 'valid requests meanwhile, at three gateways',
      value: traffic.perSecond,
      unit: 'per second',
      against: 'the most they took',
      ratio: traffic.perSecond / most.perSecond,
    },
    plain(
      'valid requests that were refused meanwhile',
      traffic.refused + traffic.failed,
      `of ${traffic.total}`,
    ),
  ]
}
