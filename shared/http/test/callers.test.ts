import assert from 'node:assert/strict'
import { test } from 'node:test'
import { acceptCallers } from '@gatehouse/http/callers'
import { answerProblems, problemAnswer } from '@gatehouse/http/problem-answers'
import { KeysUnavailable } from '@gatehouse/tokens/key-source'
import Fastify from 'fastify'

test('a caller whose token cannot be judged is not let in and not called invalid (ASVS 16.5.3)', async () => {
  for (const [failure, status] of [
    [new KeysUnavailable('no current key set'), 503],
    [new Error('anything else'), 500],
  ] as const) {
    const app = Fastify()
    answerProblems(app, problemAnswer({}))
    const verifier = {
      remembered: () => undefined,
      verify: async () => {
        throw failure
      },
    }
    acceptCallers(app, verifier, { 'attestations.write': ['sign-in'] })
    app.get('/', { onRequest: app.requireCaller('attestations.write') }, async () => 'let in')
    const response = await app.inject({ url: '/', headers: { authorization: 'Bearer a.b.c' } })
    assert.equal(response.statusCode, status)
    assert.equal(response.headers['retry-after'], status === 503 ? '1' : undefined)
    assert.equal(response.headers['www-authenticate'], undefined)
    await app.close()
  }
})
