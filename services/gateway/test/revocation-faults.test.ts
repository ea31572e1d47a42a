// What the gateway does while it cannot be sure to know of every revocation. In each of these a token is revoked while something is
// wrong, and both it and a valid one are tried all the time. The second that is promised is measured on the clock that all share here.

import '@gatehouse/clock/shifted-date'
import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { after, afterEach, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { epochSeconds } from '@gatehouse/clock/clock'
import { LONGEST_SILENCE_MS } from '@gatehouse/contracts/revocations'
import { type ScriptedStream, startScriptedStream } from '@gatehouse/revocations/scripted-stream'
import { startGateway, startUpstream } from './gateway-under-test.ts'
import { type Probe, probing, until } from './probes.ts'

const upstream = await startUpstream()
after(() => upstream.close())
const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

type History = ReturnType<ScriptedStream['history']>

/** A gateway under continuous requests with a token that stays valid and one that is going to be revoked. */
async function underWay(stream: { origin: string }) {
  const gateway = await startGateway({ upstream: upstream.origin, stream })
  closing.push(() => gateway.close())
  const iat = epochSeconds() - 60
  const issued = (sid: string) => gateway.token({ sid, iat, exp: iat + 290 })
  const valid = probing(gateway, await issued('stays'))
  const revoked = probing(gateway, await issued('ends'))
  closing.push(async () => {
    await valid.stop()
    await revoked.stop()
  })
  await until(() => valid.answers.length > 3 && revoked.answers.length > 3, 'both are let in')
  const before = [...valid.answers, ...revoked.answers]
  assert.ok(before.every(({ status }) => status === 200 || status === 503))
  const last = (answers: Probe[]) => answers.at(-1) as Probe
  return {
    valid: valid.answers,
    revoked: revoked.answers,
    isRefusing: () => until(() => last(valid.answers).status === 503, 'the gateway goes blind'),
    /** Waits until it is open again: a request that starts from now on is let in. */
    async isOpen() {
      const from = performance.now()
      await until(
        () => valid.answers.some(({ startedAt, status }) => startedAt > from && status === 200),
        'the gateway is open again',
      )
      const openAt = performance.now()
      await until(() => last(revoked.answers).startedAt > openAt, 'the revoked token is tried again')
    },
    /** @param revokedAt when the rule was stored, by the clock of `performance.now()` */
    async stopAndJudge(revokedAt: number) {
      await valid.stop()
      await revoked.stop()
      const late = revoked.answers.filter(
        ({ startedAt, status }) => status === 200 && startedAt > revokedAt + LONGEST_SILENCE_MS,
      )
      assert.deepEqual(late, [], 'accepted more than a second after the revocation was stored')
      const firstRefusal = revoked.answers.findIndex(({ status }) => status === 401)
      assert.ok(firstRefusal > 0, 'the revoked token is refused in the end')
      const afterwards = revoked.answers.slice(firstRefusal)
      assert.ok(
        afterwards.every(({ status }) => status === 401),
        'accepted after it had been refused',
      )
      for (const { status, code, retryAfter } of [...valid.answers, ...revoked.answers]) {
        if (status !== 503) continue
        assert.equal(code, 'revocations_unknown')
        assert.equal(retryAfter, '1')
      }
      assert.ok(
        valid.answers.every(({ status }) => status === 200 || status === 503),
        'the valid token is let in, or asked to come again',
      )
      assert.equal(last(valid.answers).status, 200)
    },
  }
}

async function scripted(): Promise<Awaited<ReturnType<typeof startScriptedStream>>> {
  const stream = await startScriptedStream()
  closing.push(() => stream.close())
  return stream
}

function end(stream: ScriptedStream): number {
  const revokedAt = performance.now()
  stream.revoke([{ by: 'session', value: 'ends' }])
  return revokedAt
}

describe('no revoked token is let in for longer than a second, and every other one again after that, when', {
  timeout: 120_000,
}, () => {
  const faults: [
    title: string,
    begin: (stream: ScriptedStream) => void,
    end: (stream: ScriptedStream) => void,
  ][] = [
    [
      'the stream is cut and does not come back for a while',
      (stream) => {
        stream.faults.refusedWith = 503
        stream.cut()
      },
      (stream) => {
        stream.faults.refusedWith = undefined
      },
    ],
    [
      'nothing comes on the stream any more',
      (stream) => {
        stream.faults.silent = true
      },
      (stream) => {
        stream.faults.silent = false
      },
    ],
    [
      'the stream is slow',
      (stream) => {
        stream.faults.lateMs = 2_500
      },
      (stream) => {
        stream.faults.lateMs = 0
      },
    ],
    [
      'the stream is lively and withholds the rule, also from whoever connects anew',
      (stream) => {
        stream.faults.losing = true
        stream.faults.lateMs = 1_500
      },
      (stream) => {
        stream.faults.losing = false
        stream.faults.lateMs = 0
      },
    ],
    [
      'acknowledgements hang',
      (stream) => {
        stream.faults.acknowledgements = 'hanging'
      },
      (stream) => {
        stream.faults.acknowledgements = 'answered'
      },
    ],
  ]
  for (const [title, begin, finish] of faults) {
    test(`${title} (ASVS 16.5.3)`, async () => {
      const stream = await scripted()
      const place = await underWay(stream)
      begin(stream)
      const revokedAt = end(stream)
      await place.isRefusing()
      assert.ok(performance.now() - revokedAt < 10_000, 'it goes blind in good time')
      finish(stream)
      await place.isOpen()
      await place.stopAndJudge(revokedAt)
    })
  }

  for (const fault of ['duplicating', 'reordering'] as const) {
    test(`the stream is ${fault}`, async () => {
      const stream = await scripted()
      const place = await underWay(stream)
      stream.faults[fault] = true
      const revokedAt = end(stream)
      // The second of two, which comes first.
      stream.revoke([{ by: 'session', value: 'another' }])
      await until(() => place.revoked.at(-1)?.status === 401, 'it is refused')
      stream.faults[fault] = false
      await place.isOpen()
      await place.stopAndJudge(revokedAt)
    })
  }

  test('another history begins, as of a database from a backup', async () => {
    const stream = await scripted()
    for (const value of ['1', '2', '3', '4']) stream.revoke([{ by: 'session', value }])
    const place = await underWay(stream)
    stream.startNewHistory()
    const revokedAt = end(stream)
    await until(() => place.revoked.at(-1)?.status === 401, 'it is refused')
    await place.isOpen()
    await place.stopAndJudge(revokedAt)
  })
})

describe('no revoked token is let in for longer than a second when the process of the stream', {
  timeout: 120_000,
}, () => {
  async function startProcess(start: { history?: History; port?: number } = {}) {
    const file = fileURLToPath(new URL('./stream-process.ts', import.meta.url))
    const child: ChildProcess = fork(file, [JSON.stringify(start)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    closing.push(() => void child.kill('SIGKILL'))
    const told = async () => {
      const [message] = (await once(child, 'message')) as [{ origin: string; history: History }]
      return message
    }
    const { origin } = await told()
    return {
      child,
      origin,
      async revoke(sid: string): Promise<History> {
        child.send(sid)
        return (await told()).history
      },
    }
  }

  test('hangs (SIGSTOP) and comes back (SIGCONT), with a revocation of before that did not get through', async () => {
    const stream = await startProcess()
    const place = await underWay(stream)
    stream.child.kill('SIGSTOP')
    const stoppedAt = performance.now()
    // Sent to the stopped process: stored the moment it goes on.
    const revoking = stream.revoke('ends')
    await place.isRefusing()
    const { length } = place.valid
    await until(() => place.valid.length > length + 3, 'it stays blind')
    assert.ok(place.valid.slice(length).every(({ status }) => status === 503))
    const late = [...place.valid, ...place.revoked].filter(
      ({ startedAt, status }) => status === 200 && startedAt > stoppedAt + 1.5 * LONGEST_SILENCE_MS,
    )
    assert.deepEqual(late, [])
    const continuedAt = performance.now()
    stream.child.kill('SIGCONT')
    await revoking
    await place.isOpen()
    await place.stopAndJudge(continuedAt)
  })

  test('is killed right after it stored one, and comes back', async () => {
    const stream = await startProcess()
    const place = await underWay(stream)
    const revokedAt = performance.now()
    const history = await stream.revoke('ends')
    stream.child.kill('SIGKILL')
    await once(stream.child, 'exit')
    await place.isRefusing()
    await startProcess({ history, port: Number(new URL(stream.origin).port) })
    await place.isOpen()
    await place.stopAndJudge(revokedAt)
  })
})
