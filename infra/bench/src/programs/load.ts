// Valid requests at several gateways, in a process of its own so that it delays no measurement: as many as they take, or at a rate.
import autocannon from 'autocannon'
import { listening } from './listening.ts'

interface Order {
  urls: string[]
  tokens: string[]
  seconds: number
  /** Requests per second at each; without it as many as possible. */
  rate?: number
}

const CONNECTIONS = 8
let running: autocannon.Instance[] = []

process.on('message', async (message: Order | 'cpu' | 'stop') => {
  if (message === 'cpu') return
  if (message === 'stop') {
    for (const instance of running) (instance as unknown as { stop(): void }).stop()
    return
  }
  const { urls, tokens, seconds, rate } = message
  const requests = tokens.map((token) => ({
    method: 'GET' as const,
    path: '/cbsv/verifications',
    headers: { authorization: `Bearer ${token}` },
  }))
  running = []
  const results = await Promise.all(
    urls.map(
      (url) =>
        new Promise<autocannon.Result>((resolve, reject) => {
          const options = {
            url,
            connections: CONNECTIONS,
            duration: seconds,
            requests,
            ...(rate === undefined ? {} : { overallRate: rate }),
          }
          const instance = autocannon(options, (error, result) => (error ? reject(error) : resolve(result)))
          running.push(instance)
        }),
    ),
  )
  const sum = (of: (result: autocannon.Result) => number) =>
    results.reduce((total, result) => total + of(result), 0)
  process.send?.({
    load: {
      perSecond: sum(({ requests: { total }, duration }) => total / duration),
      total: sum(({ requests: { total } }) => total),
      refused: sum(({ non2xx }) => non2xx),
      failed: sum(({ errors }) => errors),
    },
  })
})
listening('')
