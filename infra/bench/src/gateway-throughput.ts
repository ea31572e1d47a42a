import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import autocannon from 'autocannon'
import { type Child, startChild } from './child.ts'
import { type Figure, median } from './figures.ts'
import { startIssuer } from './issuer.ts'

const TOKENS = 200
const CONNECTIONS = 32
const ROUNDS = 3
const SECONDS = 3

interface Round {
  requestsPerSecond: number
  cpuPerRequest: number
}

/** One round of load: every request must be answered 200, or the figure means nothing. */
async function load(server: Child, tokens: string[], seconds: number): Promise<Round> {
  const before = await server.cpu()
  const result = await autocannon({
    url: server.url,
    connections: CONNECTIONS,
    duration: seconds,
    requests: tokens.map((token) => ({
      method: 'GET',
      path: '/cbsv/verifications',
      headers: { authorization: `Bearer ${token}` },
    })),
  })
  const cpu = (await server.cpu()) - before
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${result.non2xx} answers were not 2xx, ${result.errors} requests failed`)
  }
  return { requestsPerSecond: result.requests.average, cpuPerRequest: cpu / result.requests.total }
}

/** A gateway lets nobody in before it knows whose access was revoked. */
export async function ready(gateway: { url: string }): Promise<void> {
  const deadline = performance.now() + 15_000
  while ((await fetch(`${gateway.url}/health/ready`)).status !== 200) {
    if (performance.now() > deadline) throw new Error('the gateway did not become ready')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** A request without a token must be refused, or the gateway was measured without its check. */
async function proveThatItChecks(gateway: Child): Promise<void> {
  const { status } = await fetch(`${gateway.url}/cbsv/verifications`)
  if (status !== 401) throw new Error(`the gateway answered ${status} to a request without a token`)
}

/**
 * Requests per second through the gateway with 200 different valid tokens, against a proxy without any check and against
 * the upstream itself: three servers in three processes, measured in turn, the middle of three rounds.
 */
export async function gatewayThroughput(progress: (line: string) => void): Promise<Figure[]> {
  const directory = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))
  const issuer = await startIssuer()
  const children: Child[] = []
  const start = async (program: string, environment: Record<string, string> = {}) => {
    const child = await startChild(program, environment)
    children.push(child)
    return child
  }
  try {
    const upstream = await start('upstream')
    const bare = await start('bare-proxy', { UPSTREAM: upstream.url })
    const gateway = await start('gateway', {
      DATA_DIR: directory,
      DATABASE_URL: 'sqlite::memory:',
      LOG_LEVEL: 'warn',
      SIGN_IN_URL: issuer.url,
      CBSV_URL: upstream.url,
    })
    await ready(gateway)
    await proveThatItChecks(gateway)
    const tokens = await issuer.accessTokens(TOKENS)
    const servers = { gateway, bare, upstream }
    const rounds: Record<keyof typeof servers, Round[]> = { gateway: [], bare: [], upstream: [] }
    for (const server of Object.values(servers)) await load(server, tokens, 1)
    for (let round = 1; round <= ROUNDS; round += 1) {
      for (const [name, server] of Object.entries(servers) as [keyof typeof servers, Child][]) {
        progress(`round ${round} of ${ROUNDS}: ${name}`)
        rounds[name].push(await load(server, tokens, SECONDS))
      }
    }
    const middle = (name: keyof typeof servers, of: keyof Round) =>
      median(rounds[name].map((round) => round[of]))
    const compared = (name: string, unit: string, of: keyof Round): Figure[] => {
      const value = middle('gateway', of)
      return [
        {
          name: `gateway, ${name}`,
          value,
          unit,
          against: 'bare reply-from proxy',
          ratio: value / middle('bare', of),
        },
        {
          name: `gateway, ${name}`,
          value,
          unit,
          against: 'the upstream itself',
          ratio: value / middle('upstream', of),
        },
        {
          name: `bare reply-from proxy, ${name}`,
          value: middle('bare', of),
          unit,
          against: null,
          ratio: null,
        },
        { name: `upstream, ${name}`, value: middle('upstream', of), unit, against: null, ratio: null },
      ]
    }
    return [
      ...compared('requests', 'per second', 'requestsPerSecond'),
      ...compared('CPU time', 'µs per request', 'cpuPerRequest'),
    ]
  } finally {
    for (const child of children) await child.stop()
    await issuer.close()
    await rm(directory, { recursive: true, force: true })
  }
}
