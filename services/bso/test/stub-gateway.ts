// A gateway for these tests: keeps what was asked and answers what the test says.
import Fastify from 'fastify'

interface Asked {
  authorization: string | undefined
  url: string
  body: { requests: Record<string, string>[] }
}

type Answer = { status: number; body: unknown }

export async function startStubGateway() {
  const app = Fastify({ forceCloseConnections: true })
  const stub = {
    url: '',
    asked: [] as Asked[],
    answer: verified as (asked: Asked) => Answer | Promise<Answer>,
    close: () => app.close(),
  }
  app.post('/cbsv/verifications', async (request, reply) => {
    const asked = {
      authorization: request.headers.authorization,
      url: request.url,
      body: request.body as Asked['body'],
    }
    stub.asked.push(asked)
    const { status, body } = await stub.answer(asked)
    return reply.code(status).send(body)
  })
  stub.url = (await app.listen({ host: '127.0.0.1', port: 0 })).replace('127.0.0.1', 'localhost')
  return stub
}

/** Everything verifies. */
export function verified({ body }: Asked): Answer {
  const results = body.requests.map((row) => ({ ...row, ssn: `XXXXX${row.ssn?.slice(5)}`, result: 'Yes' }))
  return { status: 200, body: { results } }
}

/** A problem document as the gateway and cbsv send them. */
export function problem(status: number, code: string, more: object = {}): Answer {
  return { status, body: { type: `urn:gatehouse:problem:${code}`, title: code, status, code, ...more } }
}
