import type { VerificationResult } from '@gatehouse/contracts/cbsv'
import type { Problem } from '@gatehouse/contracts/problem'
import type { ServiceUrls } from '@gatehouse/contracts/services'
import { documentedRequests } from '@gatehouse/numident/documented'

export interface GatewayAnswer {
  status: number
  headers: Headers
  /** Of an answer that is no refusal. */
  results: VerificationResult['result'][]
  /** Of a refusal. */
  problem: Partial<Problem>
}

interface Request {
  /** What the `authorization` header holds; left out, there is none. */
  token?: string
  /** Text or bytes as they are, or what becomes JSON; by default the three documented requests. */
  body?: unknown
  headers?: Record<string, string>
  /** Which service is asked; the gateway unless given. */
  service?: 'gateway' | 'cbsv'
}

export const documented = documentedRequests.map(({ request }) => request)

/** `POST /cbsv/verifications` at the gateway. */
export async function verify(
  urls: ServiceUrls,
  { token, body = { requests: documented }, headers = {}, service = 'gateway' }: Request,
): Promise<GatewayAnswer> {
  const response = await fetch(`${urls[service]}/cbsv/verifications`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    signal: AbortSignal.timeout(20_000),
  })
  const answer = await response.json()
  const { results = [] } = answer as { results?: VerificationResult[] }
  return {
    status: response.status,
    headers: response.headers,
    results: results.map(({ result }) => result),
    problem: response.ok ? {} : (answer as Problem),
  }
}
